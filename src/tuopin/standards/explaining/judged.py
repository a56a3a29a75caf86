"""In which evaluations a household was judged: what its page begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuopin.core.standards import KINDS
from tuopin.register.models import Household
from tuopin.standards import waivers
from tuopin.standards.models import Evaluation, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Judged:
    """An evaluation with the letters that it gave the subject; empty = to be looked up. ``vouched``: its doubts that
    somebody vouched for, by item; None = to be looked up."""

    evaluation: Evaluation
    letters: str = ""
    vouched: Mapping[str, waivers.Vouched] | None = None


def judged_households(code: str) -> list[Judged]:
    """The evaluations in which the household with this code was judged, the newest first: one query.

    Says nothing to anybody: the caller checks the household's grants before showing any of it.
    """
    rows = (
        Verdict.objects.filter(subject_id__in=Household.objects.filter(code=code).values("id"))
        .filter(evaluation__level="household")
        .select_related("evaluation")
        .defer("evaluation__tally")
        .annotate(vouched=waivers.beside_verdicts("household"))
        .order_by("-evaluation_id")[:_SHOWN_EVALUATIONS]
    )
    return [
        Judged(row.evaluation, row.letters, waivers.of_standard(row.vouched, row.evaluation.standard)) for row in rows
    ]


_SHOWN_EVALUATIONS = 60  # of one household on its page; older ones stay in the database


def newest_judged(judged: list[Judged], number: int | None = None) -> list[Judged]:
    """The newest of each standard, or the evaluation with that number."""
    newest: dict[str, Judged] = {}
    for each in judged:
        if number is None or each.evaluation.pk == number:
            newest.setdefault(each.evaluation.standard, each)
    order = list(KINDS)
    return sorted(newest.values(), key=lambda each: (order.index(each.evaluation.kind), each.evaluation.standard))

"""The households granted to a reader one by one, as a helper's are: who they are, how they stand, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max

from tuopin.console.selectors import run_of
from tuopin.duties.visits.mine import of_households
from tuopin.platform.access import visible_ids
from tuopin.platform.auditing import readlog
from tuopin.register import record
from tuopin.register.codes import code_title
from tuopin.register.models import AreaVersion, Household, Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.standards.models import Evaluation, Verdict
from tuopin.standards.permissions import VIEW
from tuopin.standards.results import WORDS

if TYPE_CHECKING:
    from datetime import date

    from tuopin.console.selectors import ItemName, Run
    from tuopin.core.language.catalogue import Title
    from tuopin.duties.visits.mine import Standing
    from tuopin.platform.access import Actor

MOST = 500  # households of one reader on the page; nobody helps more


@dataclass(frozen=True, slots=True)
class Result:
    """One standard's verdict of a household, with the items that are not met and those that are unknown."""

    run: Run
    overall: str
    not_met: tuple[ItemName, ...]
    unknown: tuple[ItemName, ...]


@dataclass(frozen=True, slots=True)
class Mine:
    """A household of the reader's."""

    code: str
    name: str
    place: str
    status: Title | None
    results: tuple[Result, ...]
    visits: Standing


def households(actor: Actor, day: date) -> list[Mine]:
    """The reader's households, in a fixed number of queries however many there are; the reading is noted.

    First those whose visit is late or due, then those that do not meet a standard, then those of whom something is
    unknown, then the others by code.
    """
    ids = visible_ids(actor, VIEW_HOUSEHOLD, "household")
    if not ids:
        return []
    found = list(Household.objects.filter(pk__in=ids).order_by("code")[:MOST])
    keys = [each.pk for each in found]
    names, statuses, places = record.head_names(keys, day), record.registrations(keys, day), _places(keys)
    verdicts = _verdicts(keys, visible_ids(actor, VIEW, "household"))
    standing = of_households(actor, keys, day)
    readlog.read(actor, "console.my_households", {}, len(found))
    listed = [
        Mine(
            each.code,
            names.get(each.pk, ""),
            places.get(each.pk, ""),
            code_title("registration", statuses[each.pk]) if each.pk in statuses else None,
            tuple(verdicts.get(each.pk, ())),
            standing[each.pk],
        )
        for each in found
    ]
    return sorted(listed, key=_urgency)


def _urgency(mine: Mine) -> tuple[int, int, str]:
    order = ("not_met", "unknown", "met", "not_applicable")
    overall = min((order.index(each.overall) for each in mine.results), default=1)
    return mine.visits.rank, overall, mine.code


def _places(keys: list[int]) -> dict[int, str]:
    lived = list(Residence.objects.filter(household_id__in=keys, valid_to=None))
    areas = AreaVersion.objects.filter(area_id__in={each.area_id for each in lived}, valid_to=None)
    names = dict(areas.values_list("area_id", "name"))
    return {each.household_id: f"{names.get(each.area_id, '')} {each.group_name}".strip() for each in lived}


def _verdicts(keys: list[int], allowed: frozenset[int]) -> dict[int, list[Result]]:
    """The newest verdict of each household by each standard."""
    rows = Verdict.objects.filter(subject_id__in=[key for key in keys if key in allowed], evaluation__level="household")
    last = rows.values("subject_id", "evaluation__standard").annotate(last=Max("evaluation_id"))
    newest = {(row["subject_id"], row["last"]) for row in last}
    runs = {
        each.pk: run_of(each)
        for each in Evaluation.objects.filter(pk__in={number for _key, number in newest}).defer("tally")
    }
    found: dict[int, list[Result]] = {}
    for row in rows.filter(evaluation_id__in=runs):
        if (row.subject_id, row.evaluation_id) in newest:
            found.setdefault(row.subject_id, []).append(_result(runs[row.evaluation_id], row.letters))
    return found


def _result(run: Run, letters: str) -> Result:
    by_item = [(item, WORDS[letter]) for item, letter in zip(run.items, letters, strict=True)]
    return Result(
        run,
        by_item[0][1],
        tuple(item for item, verdict in by_item[1:] if verdict == "not_met"),
        tuple(item for item, verdict in by_item[1:] if verdict == "unknown"),
    )

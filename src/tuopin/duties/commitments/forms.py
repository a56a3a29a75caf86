"""Forms of commitments: from what was posted to drafts. Every field is text of any shape until it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.given import whole_number
from tuopin.platform.problems import Problem

from ..dates import day_of
from .measures import HUNDRED, measures
from .services import Draft, Target
from .wording import MOST

if TYPE_CHECKING:
    from datetime import date

    from django.http import QueryDict

    from tuopin.core.language.catalogue import Title

ROWS = 6
"""Targets that a form has room for."""
_DIGITS = 10


def plain(posted: QueryDict, name: str, most: int) -> str:
    """A field as text without NUL; longer than ``most`` stays too long, so that it is refused and not cut."""
    return posted.get(name, "").replace("\0", "").strip()[: most + 1]


def hundredths(text: str) -> int | None:
    """A number of up to two decimals, in hundredths; blank is None. Raises Problem."""
    given = text.strip().replace(",", "").replace("，", "").removesuffix("%").strip()
    if not given:
        return None
    whole, dot, rest = given.partition(".")
    good = whole.isascii() and whole.isdigit() and len(whole) <= _DIGITS
    if not good or (dot and not (rest.isascii() and rest.isdigit() and len(rest) <= 2)):
        raise Problem(
            "bad_number", "目标值请写数，最多两位小数。", "Write the value as a number, two decimals at most."
        )
    return int(whole) * HUNDRED + int(rest.ljust(2, "0") or 0)


def draft(
    posted: QueryDict, *, area_id: int | None, household_id: int | None, nodes: list[tuple[str, Title, date]],
    under: int | None, supersedes: int | None,
) -> Draft:  # fmt: skip
    """What the form says. Raises Problem."""
    due = day_of(posted.get("due", ""), "兑现日期", "the day it is due")
    targets = [
        found
        for at in range(ROWS)
        if (found := _target(posted, at, due, {key: (title, day) for key, title, day in nodes})) is not None
    ]
    return Draft(
        superior_id=_person(posted, "superior", "受状人", "to whom it is promised"),
        inferior_id=_person(posted, "inferior", "立状人", "who promises"),
        due=due, targets=tuple(targets), area_id=area_id, household_id=household_id,
        title=plain(posted, "title", 100), wording=posted.get("wording", "").replace("\0", "")[: MOST + 1], under=under,
        supersedes=supersedes, reason=plain(posted, "reason", 500),
    )  # fmt: skip


def _person(posted: QueryDict, name: str, zh: str, en: str) -> int:
    found = whole_number(posted.get(name, ""), 0)
    if not found:
        raise Problem("nobody_chosen", f"请选择{zh}。", f"Choose {en}.")
    return found


def _target(posted: QueryDict, at: int, due: date, nodes: dict[str, tuple[Title, date]]) -> Target | None:
    """A row of the form; None for one that is empty."""
    what = posted.get(f"what-{at}", "")[:130]
    day = posted.get(f"day-{at}", "").strip()
    words = plain(posted, f"words-{at}", 300)
    if not what:
        return None
    on = day_of(day, "目标日期", "the day of a target") if day else due
    if what == "words":
        return Target("words", on, words=words)
    kind, _, key = what.partition("|")
    if kind == "figure" and key in measures():
        at_most = posted.get(f"bound-{at}", "") or ("most" if measures()[key].at_most else "least")
        return Target("figure", on, key, at_most == "most", hundredths(posted.get(f"value-{at}", "")), words)
    if kind == "node" and key in nodes:
        title, node_day = nodes[key]
        return Target("node", min(node_day, due) if not day else on, key, words=title.zh[:300])
    raise Problem("unknown_key", "没有这种目标。", "There is no such kind of target.")


def typed(posted: QueryDict) -> list[dict[str, str]]:
    """The rows of targets as they were typed."""
    names = ("what", "bound", "value", "day", "words")
    return [{name: posted.get(f"{name}-{at}", "")[:310] for name in names} for at in range(ROWS)]

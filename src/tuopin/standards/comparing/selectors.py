"""Reading a comparison: for whom it was made, as long as the grants that it was made with hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from tuopin.platform import downloads, jobs
from tuopin.platform.access import require, subtree
from tuopin.platform.catalogue import catalogue
from tuopin.platform.models import Job
from tuopin.platform.problems import Missing, Refused
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day
from tuopin.standards import results, statements
from tuopin.standards.comparing import files
from tuopin.standards.comparing.disclosure import Disclosure
from tuopin.standards.comparing.services import JOB
from tuopin.standards.comparing.sides import Side
from tuopin.standards.permissions import VIEW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuopin.platform.access import Actor

OVERALL = "overall"
VERDICTS = {"m": "met", "n": "not_met", "u": "unknown", "a": "not_applicable", "x": "absent"}
"""Letters of a comparison: the verdicts, and “not judged on that side”."""
LETTERS = {word: letter for letter, word in VERDICTS.items()}

type Matrix = dict[tuple[str, str], int]
"""(from, to) as words → how many."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison as its reader may see it in one area."""

    number: int
    document: dict[str, Any]
    area: AreaVersion
    matrices: dict[str, Matrix]
    below: tuple[tuple[AreaVersion, Matrix], ...]
    shown: Disclosure
    linked: bool

    @property
    def level(self) -> str:
        return str(self.document["level"])

    @property
    def items(self) -> tuple[str, ...]:
        """``overall`` and the items that both sides have."""
        return (OVERALL, *self.document["items"])

    @property
    def whole(self) -> bool:
        """Whether the area is the one that was compared: measures are of that one alone."""
        return str(self.document["place"]["path"]) == self.area.path


def own(actor: Actor) -> list[Job]:
    """The actor's own comparisons of the last day, the newest first."""
    since = timezone.now() - downloads.KEPT
    return list(jobs.own(actor).filter(kind=JOB, created_at__gt=since)[:20])


def opened(actor: Actor, number: int) -> files.Comparison:
    """The file of a comparison. Raises Missing for another's, an unknown and an expired one, Refused where the grants
    that it was made with no longer hold."""
    row = jobs.of_user(actor, number) if 0 < number < 2**62 else None
    if row is None or row.kind != JOB or row.state != Job.State.DONE:
        raise _gone()
    if not downloads.holds(actor, row.payload["basis"]):
        raise Refused(
            "grants_changed",
            "作出这次比较之后，您的授权有变动，不能再查看。请重新比较。",
            "Your grants have changed since this comparison; it cannot be seen any more. Compare again.",
        )
    try:
        found = files.Comparison(files.path_of(row.pk))
    except FileNotFoundError:
        raise _gone() from None
    if any(found.document["asked"][name] != row.payload[name] for name in ("area", "a", "b")):
        found.close()  # of another job with this number: a backup was restored
        raise _gone()
    return found


def _gone() -> Missing:
    return Missing(
        "no_such_comparison",
        "没有这次比较，或者已经过期删除（保留一天）。请重新比较。",
        "There is no such comparison, or it has expired (they are kept for a day). Compare again.",
    )


def place_of_comparison(comparison: files.Comparison) -> AreaVersion:
    """The area that was compared, as it was on the day of B. Raises Missing if it is gone."""
    day = Side.read(comparison.document["asked"]["b"]).day
    found = AreaVersion.objects.filter(on_day(day), path=comparison.document["place"]["path"]).first()
    if found is None:
        raise _gone()
    return found


def compared(actor: Actor, number: int, area: AreaVersion | None = None, item: str = OVERALL) -> Compared:
    """A comparison in one area (default: all of it), with the areas below on one item. Raises Missing, Refused."""
    with opened(actor, number) as comparison:
        whole = place_of_comparison(comparison)
        day = Side.read(comparison.document["asked"]["b"]).day
        there = whole if area is None else _as_of(area, day)
        low, high = subtree(whole.path)
        if not low <= there.path < high or item not in (OVERALL, *comparison.document["items"]):
            raise _gone()
        require(actor, VIEW, area_path=there.path)
        children = list(AreaVersion.objects.filter(on_day(day), parent_id=there.area_id).order_by("code"))
        matrices = {key: _words(found) for key, found in comparison.matrix(there.path).items()}
        found = comparison.below([each.path for each in children], item)
        linked = results.may_view(actor, there, str(comparison.document["level"]))
        is_open = linked or comparison.document["level"] != "household"
        below = tuple((each, _words(found[each.path])) for each in children if each.path in found)
        return Compared(number, comparison.document, there, matrices, below, Disclosure(is_open), linked)


def _as_of(area: AreaVersion, day: Any) -> AreaVersion:
    return AreaVersion.objects.filter(on_day(day), area_id=area.area_id).first() or area


def _words(found: dict[tuple[str, str], int]) -> Matrix:
    return {(VERDICTS[was], VERDICTS[becomes]): number for (was, becomes), number in found.items()}


def changed(actor: Actor, number: int, area: AreaVersion, item: str, was: str, becomes: str) -> list[int]:
    """Ids of the subjects in an area whose verdict on an item changes; ``was`` and ``becomes`` (words) empty = any.

    The caller shows them through a list that applies the grants, and notes the reading. Raises Missing, Refused.
    """
    with opened(actor, number) as comparison:
        keys = (OVERALL, *comparison.document["items"])
        there = _as_of(area, Side.read(comparison.document["asked"]["b"]).day)
        if item not in keys or not {was, becomes} <= {"", *LETTERS} or not _covers(comparison, there):
            raise _gone()
        if not results.may_view(actor, there, str(comparison.document["level"])):
            raise _gone()
        low, high = subtree(there.path)
        letters = LETTERS.get(was, ""), LETTERS.get(becomes, "")
        return list(comparison.subjects(low, high, keys.index(item), *letters))


def letters(
    actor: Actor, number: int, area: AreaVersion, numbers: Iterable[int], item: str
) -> dict[int, tuple[str, str]]:
    """id → (from, to) as words on an item, of subjects that change. Raises as :func:`changed`."""
    with opened(actor, number) as comparison:
        at = (OVERALL, *comparison.document["items"]).index(item)
        there = _as_of(area, Side.read(comparison.document["asked"]["b"]).day)
        low, high = subtree(there.path)
        found = comparison.letters(low, high, numbers)
        return {each: (VERDICTS[was[at]], VERDICTS[becomes[at]]) for each, (was, becomes) in found.items()}


def _covers(comparison: files.Comparison, area: AreaVersion) -> bool:
    low, high = subtree(str(comparison.document["place"]["path"]))
    return low <= area.path < high


def codes(document: dict[str, Any], numbers: list[int]) -> dict[int, str]:
    """id → code of subjects of a comparison, whose ids the caller may see."""
    day = Side.read(document["asked"]["b"]).day
    published = catalogue()
    level = published.level(str(document["level"]))
    found: dict[int, str] = {}
    for at in range(0, len(numbers), _AT_ONCE):
        some = statements.Choice(level.name, tuple(numbers[at : at + _AT_ONCE]))
        with connection.cursor() as cursor:
            cursor.execute(statements.codes(published, level, day, some))
            found |= dict(cursor.fetchall())
    return found


_AT_ONCE = 5_000

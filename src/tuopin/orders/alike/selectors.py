"""Reading like for like: a matter's questions, whom they are put to, what waits for an answer. Inside the grants; of a
condition on closed classes, only where these are open to the reader: not its text, not how many it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.utils import timezone

from tuopin.duties.lasting import lasting_area_ids, lasting_household_ids
from tuopin.duties.models import OrganisationVersion
from tuopin.platform.access import grants_of, page_memo, visible_paths
from tuopin.platform.problems import Missing
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaMap
from tuopin.register.models.area_events import STANDING
from tuopin.register.permissions import VIEW_HOUSEHOLD

from .. import reach, words
from ..board import inbox
from ..models import AlikeQuestion, AlikeSubject, Matter
from ..permissions import HANDLE, VIEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

LEFT, CONFIRMED, EXCLUDED, ANSWERED = "", "confirmed", "excluded", "answered"
SHOWN = 100
"""Questions of a matter that are shown: its own, and those of what was merged into it."""
_MERGERS = 3
"""Mergers one after the other through which a question follows an area."""
_MERGED = AreaMap.objects.filter(STANDING, ended=True, kind=AreaMap.Kind.MERGED)
OVER = ("withdrawn", "merged")
"""States of a matter in which nobody waits for answers to its questions any more."""
GROUPS = ("left", "unknown", "confirmed", "excluded", "answered")
"""How subjects are told apart: those found that nobody answered, those of whom the condition cannot tell, answers."""


def missing() -> Missing:
    """What is said of a question that is not there, or not for this reader."""
    return Missing("no_such_question", "没有找到这条举一反三。", "There is no such question.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a reader sees it. ``closed``: it rests on classes that are nowhere open to the reader, or asks for
    what a petition said (:func:`hides`), so that its text and counts are not told. ``counts`` by group of
    :data:`GROUPS`, of the subjects that the reader sees."""

    row: AlikeQuestion
    closed: bool
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        return self.counts["left"] + self.counts["unknown"]


def in_group(group: str) -> Q:
    """The subjects of a group of :data:`GROUPS`."""
    if group in {"left", "unknown"}:
        return Q(answer=LEFT, unknown=group == "unknown")
    return Q(answer=group)


def of_matter(actor: Actor, matter: Matter) -> list[Asked]:
    """The questions of a matter that the reader sees, the newest first. A fixed number of statements for all of them,
    but for those on different classes."""
    rows = list(AlikeQuestion.objects.filter(matter=matter).select_related("area").order_by("-pk")[:SHOWN])
    for row in rows:
        row.matter = matter
    return _asked(actor, rows, sees=True)


def asked(actor: Actor, row: AlikeQuestion) -> Asked:
    """A question with its counts."""
    [found] = _asked(actor, [row], sees=actor.unrestricted or sees_matter(actor, row))
    return found


def _asked(actor: Actor, rows: Sequence[AlikeQuestion], *, sees: bool) -> list[Asked]:
    alike: dict[tuple[str, ...], list[AlikeQuestion]] = {}
    for row in rows:
        if _open(actor, row):
            alike.setdefault((row.kind, *row.classes), []).append(row)
    seen = Q(pk__in=[])
    for some in alike.values():  # those on the same classes show the same reader the same subjects
        seen |= Q(question__in=[row.pk for row in some]) & _seen(actor, some[0], sees=sees)
    counted: dict[str, Any] = {f"n_{group}": Count("pk", filter=in_group(group)) for group in GROUPS}
    counts = AlikeSubject.objects.filter(seen).order_by().values("question_id").annotate(**counted)
    rows_of = counts.values_list("question_id", *counted) if alike else ()
    told = {number: dict(zip(GROUPS, some_counts, strict=True)) for number, *some_counts in rows_of}
    opened = {row.pk for some in alike.values() for row in some}
    return [Asked(row, row.pk not in opened, told.get(row.pk, dict.fromkeys(GROUPS, 0))) for row in rows]


def question(actor: Actor, number: int) -> AlikeQuestion:
    """One question: of a matter that the reader sees, or one that was put to the reader. Raises Missing."""
    row = AlikeQuestion.objects.select_related("matter").filter(pk=number).first() if number < 2**63 else None
    if row is None:
        raise missing()
    if not sees_matter(actor, row) and not mine(actor).filter(question=row).exists():
        raise missing()
    words.cover(actor, [row.matter])
    return row


def sees_matter(actor: Actor, row: AlikeQuestion) -> bool:
    """Whether the reader sees the matter, and not only what was put to the reader. Asked once a page."""
    memo, key = page_memo(), f"orders.alike.{actor.user_id}.{row.matter_id}"
    if key not in memo:
        memo[key] = Matter.objects.filter(reach.work(actor), pk=row.matter_id).exists()
    return bool(memo[key])


def subjects(actor: Actor, row: AlikeQuestion) -> QuerySet[AlikeSubject]:
    """Those of a question that the reader sees: households and areas found by a condition where its classes are open;
    areas and organisations asked, by the grants over where they lie, and by the own ones."""
    sees = actor.unrestricted or (row.kind == AlikeQuestion.Kind.WORDS and sees_matter(actor, row))
    return AlikeSubject.objects.filter(_seen(actor, row, sees=sees), question=row)


def _seen(actor: Actor, row: AlikeQuestion, *, sees: bool) -> Q:
    """The subjects of a question; ``sees``: the reader sees its matter, and not only what was put to the reader. Who
    sees the matter of a level above does not see by it what organisations of other counties answered."""
    if actor.unrestricted:
        return Q()
    if hides(actor, row):
        return Q(pk__in=[])
    if row.kind == AlikeQuestion.Kind.QUERY:
        return _found_in(_ranges(actor, row))
    ranges = visible_paths(actor, VIEW) if sees else []
    if ranges is None:
        return Q()
    around = lasting_area_ids(ranges)
    units = OrganisationVersion.objects.filter(area_id__in=around).values("organisation_id")
    return Q(area_id__in=around) | Q(unit_id__in=units) | _own(actor) if ranges else _own(actor)


def mine(actor: Actor) -> QuerySet[AlikeSubject]:
    """Questions in words put to the reader: to the very areas granted, to the organisations one handles for."""
    rows = AlikeSubject.objects.filter(question__kind=AlikeQuestion.Kind.WORDS)
    return rows if actor.unrestricted else rows.filter(_own(actor))


def waiting(actor: Actor) -> QuerySet[AlikeSubject]:
    """Those of :func:`mine` that wait for an answer, by the last day first."""
    found = mine(actor).filter(unanswered()).select_related("question")
    return found.order_by("question__until", "pk")


def unanswered() -> Q:
    """Of subjects, those whose answer is still waited for."""
    return Q(answer=LEFT, question__ended_at=None) & ~Q(question__matter__state__in=OVER)


def over(row: AlikeQuestion) -> bool:
    """Whether a question takes no more answers: it was ended, or its matter was withdrawn or merged."""
    return row.ended_at is not None or row.matter.state in OVER


def _own(actor: Actor) -> Q:
    """What is put to the reader, or to an area that became part of one granted; the offices are read once a page."""
    areas = {each.scope_id for each in grants_of(actor, HANDLE) if each.scope_kind == "area" and each.scope_id}
    memo, key = page_memo(), f"orders.alike.offices.{actor.user_id}"
    if key not in memo:
        memo[key] = sorted(inbox.handled_offices(actor))
    found = Q(unit_id__in=memo[key])
    if not areas:
        return found
    found |= Q(area_id__in=sorted(areas))
    merged: Any = listed(areas)
    for _step in range(_MERGERS):
        merged = _MERGED.filter(successor_id__in=merged).values("area_id")
        found |= Q(area_id__in=merged)
    return found


def _ranges(actor: Actor, row: AlikeQuestion) -> list[tuple[str, str]] | None:
    return visible_paths(actor, VIEW_HOUSEHOLD, frozenset(row.classes))


def hides(actor: Actor, row: AlikeQuestion) -> bool:
    """Whether a question of what came from a petition is not for a reader: of all who see the matter, those read it who
    may act upon that, and who was asked. At most two statements, none where it came from elsewhere."""
    if not words.closed(actor, [row.matter]):
        return False
    memo, key = page_memo(), f"orders.alike.put.{actor.user_id}.{row.matter_id}"
    if key not in memo:
        put = mine(actor).filter(question__matter=row.matter_id)
        memo[key] = frozenset(put.values_list("question_id", flat=True))
    return row.pk not in memo[key]


def _open(actor: Actor, row: AlikeQuestion) -> bool:
    if hides(actor, row):
        return False
    if row.kind != AlikeQuestion.Kind.QUERY or actor.unrestricted:
        return True
    ranges = _ranges(actor, row)
    return ranges is None or bool(ranges)


def _found_in(ranges: list[tuple[str, str]] | None) -> Q:
    if ranges is None:
        return Q()
    if not ranges:
        return Q(pk__in=[])
    return Q(household_id__in=lasting_household_ids(ranges)) | Q(area_id__in=lasting_area_ids(ranges))


def overdue(row: AlikeQuestion) -> bool:
    """Whether the last day to answer has passed."""
    return row.until is not None and row.until < timezone.localdate()


def page(rows: QuerySet[AlikeSubject], after: int, most: int) -> Sequence[AlikeSubject]:
    """The next rows behind a number, one more than fit."""
    return list(rows.filter(pk__gt=after).select_related("household", "opened").order_by("pk")[: most + 1])

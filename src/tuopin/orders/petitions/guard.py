"""What every act upon petitions must keep, whoever acts: never to whom it is about, a review to a unit above, no
limit beyond the legal one, and nothing of the petitioner in words that others read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.core.calendar import Limit
from tuopin.duties.models import Term
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed

from .. import limits, reach
from ..clock.chain import Chains
from ..kinds import petition_days
from ..models import Matter, MatterEvent, MatterText
from . import audience, sealed
from .models import Petition, Petitioner, PetitionLetter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

    from ..changes import Given

_REVIEWS = frozenset({"review", "second_review", "reassign_review"})
"""Acts after which a unit above has its review."""
WAITS = {"answer": "answered", "answer_review": "reviewed"}
"""Acts that answer, and the letter that bears the answer."""
_CAPPED = frozenset({"return", "reassign", "report_up", "stop", "resume"})
"""Acts that move the limit otherwise than by the one extension."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is read once for all petitions of an act. ``against``: organisations complained about, and where the
    official complained about is in office."""

    petitions: Mapping[int, Petition]
    against: Mapping[int, frozenset[int]]


def after(
    actor: Actor, act: str, matters: Sequence[Matter], data: Sequence[dict[str, Any]], given: Given, now: datetime
) -> None:
    """Called when an act has changed its rows, before they are written. Raises Problem; a limit is brought back to the
    last legal day. A number of statements that does not grow; none for other matters."""
    rows = [(row, each) for row, each in zip(matters, data, strict=True) if row.kind == Matter.Kind.PETITION]
    if not rows:
        return
    every = [row for row, _each in rows]
    found = Petition.objects.in_bulk([row.pk for row in every])
    names = [each.name for each in given.papers] if given.hand_on else []
    if given.note.strip() or given.reference.strip() or names:
        _silent(actor, every, "\n".join([given.note, given.reference, *names]))
    if act in reach.HANDLED:
        _not_withheld(found.values())
    if act == "accept":
        _worded(every, found)
    if act == "void":  # a call that was none is none tomorrow either: only a list taken back whole comes again
        Petition.objects.filter(pk__in=listed(found), batch=None).update(key="")
    if act in audience.GIVES:
        kept = _Kept(found, against(found.values(), timezone.localdate(now)))
        _not_to_them(act, rows, kept, timezone.localdate(now))
        asked = Petition.objects.filter(pk__in=listed(found)).exclude(reassign_at=None)
        asked.update(reassign_at=None, withheld=False)
    _in_time(act, rows, found, now)
    if act in WAITS:
        sent = set(underway(found, WAITS[act]).values_list("petition_id", flat=True))
        for row, _each in rows:
            row.next_at = None if row.pk in sent else row.next_at
    if act == "extend":
        _noticed(rows, found)


def against(petitions: Collection[Petition], day: date) -> dict[int, frozenset[int]]:
    """The organisations that must not have a petition, by its number: those complained about, and those in which the
    official complained about is in office."""
    people = {each.about_official_id for each in petitions if each.about_official_id is not None}
    offices: dict[int, set[int]] = {}
    if people:
        terms = Term.objects.filter(official_id__in=listed(people), valid_from__lte=day)
        for official, organisation, end in terms.values_list("official_id", "post__organisation_id", "valid_to"):
            if end is None or end > day:
                offices.setdefault(official, set()).add(organisation)
    return {
        each.pk: frozenset(
            offices.get(each.about_official_id or 0, set())
            | ({each.about_organisation_id} if each.about_organisation_id is not None else set())
        )
        for each in petitions
    }


def tied(petitions: Collection[Petition], day: date) -> set[int]:
    """Those whose holder is, or stands below, whom they are about, or where the official whom they are about is in
    office by now. The petitions were read with their matters; a number of statements that does not grow."""
    offices, chains = against(petitions, day), Chains(day)
    holders = {each.matter.holder_id for each in petitions if offices[each.pk]}
    chains.know((one for one in holders if one is not None), heads=False)
    above: dict[int, frozenset[int]] = {
        one: frozenset({one, *(link.office.id for link in chains.above(one))}) for one in holders if one is not None
    }
    return {
        each.pk
        for each in petitions
        if above.get(each.matter.holder_id or 0, frozenset()) & offices[each.pk]
        or (each.about_official_id is not None and each.matter.official_id == each.about_official_id)
    }


def _not_withheld(petitions: Collection[Petition]) -> None:
    for each in petitions:
        if each.withheld:
            raise Problem(
                "to_reassign", "承办单位与被反映的单位（人）有关，请先改派，再由新的承办单位办理。",
                "Its holder has to do with whom it is about: give it to somebody else first.", matter=each.pk,
            )  # fmt: skip


def _not_to_them(act: str, rows: Sequence[tuple[Matter, dict[str, Any]]], kept: _Kept, day: date) -> None:
    chains = Chains(day)
    answered = _answered(act, rows) if act in _REVIEWS else {}
    holders = {row.holder_id for row, _each in rows if row.holder_id}
    chains.know(holders.union(*answered.values()))
    for row, _each in rows:
        above = {link.office.id for link in chains.above(row.holder_id or 0)}
        petition = kept.petitions.get(row.pk)
        if {row.holder_id, *above} & kept.against.get(row.pk, frozenset()):
            raise Problem(
                "complained_about",
                "不能交给被反映的单位（人）或其下属单位办理，请选择其上级或无隶属关系的单位。",
                "Neither whom it complains about nor anything below may hold it: choose a unit above, or another one.",
                matter=row.pk,
            )
        if petition is not None and row.official_id is not None and row.official_id == petition.about_official_id:
            raise Problem(
                "complained_about", "被反映的人不能作为责任人。", "Who is complained about cannot be responsible.",
                matter=row.pk,
            )  # fmt: skip
        if act in _REVIEWS:
            if row.holder_id in answered[row.pk]:
                raise Problem(
                    "answered_before", "复查、复核不能交给已经作过答复的单位。",
                    "A review does not go to a unit that has answered already.", matter=row.pk,
                )  # fmt: skip
            former = answered[row.pk][-1] if answered[row.pk] else 0
            if row.holder_id not in {link.office.id for link in chains.above(former)}:
                raise Problem(
                    "not_above", "复查、复核应由原办理（复查）单位的上一级单位办理。",
                    "A review is for a unit above the one that answered.", matter=row.pk,
                )  # fmt: skip


def _answered(act: str, rows: Sequence[tuple[Matter, dict[str, Any]]]) -> dict[int, list[int]]:
    """The organisations that have answered petitions, the first one first: who held each when a review was asked for.
    Who had a review and gave it away has answered nothing."""
    found: dict[int, list[int]] = {row.pk: [] for row, _each in rows}
    asked = MatterEvent.objects.filter(matter_id__in=listed(found), act__in=("review", "second_review"))
    said = list(asked.order_by("pk").values_list("matter_id", "data"))
    if act != "reassign_review":  # this one is not written yet
        said += [(row.pk, each) for row, each in rows]
    for number, data in said:
        former = (data.get("before") or {}).get("holder")
        if former is not None:
            found[number].append(former)
    return found


def underway(petition_ids: Collection[int], kind: str) -> QuerySet[PetitionLetter]:
    """Answers that were sent and are not known to have arrived: the days to ask for a review do not run before, and no
    clock ends the petition meanwhile."""
    return PetitionLetter.objects.filter(
        petition_id__in=listed(petition_ids), kind=kind, received_on=None, withdrawn_at=None
    )


def _worded(rows: Sequence[Matter], found: Mapping[int, Petition]) -> None:
    """Nothing goes to a holder before the office has written what it reads, and knows whom it is about."""
    texts = MatterText.objects.filter(pk__in=listed(found), text="").values_list("pk", flat=True)
    for number in texts:
        raise Problem(
            "no_paraphrase", "还没有写转述。请先在信访件页面写好转述，再受理。",
            "The paraphrase is not written yet: write it on the page of the petition, then accept it.", matter=number,
        )  # fmt: skip
    for row in rows:
        if row.pk in found and found[row.pk].about_open:
            raise Problem(
                "about_open", "来件写了被反映的单位或人，登记时没有找到。请先在信访件页面写明是谁（或确认都不是）。",
                "It names whom it is about, and nobody was found: say on the page of the petition who it is, or that it"
                " is nobody of the register, then accept it.", matter=row.pk,
            )  # fmt: skip


def _noticed(rows: Sequence[tuple[Matter, dict[str, Any]]], found: Mapping[int, Petition]) -> None:
    """More time is given after the petitioner was told in writing, and until that day at most."""
    letters = PetitionLetter.objects.filter(petition_id__in=listed(found), kind="extended", withdrawn_at=None)
    told = dict(letters.order_by("until").values_list("petition_id", "until"))
    for row, _each in rows:
        until = told.get(row.pk)
        if row.pk in found and row.limit_at is not None and (until is None or limits.day_of(row.limit_at) > until):
            raise Problem(
                "no_notice", "延期前应书面告知来访人：请先在信访件页面印发延期告知书，延期不能晚于告知书写明的日期。",
                "The petitioner is told in writing before: issue the notice on the page of the petition; no later day"
                " than it names can be given.", matter=row.pk,
            )  # fmt: skip


def _in_time(
    act: str, rows: Sequence[tuple[Matter, dict[str, Any]]], found: Mapping[int, Petition], now: datetime
) -> None:
    changed = []
    longest = timedelta(days=petition_days().extension)
    for row, each in rows:
        petition = found.get(row.pk)
        if petition is None or row.limit_at is None:
            continue
        if act == "accept":
            petition.finish_by = limits.day_of(limits.usual(row.urgency, now).at)
            changed.append(petition)
        elif petition.finish_by is None:
            continue
        elif act in {"extend", "ask_extension"}:
            end = row.limit_at if act == "extend" else row.asked_until
            _once(row, end, petition.finish_by + longest, asked=act == "ask_extension")
            if act == "extend":
                petition.finish_by = max(petition.finish_by, limits.day_of(row.limit_at))
                changed.append(petition)
        elif act in _CAPPED and limits.day_of(row.limit_at) > petition.finish_by:
            row.limit_at = Limit(petition.finish_by).ends(timezone.get_current_timezone())
            row.provisional = False
            row.next_at = limits.look_again(row, now)
            each["limit"] = row.limit_at.isoformat()
    if changed:
        Petition.objects.bulk_update(changed, ["finish_by"], batch_size=500)


def _once(row: Matter, end: datetime | None, latest: date, *, asked: bool) -> None:
    if row.extensions > (0 if asked else 1):
        raise Problem(
            "extended_once", "信访件只能延期一次。", "A petition is extended once, and was already.", matter=row.pk
        )
    if end is not None and limits.day_of(end) > latest:
        raise Problem(
            "extension_long", f"信访件延期最多 {petition_days().extension} 日，最晚到 {latest}。",
            f"A petition is extended by {petition_days().extension} days at most: until {latest}.",
            latest=latest.isoformat(),
        )  # fmt: skip


def _silent(actor: Actor, rows: Sequence[Matter], note: str) -> None:
    """What the petition office writes must not say who came. What others write is not compared: a refusal would tell
    whoever guesses names."""
    hands = reach.hands(actor, rows)
    mine = [row.pk for row in rows if "office" in hands[row.pk]]
    for kept in Petitioner.objects.filter(pk__in=listed(mine)):
        tell(sealed.repeated(sealed.unsealed(kept), note))


def erased() -> Problem:
    """What is said where who came was erased."""
    return Problem(
        "petitioner_erased", "保存期已满，来访人信息已清除。", "The time to keep it is over: who came was erased."
    )


def tell(repeated: set[str]) -> None:
    """Raise Problem for words that say who came."""
    if repeated:
        raise Problem(
            "names_petitioner",
            "承办单位会看到这段文字，其中有来访人的姓名、电话、证件号码或住址，请改写。",
            "The holder reads these words, and they bear the petitioner’s name, telephone, ID number or address:"
            " write them anew.",
        )

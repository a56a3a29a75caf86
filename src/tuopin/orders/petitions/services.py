"""Taking petitions in. All that follows is an act of the table (``orders/services.py``)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.core import matters as core
from tuopin.core.calendar import Limit
from tuopin.core.language.catalogue import Title
from tuopin.duties.assigning import targets
from tuopin.duties.models import Official
from tuopin.platform import database, sealing
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem
from tuopin.register.models import Household

from .. import limits, reach, selectors
from ..kinds import petition_days
from ..kinds import require as require_keys
from ..models import Matter
from ..permissions import PETITIONS
from ..services import Draft, draft, missing
from . import guard, sealed
from .models import Petition, Petitioner
from .sealed import Who

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tuopin.platform.access import Actor

    from .models import PetitionList

CHANNELS = {
    "visit": Title("来访", "visit"),
    "letter": Title("来信", "letter"),
    "phone": Title("来电", "telephone"),
    "hotline": Title("热线", "hotline"),
}
STATES = {
    **core.STATES,
    "draft": Title("待受理", "to be accepted"),
    "verified": Title("已核实，待答复", "verified, to be answered"),
    "withdrawn": Title("误登，已作废", "taken in by mistake"),
    "closed": Title("已答复，可申请复查", "answered; a review may be asked for"),
}
"""What the states of matters are called of petitions."""
OLDEST = 366
"""Days back that a petition may have come."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A petition as it is taken in. ``title`` and ``text`` are the paraphrase that a holder reads; ``household`` is a
    code, ``consent``: the person chose to have it named; ``sure``: that the petitioner's name stands in the paraphrase
    was seen, and means somebody or something else; ``repeats``: number of an earlier one; ``form``: what the form was
    given out with, so that the same one sent twice is one petition."""

    channel: str
    received_on: date
    area_id: int
    title: str
    text: str
    category: str = ""
    about_organisation_id: int | None = None
    about_official_id: int | None = None
    household: str = ""
    consent: bool = False
    repeats: int | None = None
    sure: bool = False
    form: str = ""
    who: Who = field(default_factory=Who)


@dataclass(frozen=True, slots=True)
class Coming:
    """A petition that may be stored. ``earlier``: the first of its affair; ``key``: see :class:`Petition`;
    ``about_open``: somebody is named whom nobody found."""

    given: Intake
    earlier: int | None = None
    key: str = ""
    about_open: bool = False


def take_in(actor: Actor, given: Intake, now: datetime) -> Matter:
    """Register one petition; its 15 days run from the day it came. The same form sent again is the same petition.
    Raises Refused, Missing, Problem."""
    _check(given, now)
    repeated(replace(given.who, household=given.household), given.title, given.text, sure=given.sure)
    about(actor, given, now)
    earlier = _earlier(actor, given.repeats) if given.repeats is not None else None
    # with what it says: a form gone back to, and filled in for the next one who came, is another petition
    key = sealing.fingerprint("orders.petition_form", f"{actor.user_id}:{given!r}") if given.form else ""
    try:
        with database.write():
            there = Petition.objects.filter(key=key).first() if key else None
            if there is None:
                return store(actor, [Coming(given, earlier, key)], now)[0]
    except IntegrityError:  # the same form, at the same moment
        there = Petition.objects.filter(key=key).first()
        if there is None:
            raise
    return selectors.matter(actor, there.pk)


def store(actor: Actor, coming: Sequence[Coming], now: datetime, batch: PetitionList | None = None) -> list[Matter]:
    """Write petitions that were checked, inside a transaction of the caller; a constant number of statements a 500."""
    drafts = [
        Draft("petition", each.title, each.area_id, "petition", "petition", each.category, text=each.text)
        for each in (one.given for one in coming)
    ]
    rows = draft(actor, drafts, now)
    for row, each in zip(rows, coming, strict=True):
        end = Limit(each.given.received_on + timedelta(days=petition_days().accept))
        row.limit_at = end.ends(timezone.get_current_timezone())
        row.next_at = limits.look_again(row, now)
    Matter.objects.bulk_update(rows, ["limit_at", "next_at"], batch_size=500)
    Petition.objects.bulk_create(
        (
            Petition(
                matter=row, channel=each.given.channel, received_on=each.given.received_on, repeats_id=each.earlier,
                about_organisation_id=each.given.about_organisation_id, about_official_id=each.given.about_official_id,
                about_open=each.about_open, key=each.key, batch=batch,
            )
            for row, each in zip(rows, coming, strict=True)
        ),
        batch_size=500,
    )  # fmt: skip
    Petitioner.objects.bulk_create(
        (
            Petitioner(petition_id=row.pk, sealed=sealed.seal(replace(each.given.who, household=each.given.household)))
            for row, each in zip(rows, coming, strict=True)
        ),
        batch_size=500,
    )
    return rows


@dataclass(frozen=True, slots=True)
class Wording:
    """What the office writes of a petition before it accepts it: the paraphrase, and whom it is about. ``nobody``: who
    is named in the sealed words is nobody of the register."""

    title: str
    text: str
    category: str = ""
    about_organisation_id: int | None = None
    about_official_id: int | None = None
    nobody: bool = False
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a petition is about, as it became known."""

    about_organisation_id: int | None = None
    about_official_id: int | None = None


def reword(actor: Actor, number: int, given: Wording, now: datetime, seen: int | None = None) -> Matter:
    """Write paraphrase and whom it is about anew, before anybody else has read them. Raises Missing, Problem."""
    with database.write():
        held = Matter.objects.select_for_update(of=("self",)).filter(reach.visible(actor), kind="petition", pk=number)
        row = held.select_related("text").first() if number < 2**63 else None
        if row is None or "office" not in reach.hands(actor, [row])[row.pk]:
            raise missing()
        if row.state != "draft" or (seen is not None and seen != row.version):
            raise Problem(
                "changed_meanwhile", "有人刚处理过这件信访，或已受理，不能再改转述。请刷新后再看。",
                "Somebody has just acted upon it, or it was accepted: the paraphrase stays. Reload the page.",
            )  # fmt: skip
        petition = Petition.objects.select_related("petitioner").get(pk=row.pk)
        _worded(row, given)
        who = sealed.unsealed(petition.petitioner)
        repeated(who, given.title, given.text, sure=given.sure)
        about(actor, given, now, petition)
        row.text.text = given.text.strip()
        row.text.save(update_fields=["text"])
        row.version, row.changed_at = row.version + 1, now
        row.save(update_fields=["title", "category", "version", "changed_at"])
        before = whom(petition)
        petition.about_organisation_id, petition.about_official_id = whom(given)
        petition.about_open = petition.about_open and not (given.nobody or _found(who, given))
        petition.save(update_fields=["about_organisation", "about_official", "about_open"])
        # that who is complained about was changed is kept, not who it is
        detail: dict[str, object] = {"version": row.version, "about_changed": before != whom(given)}
        audit.record(actor, "orders.reword_petition", f"matter:{row.pk}", detail)
    return row


def whom(given: Wording | Whom | Petition) -> tuple[int | None, int | None]:
    """The organisation and the official complained about."""
    return given.about_organisation_id, given.about_official_id


def _found(who: Who, given: Wording) -> bool:
    """Whether the office has said who is meant: of a call that names a person, the unit alone is not enough, the person
    may work elsewhere by now."""
    if sealed.NAMED in who.words:
        return given.about_official_id is not None
    return given.about_organisation_id is not None or given.about_official_id is not None


def _worded(row: Matter, given: Wording) -> None:
    row.title, row.category = given.title.strip(), given.category
    require_keys("petition", "petition", given.category, "petition")
    no_text(given.text)
    if not row.title or len(row.title) > 200 or not row.title.isprintable() or len(given.text) > 4000:
        raise Problem("no_title", "请用一行写明事项名称。", "Give the matter a title, on one line.")


def _check(given: Intake, now: datetime) -> None:
    sealed.check(replace(given.who, household=given.household))
    if given.channel not in CHANNELS:
        raise Problem("bad_channel", "请选择来访、来信、来电或热线。", "Choose how it came.")
    today = timezone.localdate(now)
    if not today - timedelta(days=OLDEST) <= given.received_on <= today:
        raise Problem("bad_received", "收到日期应在今天或之前一年内。", "It came today, or within the year before.")
    no_text(given.text)
    if given.household and not given.consent:
        raise Problem(
            "no_consent", "只有来访人本人同意，才能登记户编号。", "A household is named only if the person chooses so."
        )


def no_text(text: str) -> None:
    """Raise Problem for a paraphrase that says nothing, or cannot be kept."""
    if not text.strip() or "\0" in text:
        raise Problem(
            "no_text", "请写明转述内容：承办单位只看得到转述。", "Write the paraphrase: a holder reads nothing else."
        )


def repeated(who: Who, *texts: str, sure: bool = False) -> None:
    """Raise Problem for words to others that say who came; a name alone may mean somebody else (``sure``)."""
    found = sealed.repeated(who, *texts)
    guard.tell(found - {"name"})
    if "name" in found and not sure:
        raise Problem(
            "paraphrase_names",
            "转述里出现了来访人的姓名。请改写；如确指他人或他物，请勾选确认后再保存。",
            "The paraphrase bears the petitioner’s name. Write it anew; if it means somebody or something else, tick"
            " the box and save again.",
        )


def about(actor: Actor, given: Intake | Wording | Whom, now: datetime, before: Petition | None = None) -> None:
    """Raise Missing for whom or what a petition names outside the grants of its office. What stands already
    (``before``) may stay: a call may be about a unit of anywhere."""
    day = timezone.localdate(now)
    known = before.about_organisation_id if before is not None else None
    if given.about_organisation_id is not None and given.about_organisation_id != known:
        targets.reachable(actor, PETITIONS, "organisation", [given.about_organisation_id], day)
    if isinstance(given, Intake) and given.household:
        named = Household.objects.filter(code=given.household).values_list("pk", flat=True)
        targets.reachable(actor, PETITIONS, "household", list(named) or [0], day)
    official = given.about_official_id
    if official is not None and not Official.objects.filter(pk=official, merged_into=None).exists():
        raise Missing("no_such_official", "没有找到这名干部。", "There is no such official.")


def _earlier(actor: Actor, number: int) -> int:
    """The petition that one repeats, the first of its row."""
    found = Petition.objects.filter(pk=number, matter__in=selectors.matters(actor)).first() if number < 2**63 else None
    if found is None:
        raise missing()
    first: int = found.repeats_id or found.pk
    return first

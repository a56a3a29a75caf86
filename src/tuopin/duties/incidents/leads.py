"""What changes leads. Who may do what, from which state: ``flow.py``. Only people act here: no system, no token, no
command line opens, reads or decides a lead.

The audit log tells that something was done to a lead (a key that is no number), never whom it concerns, and never what
was said. What the person concerned does himself is recorded without his account: a digest stands for it, which he and
the officer can check while the lead lasts.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from django.db.models import Q
from django.utils import timezone

from tuopin.platform import sealing, working_days
from tuopin.platform.access import system
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.models import User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import ancestors

from ..models import Assignment, Lead, Official, OrganisationVersion, Term
from ..permissions import HOLD_LEAD
from ..selectors import officials
from . import flow, lead_incidents, lead_rules, rules
from .conflicts import conflict

if TYPE_CHECKING:
    from datetime import date

    from tuopin.platform.access import Actor

CONTENT, PRIVATE = "lead", "lead source"
TEXT = 4000


@dataclass(frozen=True, slots=True)
class Wanted:
    """A lead to open. ``told_by``: who told, for the officer alone. ``incident_id``: where it comes from one."""

    official_id: int
    source: str
    grounds: str
    document: str
    told_by: str = ""
    incident_id: int | None = None


def open_lead(actor: Actor, wanted: Wanted) -> str:
    """Open a lead; the actor is its one officer. Returns its key.

    Raises Refused for who is no person with the right, Missing for an official outside the grants, Problem for a
    source that opens none and for a conflict of interest.
    """
    officer = lead_rules.person(actor, HOLD_LEAD)
    rules.one("leads", "source", wanted.source)
    grounds, document = _text(wanted.grounds, TEXT), _text(wanted.document, 200)
    told_by = _text(wanted.told_by, TEXT)
    if not grounds or not document:
        raise Problem("no_grounds", "请写依据和来源文件。", "Give the grounds and the document.")
    today = timezone.localdate()
    who = officials(actor, HOLD_LEAD).filter(pk=wanted.official_id).first()
    if who is None:
        raise Missing("no_such_official", "没有找到这名干部，或不在您的管辖范围内。", "There is no such official.")
    if conflict(officer, who.pk, today):
        raise _conflict()
    incident = lead_incidents.incident_of(actor, wanted)
    mitigating = lead_incidents.mitigating(incident.pk, who.pk) if incident is not None else []
    if incident is not None and wanted.source == "incident":
        lead_incidents.not_by_incident_alone(incident, mitigating, today)
    content = {
        "source": wanted.source, "document": document, "grounds": grounds,
        "mitigating": mitigating, "replies": [], "stops": [],
        "history": [["open", today.isoformat()]],
    }  # fmt: skip
    with write():
        who = Official.objects.select_for_update().get(pk=who.pk)  # a button pressed twice: one comes after the other
        if _opened_already(officer, who.pk, today, wanted.source, grounds):
            raise Problem("opened_already", "今天已经立了同样的线索。", "The same lead was opened today.")
        row = Lead(
            key=secrets.token_hex(16), official=who, incident=incident, city_id=_city(who), officer_id=officer,
            opened_on=today, salt=secrets.token_hex(16), private=_seal(PRIVATE, {"told_by": told_by}),
        )  # fmt: skip
        _keep(row, content)
        audit.record(actor, "duties.open_lead", f"lead:{row.key}", {})
    return row.key


def see(actor: Actor, key: str) -> None:
    """The person concerned opens what he is asked: from today he is told, and the clock runs."""
    with write():
        row, content = _enter(actor, key, "see", "concerned")
        _tell(row, content, timezone.localdate(), "account")
        content["history"].append(["see", timezone.localdate().isoformat()])
        _keep(row, content)
        audit.record(system(), "duties.see_lead", f"lead:{row.key}", {})


def tell(actor: Actor, key: str, *, day: date, proof: str) -> None:
    """The person was told on paper: the clock runs from that day."""
    with write():
        row, content = _enter(actor, key, "tell", "officer")
        proof = _text(proof, 200)
        if not row.opened_on <= day <= timezone.localdate() or not proof:
            raise Problem(
                "bad_date", "请写送达日期（不晚于今天）和凭据。", "Give the day (not later than today) and proof."
            )
        _tell(row, content, day, proof)
        if row.limit is not None and row.limit < timezone.localdate():  # late paperwork costs nobody his reply
            raise Problem(
                "told_too_long_ago",
                "按这个送达日期，答复期已经过了。请重新告知本人，写新的送达日期。",
                "By that day the time to reply would be over already: tell the person again, and give the new day.",
            )
        _done(actor, row, content, "tell")


def reply(actor: Actor, key: str, text: str) -> None:
    """What the person concerned says. As often as wanted while the time to reply lasts; nothing shortens it."""
    with write():
        row, content = _enter(actor, key, "reply", "concerned")
        said = _reply(content, text)
        content["replies"].append({"at": timezone.now().isoformat(timespec="minutes"), "text": said})
        _keep(row, content)
        # the log must not say who it was: the digest stands for account and words, and proves nothing without the salt
        stands = hashlib.sha256(f"{row.salt}:{actor.user_id}:{said}".encode()).hexdigest()
        audit.record(system(), "duties.reply_to_lead", f"lead:{row.key}", {}, stands)


def record_reply(actor: Actor, key: str, text: str, *, document: str) -> None:
    """A reply that came on paper. Also once the time is over, until it is decided: it may have come in time and be
    typed in later."""
    with write():
        row, content = _enter(actor, key, "record_reply", "officer")
        said, document = _reply(content, text), _text(document, 200)
        if not document:
            raise Problem("no_document", "请写书面件的出处。", "Say where the paper is.")
        at = timezone.now().isoformat(timespec="minutes")
        content["replies"].append({"at": at, "text": said, "document": document})
        _done(actor, row, content, "record_reply")


def stop(actor: Actor, key: str, reason: str, *, first: date, last: date, document: str) -> None:
    """The clock stands still from ``first`` to ``last`` (both included): every stop has an end."""
    rules.one("leads", "stop", reason)
    with write():
        row, content = _enter(actor, key, "stop", "officer")
        document = _text(document, 200)
        told = row.told_on or row.opened_on
        if not told <= first <= last or (last - first).days > 366 or len(content["stops"]) >= 50 or not document:
            raise Problem(
                "bad_stop",
                "停表须写起止日期（告知之后、不超过一年）和依据。",
                "A stop needs its first and last day (after the person was told, at most a year) and a document.",
            )
        content["stops"].append([reason, first.isoformat(), last.isoformat(), document])
        _clock(row, content)
        _done(actor, row, content, "stop")


def hand_over(actor: Actor, key: str, username: str) -> None:
    """Another account becomes the one officer; who had it sees it no more. Raises Problem for a conflict."""
    with write():
        row, content = _enter(actor, key, "hand_over", "officer")
        to = User.objects.filter(username=username.strip()[:150], is_active=True).first()
        if to is None or not lead_rules.may_hold(to, row):
            raise Problem("not_an_officer", "这个账号不能承办这条线索。", "This account cannot keep this lead.")
        if row.official is not None and conflict(to.pk, row.official.pk, timezone.localdate()):
            raise Problem(
                "conflict_of_other",
                "对方与此人有利害关系，不能承办。请另选一名。",
                "That account has a conflict of interest: choose another.",
            )
        _kept_by(row, to.pk)
        _done(actor, row, content, "hand_over")


def take_over(actor: Actor, key: str) -> None:
    """Who may keep leads there becomes the one officer where that account is closed or may keep none any more."""
    with write():
        row, content = _enter(actor, key, "take_over", "successor")
        _kept_by(row, actor.user_id or 0)
        _done(actor, row, content, "take_over")


def dismiss(actor: Actor, key: str) -> None:
    """Nothing comes of it: every word goes, now. The person concerned is told that it was dismissed; the last tie goes
    when he has taken note, or after the days of ``leads.toml``."""
    with write():
        row, _content = _enter(actor, key, "dismiss", "officer", "decider")
        row.state, row.ended_on = Lead.State.DISMISSED, timezone.localdate()
        row.content = row.private = row.salt = row.kept_before = ""
        row.incident = row.limit = row.due = None
        if row.told_on is None:  # who was never told need not be told of its end
            row.official = None
        row.save()
        audit.record(actor, "duties.dismiss_lead", f"lead:{row.key}", {})


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who manages the person, where no post tells it: said by who decides, and why."""

    authority: str = ""
    reason: str = ""


def decide(
    actor: Actor, key: str, act: str, *, form: str, reason: str, document: str, chosen: Chosen | None = None
) -> None:
    """Propose, decide or demand, as the authority that manages the person's post says (``lead_rules.authority``); where
    that is unknown ``chosen`` says it, with its reason. Nobody who kept the lead, has a conflict or is the person
    himself; Problem where nothing says who manages the person."""
    if act not in {"propose", "decide", "demand"}:
        raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")
    rules.one("leads", "form", form)
    today = timezone.localdate()
    with write():
        row, content = _enter(actor, key, act, "decider")
        reason, document = _text(reason, TEXT), _text(document, 200)
        if not reason or not document:
            raise Problem("no_reason", "请写理由和决定文件。", "Give the reason and the document.")
        authority, since, why = _authority(row, chosen or Chosen(), today)
        if rules.flow_of(authority) != act:
            raise Problem("wrong_flow", "按管理权限应走另一种程序。", "The managing authority asks for another act.")
        content["decision"] = {
            "act": act, "authority": authority, "since": since, "why": why, "form": form, "reason": reason,
            "document": document, "day": today.isoformat(),
        }  # fmt: skip
        if act != "decide":
            row.due = working_days.calendar().after(today, rules.days("leads", "answer", today)).day
        else:
            row.ended_on = today
        _done(actor, row, content, act)


def _authority(row: Lead, chosen: Chosen, today: date) -> tuple[str, str, str]:
    """Who manages the person, by what that is known, and the reason where somebody chose it."""
    found = lead_rules.authority(row, today)
    if rules.flow_of(found.key):
        return found.key, found.since, ""
    why = _text(chosen.reason, 200)
    if rules.flow_of(chosen.authority) and why:
        return chosen.authority, "chosen", why
    raise Problem(
        "authority_unknown",
        "不知道这名干部归谁管理（省管、市管、县管）。请由登记干部的单位补上职务的管理权限，或由您选定并写明理由。",
        "It is not known who manages this official (province, city, county). Who keeps officials enters the authority"
        " of the post, or you choose it and say why.",
    )


def close(actor: Actor, key: str, *, outcome: str, document: str) -> None:
    """What the province or the county answered."""
    with write():
        row, content = _enter(actor, key, "close", "decider")
        outcome, document = _text(outcome, TEXT), _text(document, 200)
        if not outcome or not document:
            raise Problem("no_outcome", "请写处理结果和文件。", "Give the outcome and the document.")
        today = timezone.localdate()
        content["answer"] = {"outcome": outcome, "document": document, "day": today.isoformat()}
        row.ended_on, row.due = today, None
        _done(actor, row, content, "close")


def take_note(actor: Actor, key: str) -> None:
    """The person concerned has seen that it was dismissed: the last tie goes."""
    with write():
        row = (
            lead_rules.concerning(actor)
            .filter(key=key, state=Lead.State.DISMISSED)
            .select_for_update(of=("self",))
            .first()
        )
        if row is None:
            raise lead_rules.missing()
        row.official = None
        row.save(update_fields=["official"])
        audit.record(system(), "duties.note_lead", f"lead:{row.key}", {})  # without the account, as his other acts


def tend(today: date) -> None:
    """Ties of dismissed leads that are due; limits that rested on a year whose days off were not published."""
    kept = datetime.timedelta(days=rules.days("leads", "keep", today))
    over = Lead.objects.filter(state=Lead.State.DISMISSED, official__isnull=False, ended_on__lt=today - kept)
    if over.exists():  # asked every few seconds: no write lock without need
        over.update(official=None)
    waiting = Lead.objects.filter(state=Lead.State.HEARING, provisional=True)
    for key in [row.pk for row in waiting if _moves(row)]:
        with write():
            held = waiting.select_for_update().filter(pk=key).first()
            if held is not None:
                _clock(held, words(held))
                held.save(update_fields=["limit", "provisional"])


def _moves(row: Lead) -> bool:
    """Whether the limit would be another one today. What was sealed with another key is left to who opens it: all else
    that is done now and then must go on."""
    before = row.limit, row.provisional
    try:
        _clock(row, words(row))
    except Problem:
        return False
    return (row.limit, row.provisional) != before


def words(row: Lead) -> dict[str, Any]:
    """What a lead says, with reports in time that came after it was opened; empty once it is dismissed. The caller has
    checked who asks."""
    found: dict[str, Any] = orjson.loads(sealing.unseal(CONTENT, row.content)) if row.content else {}
    if found and row.incident_id is not None and row.official_id is not None:
        found["mitigating"] = sorted(
            {*found["mitigating"], *lead_incidents.mitigating(row.incident_id, row.official_id)}
        )
    return found


def who_told(row: Lead) -> str:
    """Who told: for the officer alone."""
    return str(orjson.loads(sealing.unseal(PRIVATE, row.private))["told_by"]) if row.private else ""


# -- the steps ----------------------------------------------------------------------------------------------------


def _enter(actor: Actor, key: str, act: str, *who: str) -> tuple[Lead, dict[str, Any]]:
    """The lead, locked, for one of these who may do the act now. Raises Missing for anybody else, Problem where the
    act does not fit the state."""
    transition = flow.ACTS[act]
    today = timezone.localdate()
    held = Lead.objects.select_for_update().filter(key=key).first()
    seen = lead_rules.roles_towards(actor, held, today) if held is not None else set()
    if held is None or not seen:
        raise lead_rules.missing()
    mine = seen & set(who) & set(transition.who)
    if not mine:
        raise Refused("refused", "这一步不由您来做。", "This step is not yours.")
    if flow.state_on(held, today) not in transition.sources:
        raise Problem("wrong_state", "现在不能做这一步。请刷新页面。", "This cannot be done now. Look at it again.")
    strict = "concerned" not in mine and act != "hand_over"  # handing over is the way out of a conflict
    if strict and held.official_id and conflict(actor.user_id or 0, held.official_id, today):
        raise _conflict()
    return held, words(held)


def _done(actor: Actor, row: Lead, content: dict[str, Any], act: str) -> None:
    target = flow.ACTS[act].target
    if target:
        row.state = target
    content["history"].append([act, timezone.localdate().isoformat()])
    _keep(row, content)
    audit.record(actor, f"duties.{act}_lead", f"lead:{row.key}", {})


def _keep(row: Lead, content: dict[str, Any]) -> None:
    row.content = _seal(CONTENT, content)
    row.save()


def _seal(purpose: str, document: dict[str, Any]) -> str:
    return sealing.seal(purpose, orjson.dumps(document))


def _tell(row: Lead, content: dict[str, Any], day: date, proof: str) -> None:
    row.told_on, row.state = day, Lead.State.HEARING
    content["told_by"] = proof
    _clock(row, content)


def _clock(row: Lead, content: dict[str, Any]) -> None:
    told = row.told_on or row.opened_on
    stops = [(_day(first), _day(last)) for _reason, first, last, _document in content["stops"]]
    found = flow.limit(told, rules.days("leads", "reply", told), stops)
    row.limit, row.provisional = found.day, found.provisional


def _day(text: str) -> date:
    return datetime.date.fromisoformat(text)


def _reply(content: dict[str, Any], text: str) -> str:
    said = _text(text, TEXT)
    if not said or len(content["replies"]) >= 50:
        raise Problem("no_text", f"请写答复（{TEXT} 字以内）。", f"Write the reply (at most {TEXT:,} characters).")
    return said


def _text(text: str, most: int) -> str:
    found = text.replace("\0", "").strip()
    if len(found) > most:
        raise Problem("too_long", f"不超过 {most} 字。", f"At most {most:,} characters.")
    return found


def _conflict() -> Problem:
    return Problem(
        "conflict",
        "您与此人有利害关系（本人、同一单位或上下级），不能办理。请移交他人。",
        "You have a conflict of interest (yourself, the same office, above or below it). Somebody else must do this.",
    )


def _opened_already(officer: int, official_id: int, today: date, source: str, grounds: str) -> bool:
    """Whether the same officer opened the same today: a button pressed twice asks nobody twice."""
    rows = Lead.objects.filter(officer_id=officer, official_id=official_id, opened_on=today).exclude(content="")
    return any((said["source"], said["grounds"]) == (source, grounds) for said in map(words, rows))


def _kept_by(row: Lead, user_id: int) -> None:
    """Another officer; who kept it before is remembered, because none of them decides it."""
    row.kept_before = f"{row.kept_before or ','}{row.officer_id},"
    row.officer_id = user_id


def _office_area(who: Official, *, now: bool) -> int | None:
    """Where the office of the main post lies, or lay last: of today, or else the last one there was."""
    terms = Term.objects.filter(official=who, concurrent=False)
    if now:
        terms = terms.filter(Q(valid_to=None) | Q(valid_to__gt=timezone.localdate()))
    last = terms.order_by("-valid_from", "-pk").values_list("post__organisation_id", flat=True).first()
    rows = OrganisationVersion.objects.filter(organisation_id=last or 0).order_by("-valid_from")
    return rows.values_list("area_id", flat=True).first()


def _city(who: Official) -> int:
    """The city that asks, proposes or decides: above the office of the main post of today, the place, else the office
    of the last main post (who left is not out of reach), or the duty."""
    found = _office_area(who, now=True) or who.area_id or _office_area(who, now=False)
    if found is None:
        row = Assignment.objects.filter(official=who).order_by("-valid_from", "-pk").first()
        found = row.area_id if row is not None else None
        if row is not None and found is None and row.household_id is not None:
            home = row.household.residences.order_by("-valid_from").first() if row.household else None
            found = home.area_id if home is not None else None
    version = AreaVersion.objects.filter(area_id=found or 0).order_by("-valid_from").first()
    if version is None:
        raise Problem("no_place", "不知道这名干部在哪里任职。", "It is not known where this official belongs.")
    above = ancestors(version)
    cities = [each for each in above if each.level == "city"]
    return (cities or above)[0].area_id

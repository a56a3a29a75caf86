"""What people do about a pack: test it, confirm or set aside what is open, approve, put it in force in an area.

Each is an act that is written once, with who did it. The state follows from the acts (``core.standards.lifecycle``).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from django.db import IntegrityError
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.core.standards import toml
from tuopin.core.standards.open_items import CONFIRMABLE, rule_digest
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.database import write
from tuopin.platform.panels import decimal_text, unit_title
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.standards.models import PackAct
from tuopin.standards.packs import get_prepared, last_day, problems, written_pack
from tuopin.standards.permissions import APPROVE, BIND, CONFIRM
from tuopin.standards.places import common_path, place_of
from tuopin.standards.services import bind_pack
from tuopin.standards.show import check_pack

from . import given
from .states import PackState, person_of, state_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from tuopin.core.standards.open_items import OpenItem
    from tuopin.platform.access import Actor

_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class New:
    """An act to be written."""

    kind: str
    item: str = ""
    item_digest: str = ""
    document: str = ""
    reason: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LimitValue:
    """A value given for an open limit, as written; from a day to a day (excluded, None = until the next)."""

    text: str
    valid_from: datetime.date | None
    valid_to: datetime.date | None = None


def run_tests(actor: Actor, key: str, *, seed: int = 1) -> PackAct:
    """Run the cases of a pack, probe its rules, and record how it went: for these files, whatever came out."""
    require_for_packs(actor, CONFIRM)
    digest = written_pack(key).digest
    found = check_pack(key, seed)
    warnings = [
        [f"{each['standard']}.{each['item']}", each["kind"], _rule(key, each["standard"], each["item"])]
        for each in found["probe"]
    ]
    result = hashlib.sha256(orjson.dumps([digest, seed, found], option=orjson.OPT_SORT_KEYS)).hexdigest()
    detail = {"cases": found["cases"], "failed": len(found["failed"]), "seed": seed, "warnings": warnings,
              "result": result}  # fmt: skip

    def make(now: PackState) -> New:
        if now.pack.digest != digest:
            raise changed()
        return New("tested", detail=detail)

    return _record(actor, CONFIRM, key, make)


def _rule(key: str, standard: str, item: str) -> str:
    pack = written_pack(key)
    with problems():
        return rule_digest(get_prepared(key, standard, last_day(pack, standard)), item)


def justify(actor: Actor, key: str, rule: str, reason: str) -> PackAct:
    """Say why a rule of the last test may always or never fire. ``rule`` is ``standard.item`` as the test names it."""
    require_for_packs(actor, CONFIRM)
    said = _line(reason, "reason")

    def make(now: PackState) -> New:
        found = next((each for each in now.state.warnings if each.rule == rule), None)
        if found is None:
            raise Missing("no_such_rule", "测试没有报告这条规则。", "The test reported no such rule.")
        return New("justified", f"probe:{rule}", found.digest, reason=said)

    return _record(actor, CONFIRM, key, make)


def confirm(
    actor: Actor, key: str, item: str, document: str, *, value: LimitValue | None = None, seen: str = ""
) -> PackAct:
    """Confirm an open item by the document it rests on; an open limit by its value and dates too.

    ``seen`` is the digest of the text that the person read. Raises Refused without the permission; Missing for an item
    that is not open in these files; Problem when it is closed already, cannot be confirmed, or its text has changed.
    """
    require_for_packs(actor, CONFIRM)
    said = _line(document, "document")

    def make(now: PackState) -> New:
        found = _open(now, item, seen)
        if found.kind not in CONFIRMABLE:
            raise Problem(
                "not_confirmable",
                "这一项没有可确认的条文：请写明理由，予以搁置。",
                "There is nothing to confirm in this item: set it aside with a reason.",
            )
        detail = _limit(now, found, value) if found.kind == "limit" else {}
        return New("confirmed", found.key, found.digest, document=said, detail=detail)

    return _record(actor, CONFIRM, key, make)


def set_aside(actor: Actor, key: str, item: str, reason: str, *, seen: str = "") -> PackAct:
    """Close an open item without a document, for a reason. Raises as :func:`confirm`."""
    require_for_packs(actor, CONFIRM)
    said = _line(reason, "reason")

    def make(now: PackState) -> New:
        found = _open(now, item, seen)
        return New("set_aside", found.key, found.digest, reason=said)

    return _record(actor, CONFIRM, key, make)


def reopen(actor: Actor, key: str, item: str, reason: str) -> PackAct:
    """Take a confirmation back: the item is open again, and the approval that rested on it holds no more."""
    require_for_packs(actor, CONFIRM)
    said = _line(reason, "reason")

    def make(now: PackState) -> New:
        found = next((each for each, act in now.state.closings if each.key == item and act is not None), None)
        if found is None:
            raise Missing("not_closed", "这一项没有确认过。", "This item is not closed.")
        return New("reopened", found.key, found.digest, reason=said)

    return _record(actor, CONFIRM, key, make)


def approve(actor: Actor, key: str, *, note: str = "", seen: int | None = None) -> PackAct:
    """Approve what others confirmed: from now on verdicts by this pack carry no draft mark.

    ``seen`` is the number of the newest act that the person has seen. Raises Refused without the permission, or for a
    person who closed one of the items; Problem when tests or items are outstanding, or somebody acted meanwhile.
    """
    require_for_packs(actor, APPROVE)
    said = _line(note, "note") if note.strip() else ""

    def make(now: PackState) -> New:
        if seen is not None and seen != now.last:
            raise changed()
        _ready(now)
        _known_by_account(actor, now)
        if _person(actor) in now.state.closers:
            raise Refused(
                "own_confirmation",
                "您确认过其中的指标，须由另一人批准。",
                "You confirmed items of this pack: another person must approve it.",
            )
        closings = {item.key: act.id for item, act in now.state.closings if act is not None}
        return New("approved", reason=said, detail={"closings": closings})

    return _record(actor, APPROVE, key, make, after=given.publish_later)


def schedule(actor: Actor, key: str, area: str, valid_from: datetime.date) -> PackAct:
    """Put an approved pack in force in an area from a day on; the pack before it is superseded on that day. Where the
    pack is bound already (as a draft), that binding stays. A draft can be bound too (``bind_pack``): its marks stay.

    Raises Problem for a pack that is not approved, and what ``bind_pack`` raises.
    """
    place = place_of(area, valid_from)
    if place.area_id is None:
        raise Problem("no_area", "请指定区划。", "Name an area.")
    require(actor, BIND, area_path=place.path)

    def make(now: PackState) -> New:
        if now.pack.everywhere:
            raise Problem(
                "holds_everywhere",
                "这个标准包各地通用，批准后即施行，不必排期。",
                "This pack holds everywhere once it is approved: it is not scheduled.",
            )
        if now.state.approval is None:
            raise Problem(
                "not_approved",
                "标准包尚未批准。请先逐项确认并由第二人批准；草案可用“指定标准包”试行，结果注明草案。",
                "The pack is not approved: its items have to be confirmed and approved by a second person first. A "
                "draft can be bound as it is; its verdicts then say so.",
            )
        bound = [each for each in now.state.bindings if each.area_id == place.area_id]
        if not any(b.valid_from <= valid_from and (b.valid_to is None or valid_from < b.valid_to) for b in bound):
            bind_pack(actor, area, key, valid_from=valid_from)
        return New("scheduled", detail={"area": area, "area_id": place.area_id, "from": valid_from.isoformat()})

    return _record(actor, BIND, key, make)


# -- parts ----------------------------------------------------------------------------------------------------------


def require_for_packs(actor: Actor, permission: str) -> None:
    """A pack holds for all who use it: the permission must cover the smallest area that holds every village."""
    require(actor, permission, area_path=common_path(timezone.localdate()) or None)


def changed() -> Problem:
    return Problem(
        "changed_meanwhile",
        "此间有人办理了这个标准包，或文件有变动。请重新打开页面，看过再办。",
        "Somebody acted on this pack, or its files changed meanwhile: open the page again and look before you go on.",
    )


def _record(
    actor: Actor, permission: str, key: str, make: Callable[[PackState], New], after: Callable[[], None] | None = None
) -> PackAct:
    """Write an act decided on the newest state. Of two that come at once one is written; the other is decided anew."""
    state_of(key)  # what takes time is read before the transaction
    for _ in range(_ATTEMPTS):
        try:
            with write():
                now = state_of(key)
                new = make(now)
                act = PackAct.objects.create(
                    pack=key, number=now.last + 1, digest=now.pack.digest, version=now.pack.version, kind=new.kind,
                    item=new.item, item_digest=new.item_digest, document=new.document, reason=new.reason,
                    detail=new.detail, at=timezone.now(), actor=_name(actor), user_id=actor.user_id,
                )  # fmt: skip
                detail: dict[str, object] = {"act": new.kind, "item": new.item, "number": act.number}
                audit.record(actor, permission, f"pack:{key}", detail, now.pack.digest)
                if after is not None:
                    after()
        except IntegrityError:
            continue
        else:
            return act
    raise changed()


def _name(actor: Actor) -> str:
    return actor.name if actor.user_id is not None else actor.os_user or actor.name


def _person(actor: Actor) -> str:
    return person_of(PackAct(user_id=actor.user_id, actor=_name(actor)))


def _known_by_account(actor: Actor, now: PackState) -> None:
    """Two persons are two accounts: a user of the operating system may be the same person as any account."""
    if actor.user_id is None:
        raise Refused(
            "no_account",
            "批准须由有账号的人办理：请在网页上批准，或在命令行用 --as 写明账号并输入密码。",
            "An approval is somebody's by name: approve on the page, or name an account with --as and its password.",
        )
    nameless = sorted(each.removeprefix("os:") for each in now.state.closers if each.startswith("os:"))
    if nameless:
        raise Refused(
            "closed_without_account",
            f"有的项由 {'、'.join(nameless)} 在命令行不具账号办理，分不清是谁。请收回后由有账号的人重新办理。",
            f"Items were closed at the terminal by {', '.join(nameless)} without an account: who that was cannot be "
            "told. Take them back and have somebody with an account close them.",
        )


def _open(now: PackState, key: str, seen: str) -> OpenItem:
    for item, act in now.state.closings:
        if item.key == key:
            if seen and seen != item.digest:
                raise changed()
            if act is not None:
                who = now.acts[act.id].actor
                raise Problem(
                    "already_closed", f"{who} 已办理这一项。如要更改，请先收回。",
                    f"{who} has closed this item already. Take that back first to change it.",
                )  # fmt: skip
            return item
    raise Missing("no_such_item", "标准包没有这个待确认项。", "The pack has no such open item.")


def _ready(now: PackState) -> None:
    if not now.state.passed:
        raise Problem(
            "not_tested",
            "这些文件还没有通过测试：先运行判例，改正或说明总是（从不）成立的规则。",
            "These files have not passed their tests: run the cases, and mend or justify rules that never vary.",
        )
    if now.state.still_open:
        count = len(now.state.still_open)
        raise Problem(
            "items_open", f"还有 {count} 项未确认，不能批准。", f"{count} items are open still: confirm them first."
        )


def _limit(now: PackState, item: OpenItem, value: LimitValue | None) -> dict[str, Any]:
    """The value as it is stored. Raises Problem for a number or dates that are none."""
    limit = now.pack.parameters[item.parameter]
    number = toml.scaled(value.text.strip(), limit.scale) if value is not None else None
    if value is None or number is None:
        raise Problem(
            "bad_number",
            f"请填写“{limit.title.zh}”的数值，最多 {limit.scale} 位小数。",
            f"Give the value of “{limit.title.en}”, with at most {limit.scale} decimals.",
        )
    end = limit.values[-1].valid_to if limit.values else None
    first, last = value.valid_from, value.valid_to
    if first is None or (last is not None and last <= first) or (end is not None and first < end):
        raise Problem(
            "bad_period",
            "请填写起始日（如 2018-01-01），截止日须晚于起始日，且不早于已有取值的截止日。",
            "Give the first day (such as 2018-01-01); the last must be later, and no value may be overlapped.",
        )
    if not (limit.least <= number and (limit.most is None or number <= limit.most)):
        least, most = decimal_text(limit.least, limit.scale), limit.most
        unit = unit_title(limit.unit) or Title("", "")
        zh = f"不小于 {least}" + (f"、不大于 {decimal_text(most, limit.scale)}" if most is not None else "")
        en = f"at least {least}" + (f" and at most {decimal_text(most, limit.scale)}" if most is not None else "")
        raise Problem(
            "out_of_bounds", f"“{limit.title.zh}”应{zh} {unit.zh}".rstrip() + "。",
            f"“{limit.title.en}” must be {en} {unit.en}".rstrip() + ".",
        )  # fmt: skip
    return {"value": number, "from": first.isoformat(), "to": last.isoformat() if last else None}


def _line(text: str, what: str) -> str:
    said = " ".join(text.split())
    if not 2 <= len(said) <= 500 or not said.isprintable():
        raise Problem(
            f"no_{what}",
            "请写明文件（文号、条款）或理由，2–500 字。",
            "Name the document (number, article) or the reason, 2 to 500 characters.",
        )
    return said

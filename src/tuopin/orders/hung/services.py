"""What changes signs: hanging one, handing it to another supervisor, taking it off, withdrawing a wrong one.

One by one: each is somebody's decision about one place, by its reason. Nothing here is done by the product itself. The
time is an input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.utils import timezone

from tuopin.core.matters import ENDED
from tuopin.core.supervision import monday_of
from tuopin.duties.assigning import targets
from tuopin.duties.dates import line_of
from tuopin.duties.models import Official, OrganisationVersion, Term
from tuopin.duties.selectors import officials
from tuopin.platform import database
from tuopin.platform.access import require
from tuopin.platform.auditing import audit
from tuopin.platform.outbox import services as outbox
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import AreaVersion
from tuopin.register.selectors import on_day

from .. import kinds
from .. import reach as matters_reach
from ..clock.settings import governing
from ..models import HungEvent, HungItem, HungSign, Matter, MatterEvent
from ..permissions import HANG
from ..services import missing as no_such_matter
from . import measuring, reach, selectors
from .telling import Teller, about, about_day, about_item

if TYPE_CHECKING:
    from datetime import date, datetime

    from tuopin.duties.assigning.targets import Target
    from tuopin.platform.access import Actor
    from tuopin.platform.outbox.services import Letter

    from .measuring import Criterion

LONGEST = 1_000
"""Characters of a reason."""
_WEEK = 7
_DONE = (*ENDED, "closed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sign to be hung over an area, or what it is about there. ``holder_id``: who answers, of a matter its holder;
    ``node``: a key of the area's; ``source``, ``category``: of a group of problems."""

    area_id: int
    office_id: int
    supervisor_id: int
    title: str
    reason: str
    criteria: tuple[Criterion, ...]
    target: str = "area"
    holder_id: int | None = None
    matter_id: int | None = None
    node: str = ""
    source: str = ""
    category: str = ""


def hang(actor: Actor, wanted: Wanted, now: datetime) -> HungSign:
    """Hang one. Raises Missing outside the grants, Problem for what is wrong, and where one hangs there already."""
    require(actor, HANG)
    day = timezone.localdate(now)
    title = line_of(wanted.title, 100, "名称", "the title", needed=True)
    reason = text_of(wanted.reason, "挂牌理由", "the reason", LONGEST)
    measuring.check(wanted.criteria, wanted.target)
    row = _row(actor, wanted, day)
    row.title, row.reason = title, reason
    offices = targets.reachable(actor, HANG, "organisation", {row.office_id, row.holder_id}, day)
    area = _area(row.area_id)
    office, holder = offices[row.office_id], offices[row.holder_id]
    _check_place(row, area, office, holder)
    _check_office(row.office_id)
    _reachable_official(actor, row.supervisor_id)
    check_supervisor(row, holder.path, day)
    row.figures = measuring.Measure(row, area, now).figures()
    row.criteria = [each.document() for each in wanted.criteria]
    row.look_on = _next_monday(day)
    try:
        with database.write():
            row.save(force_insert=True)
            detail: dict[str, object] = {"target": row.target, "criteria": row.criteria}
            write_event(actor, row, "hung", now, reason, {"supervisor": row.supervisor_id})
            _said(actor, row, "hung", now)
            audit.record(actor, "orders.hang_sign", f"hung_sign:{row.pk}", detail)
    except IntegrityError:
        raise Problem(
            "hung_already", "这里已有一块没有摘下的同样的牌，不能再挂。", "The same sign hangs here already."
        ) from None
    return row


def _row(actor: Actor, wanted: Wanted, day: date) -> HungSign:
    """The sign as it is asked for, with what it hangs on. Raises Missing, Problem."""
    row = HungSign(
        area_id=wanted.area_id, target=wanted.target, office_id=wanted.office_id, supervisor_id=wanted.supervisor_id,
        hung_on=day, state=HungSign.State.HANGING,
    )  # fmt: skip
    holder = wanted.holder_id
    if wanted.target == "matter":
        matter = _matter(actor, wanted.matter_id)
        row.matter_id, row.area_id, holder = matter.pk, matter.area_id, matter.holder_id
        row.key = f"matter:{matter.pk}"
    else:
        targets.reachable(actor, HANG, "area", [wanted.area_id], day)
        if wanted.target == "node":
            area = _area(wanted.area_id)
            if not wanted.node or area is None or measuring.node_of(area, wanted.node, day) is None:
                raise Problem("no_node", "请选择本区域的时间节点。", "Choose a node of the area.")
            row.node, row.key = wanted.node, f"node:{wanted.node}"
        elif wanted.target == "group":
            _check_group(wanted)
            row.source, row.category = wanted.source, wanted.category
            row.key = f"group:{wanted.source}:{wanted.category}"
        elif wanted.target == "area":
            row.key = "area"
        else:
            raise Problem("bad_target", "请选择挂在什么上面。", "Choose what it hangs on.")
    if holder is None:
        raise Problem("no_holder", "请写明由哪个单位答复每周清单。", "Name the unit that answers every week.")
    row.holder_id = holder
    return row


def _matter(actor: Actor, number: int | None) -> Matter:
    """A directive or problem within the grants, still open and held. A petition looks as if it were not there."""
    rows = Matter.objects.filter(matters_reach.work(actor, HANG))
    found = rows.filter(pk=number).first() if number is not None and number < 2**63 else None
    if found is None:
        raise no_such_matter()
    if found.state in _DONE or found.state == "draft" or found.holder_id is None:  # a draft is nobody's yet
        raise Problem(
            "not_open", "这件事项已经办结，或还没有交办，不能挂牌。",
            "This matter has ended, or was not issued yet: no sign can be hung.",
        )  # fmt: skip
    return found


def _check_group(wanted: Wanted) -> None:
    known = (not wanted.source or wanted.source in kinds.sources()) and (
        not wanted.category or wanted.category in kinds.categories()
    )
    if not known or not (wanted.source or wanted.category):
        raise Problem("bad_group", "请选择来源或类别。", "Choose a source or a category.")
    if wanted.source == "petition":  # counts below five would tell who complained
        raise Problem("no_petitions", "信访件不挂牌。", "No sign is hung over petitions.")


def _check_place(row: HungSign, area: AreaVersion | None, office: Target, holder: Target) -> None:
    """The office stands above, the unit that answers is the area's own: of a matter its holder."""
    if area is None or not holder.path.startswith(office.path) or holder.path == office.path:
        raise Problem(
            "not_above", "挂牌单位须在被督单位的上一级或以上。", "Who hangs a sign must stand above who is supervised."
        )
    if row.target == HungSign.Target.MATTER:
        return
    if holder.path != area.path:
        raise Problem(
            "not_its_office", "答复单位须是挂牌区域本级的单位。", "Who answers must be a unit of the area itself."
        )


def _check_office(office_id: int) -> None:
    """Raise Problem for units that send teams, discipline groups and the like: signs are hung by who governs."""
    rows = OrganisationVersion.objects.filter(organisation_id=office_id, valid_to=None)
    if not rows.filter(kind__in=[*governing(), "department"]).exists():
        raise Problem(
            "bad_office", "挂牌单位须是党委、政府、领导小组办公室或部门。",
            "Signs are hung by a party committee, government, office of the leading group or department.",
        )  # fmt: skip


def _area(area_id: int) -> AreaVersion | None:
    """An area as it is, or was last."""
    return AreaVersion.objects.filter(area_id=area_id).order_by("-valid_from").first()


def check_supervisor(row: HungSign, holder_path: str, day: date) -> None:
    """Raise Problem unless the supervisor is in office above the unit that answers, and holds nothing of it."""
    offices = set(
        Term.objects.filter(on_day(day), official_id=row.supervisor_id).values_list("post__organisation_id", flat=True)
    )
    paths = matters_reach.organisation_paths(offices)
    if row.holder_id in offices or _handles(row):
        raise Problem(
            "handler_supervises", "督战人不能是承办人，也不能在被督单位任职。",
            "The supervisor must neither handle what is supervised nor hold a post in the unit that answers.",
        )  # fmt: skip
    if not any(holder_path.startswith(path) and path != holder_path for path in paths.values()):
        raise Problem(
            "supervisor_not_above", "督战人须是上一级或以上单位在任的干部。",
            "The supervisor must be in office above the level that is supervised.",
        )  # fmt: skip


def _handles(row: HungSign) -> bool:
    """Whether the supervisor answers for one of the problems, or acted upon the matter."""
    if row.matter_id is not None:
        acted = MatterEvent.objects.filter(matter_id=row.matter_id, act__in=matters_reach.HANDLED)
        held = Matter.objects.filter(pk=row.matter_id, official_id=row.supervisor_id)
        return held.exists() or acted.filter(user_id=_account(row.supervisor_id)).exclude(user_id=None).exists()
    area = _area(row.area_id)
    if area is None:
        return False
    rows = measuring.problems(area, row.source, row.category).filter(official_id=row.supervisor_id)
    return rows.exclude(state__in=_DONE).exists()


def _account(official_id: int) -> int | None:
    return Official.objects.filter(pk=official_id).values_list("user_id", flat=True).first()


def _reachable_official(actor: Actor, number: int) -> Official:
    found = officials(actor).filter(pk=number, merged_into=None).first()
    if found is None:
        raise Missing(
            "no_such_official", "没有找到这名干部，或不在您的管辖范围内。",
            "There is no such official, or none within your grants.",
        )  # fmt: skip
    return found


# -- what becomes of one ------------------------------------------------------------------------------------------


def hand_over(
    actor: Actor, number: int, official_id: int, reason: str, now: datetime, seen: int | None = None
) -> HungSign:
    """Another supervisor from now on; what was asked and answered goes on. By who hung it. Raises as :func:`hang`."""
    note = text_of(reason, "移交理由", "the reason", LONGEST)
    day = timezone.localdate(now)
    _reachable_official(actor, official_id)
    with database.write():
        row = locked(actor, number, {"hanger"}, seen)
        if row.supervisor_id == official_id:
            raise Problem("same_supervisor", "这名干部已经是督战人。", "This official supervises already.")
        was, row.supervisor_id = row.supervisor_id, official_id
        holder = matters_reach.organisation_paths({row.holder_id}).get(row.holder_id, "")
        check_supervisor(row, holder, day)
        _save(row, "supervisor")
        write_event(actor, row, "handed", now, note, {"was": was, "supervisor": official_id})
        waiting = row.items.filter(state="answered")
        outbox.settle(actor, [about_item(each) for each in waiting.values_list("pk", flat=True)], now=now)
        waiting.update(tell_on=day)  # the clock tells who checks from now on
        _said(actor, row, "handed", now)
        audit.record(actor, "orders.hand_over_sign", f"hung_sign:{row.pk}", {"was": was, "supervisor": official_id})
    return row


def take_off(actor: Actor, number: int, reason: str, now: datetime, seen: int | None = None) -> HungSign:
    """It comes off: decided by who hung it. While a criterion is not met, or not known to be, only with a reason, which
    stays beside what was measured."""
    note = text_of(reason, "摘牌理由", "the reason", LONGEST, needed=False)
    row = selectors.sign(actor, number)
    found = measuring.Measure(row, _area(row.area_id), now).all(row.items.all())  # read before anything is held
    with database.write():
        row = locked(actor, number, {"hanger"}, seen)
        against = [each.criterion.kind for each in found if each.verdict != "met"]
        if against and not note:
            short = [each.criterion.words for each in found if each.verdict != "met"]
            raise Problem(
                "not_reached",
                f"还有标准没有达到或未知：{'；'.join(each.zh for each in short)}。确需摘牌请写明理由，理由公开显示。",
                f"Not reached, or not known: {'; '.join(each.en for each in short)}. To take it off all the same, give"
                " a reason: it will be shown.",
                criteria=against,
            )
        data: dict[str, Any] = {"measured": [each.document() for each in found], "against": against}
        _end(actor, row, HungSign.State.OFF, now, note, data)
        audit.record(actor, "orders.take_off_sign", f"hung_sign:{row.pk}", {"against": against})
    return row


def withdraw(actor: Actor, number: int, reason: str, now: datetime, seen: int | None = None) -> HungSign:
    """It was hung wrongly: by who hung it, with a reason. It stays readable, and what was asked counts no more."""
    note = text_of(reason, "撤回理由", "the reason", LONGEST)
    with database.write():
        row = locked(actor, number, {"hanger"}, seen)
        _end(actor, row, HungSign.State.WITHDRAWN, now, note, {})
        audit.record(actor, "orders.withdraw_sign", f"hung_sign:{row.pk}", {})
    return row


def _end(actor: Actor, row: HungSign, state: str, now: datetime, note: str, data: dict[str, Any]) -> None:
    row.state, row.ended_on, row.look_on = state, timezone.localdate(now), None
    _save(row, "state", "ended_on", "look_on")
    asked = list(row.items.values_list("pk", "due"))
    HungItem.objects.filter(sign=row).update(tell_on=None)
    days = {about_day(row.pk, due) for _key, due in asked}
    outbox.settle(actor, [about(row.pk), *(about_item(key) for key, _due in asked), *days], now=now)
    write_event(actor, row, state, now, note, data)
    _said(actor, row, state, now)


# -- the steps ----------------------------------------------------------------------------------------------------


def locked(actor: Actor, number: int, needed: set[reach.Part], seen: int | None = None) -> HungSign:
    """A sign that hangs, held until the transaction ends. Raises Missing, Refused for who is none of ``needed``,
    Problem for one that has ended, or has changed since it was ``seen``."""
    selectors.sign(actor, number)
    row = HungSign.objects.select_for_update(no_key=True).get(pk=number)  # the clock writes events meanwhile
    if not reach.parts(actor, [row])[row.pk] & needed:
        raise Refused("wrong_hands", "这一步不归您办。", "This step is not yours to take.")
    if row.state != HungSign.State.HANGING:
        raise Problem("sign_ended", "这块牌已经摘下或撤回。", "This sign has come off, or was withdrawn.")
    if seen is not None and seen != row.version:
        raise Problem(
            "changed_meanwhile",
            "有人刚处理过这块牌，请刷新后再办。",
            "Somebody has just acted upon it: reload the page.",
        )
    return row


def _save(row: HungSign, *names: str) -> None:
    row.version += 1
    row.save(update_fields=[*names, "version"])


def write_event(
    actor: Actor, row: HungSign, act: str, now: datetime, note: str, data: dict[str, Any],
    item: HungItem | None = None,
) -> HungEvent:  # fmt: skip
    """One line of what happened."""
    return HungEvent.objects.create(
        sign=row, item=item, act=act, at=now, user_id=actor.user_id, actor=matters_reach.signature(actor), note=note,
        data=data,
    )  # fmt: skip


def _said(actor: Actor, row: HungSign, act: str, now: datetime) -> None:
    teller, day = Teller([row], now), timezone.localdate(now)
    key = f"{act}:{row.version}"
    letters: list[Letter] = []
    if act != "handed":
        letters += teller.letters(teller.holder(row), act, row, key, day)
    supervisor = "handed" if act in {"hung", "handed"} else act
    letters += teller.letters(teller.supervisor(row), supervisor, row, f"{key}:supervisor", day)
    outbox.post(actor, letters, now=now)


def _next_monday(day: date) -> date:
    return day.fromordinal(monday_of(day).toordinal() + _WEEK)


def text_of(text: str, zh: str, en: str, most: int, *, needed: bool = True) -> str:
    """A text of several lines, trimmed. Raises Problem: too long, or empty where it is needed."""
    found = "".join(each for each in text.strip() if each.isprintable() or each in "\n\t")
    if len(found) > most:
        raise Problem("bad_text", f"{zh}最多 {most} 字。", f"{en}: at most {most} characters.", most=most)
    if needed and not found:
        raise Problem("no_text", f"请填写{zh}。", f"Give {en}.")
    return found

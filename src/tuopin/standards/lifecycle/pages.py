"""Pages of a pack's life cycle: where it stands, what is open and who can close it, one open item with its forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.lifecycle import STAGES
from tuopin.core.standards.open_items import CONFIRMABLE, value_key
from tuopin.core.workbook.values import parse_date
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.given import whole_number
from tuopin.platform.panels import decimal_text, unit_title
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register.place import top_areas
from tuopin.standards.packs import folders
from tuopin.standards.permissions import APPROVE, BIND, CONFIRM, VIEW
from tuopin.standards.places import common_path

from . import services, words
from .services import LimitValue
from .states import bound_for, state_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    from tuopin.core.standards import Pack
    from tuopin.core.standards.lifecycle import State
    from tuopin.core.standards.open_items import OpenItem
    from tuopin.platform.access import Actor
    from tuopin.standards.models import PackAct

    from .states import PackState

HISTORY = 200


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the life cycle: ``done``, ``now`` (what is to be done next) or ``ahead``."""

    title: Title
    tone: str
    note: Title


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An open item, with the act that closed it."""

    item: OpenItem
    kind: Title
    standard: Title | None
    act: PackAct | None
    value: Title | None  # given for a limit, or the pack's own that is to be confirmed


# -- the pack ---------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pack(request: HttpRequest, pack: str) -> HttpResponse:
    """Where a pack stands: steps, open items, approval, areas, history."""
    actor = actor_of(request)
    require(actor, VIEW)
    _known(pack)
    if request.method != "POST":
        return render(request, "standards/pack.html", _pack_page(actor, state_of(pack)))
    try:
        _act_on_pack(request, actor, pack)
    except Problem as problem:
        if problem.status != 400:
            raise
        context = _pack_page(actor, state_of(pack)) | {"problem": pick(problem.zh, problem.en), "given": request.POST}
        return render(request, "standards/pack.html", context, status=400)
    return redirect("standards:pack", pack)


def _act_on_pack(request: HttpRequest, actor: Actor, key: str) -> None:
    posted = request.POST
    match posted.get("do"):
        case "test":
            act = services.run_tests(actor, key)
            passed = not act.detail["failed"] and not act.detail["warnings"]
            zh = f"{act.detail['cases']} 个判例已运行" + ("，全部通过。" if passed else "，有问题，见下。")
            en = f"{act.detail['cases']} cases were run" + (": all come out." if passed else ": see below.")
            (messages.success if passed else messages.warning)(request, pick(zh, en))
        case "justify":
            services.justify(actor, key, posted.get("rule", "")[:130], posted.get("reason", "")[:600])
            messages.success(request, pick("已记下理由。", "The reason is recorded."))
        case "approve":
            seen = whole_number(posted.get("seen", ""), -1)
            services.approve(actor, key, note=posted.get("note", "")[:600], seen=seen)
            messages.success(request, pick("标准包已批准。", "The pack is approved."))
        case "schedule":
            area = posted.get("area", "").replace("\0", "").strip()[:64]
            services.schedule(actor, key, area, _day(posted, "from", needed=True) or date.min)
            messages.success(request, pick("已排期。", "It is scheduled."))
        case _:
            raise Problem("bad_form", "请重新打开页面。", "Open the page again.")


def _pack_page(actor: Actor, now: PackState) -> dict[str, Any]:
    state, path = now.state, common_path(timezone.localdate()) or None
    bound = bound_for(actor, state)
    known = {area.area_id for area, _binding in bound}
    may_confirm, may_approve = may(actor, CONFIRM, area_path=path), may(actor, APPROVE, area_path=path)
    rows = [_row(now, item, now.acts[act.id] if act else None) for item, act in state.closings]
    history = sorted((act for act in now.acts.values() if act.pack == now.pack.key), key=lambda act: -act.number)
    return {
        "pack": now.pack,
        "state": state,
        "stage": words.STAGES[state.stage],
        "steps": _steps(now),
        "next": _next(state, everywhere=now.pack.everywhere),
        "open": [row for row in rows if row.act is None],
        "closed": [row for row in rows if row.act is not None],
        "test": now.acts[state.test.id] if state.test else None,
        "warnings": [(each, now.acts[each.justified.id] if each.justified else None) for each in state.warnings],
        "bound": bound,
        "may_confirm": may_confirm,
        "who": words.who_may(CONFIRM),
        "may_approve": may_approve and state.stage == "confirmed",
        "is_closer": _is_closer(actor, state),
        "may_schedule": state.approval is not None and not now.pack.everywhere and may(actor, BIND),
        "areas": top_areas(actor),
        "today": timezone.localdate(),
        "last": now.last,
        "history": [(act, words.ACTS[act.kind], _about(now, act, known)) for act in history[:HISTORY]],
    }


def _is_closer(actor: Actor, state: State) -> bool:
    return actor.user_id is not None and f"user:{actor.user_id}" in state.closers


def _steps(now: PackState) -> list[Step]:
    state, total = now.state, len(now.state.closings)
    closed = total - len(state.still_open)
    approval = now.acts[state.approval.id] if state.approval else None
    approved = f"{approval.actor} {timezone.localdate(approval.at)}" if approval else ""
    notes = {
        "tested": _test_note(state),
        "confirmed": Title(f"{closed}/{total} 项", f"{closed} of {total} items"),
        "approved": Title(approved, approved) if approval else Title("由第二人", "by a second person"),
        "scheduled": Title("", ""),
        "in_force": Title("各地通用", "everywhere") if now.pack.everywhere else Title("", ""),
        "superseded": Title("", ""),
    }
    order = [stage for stage in STAGES[1:] if stage != "superseded" or state.stage == "superseded"]
    if now.pack.everywhere:
        order.remove("scheduled")
    ahead = [stage for stage in order if not state.reached(stage)]
    return [
        Step(
            words.STEPS[stage], "done" if stage not in ahead else "now" if stage == ahead[0] else "ahead", notes[stage]
        )
        for stage in order
    ]


def _test_note(state: State) -> Title:
    if state.test is None:
        return Title("还没有运行", "not run yet")
    cases, failed = state.test.detail["cases"], state.test.detail["failed"]
    silent = sum(each.justified is None for each in state.warnings)
    if not failed and not silent:
        return Title(f"{cases} 个判例通过", f"{cases} cases come out")
    return Title(f"{failed} 个判例不符，{silent} 条规则待说明", f"{failed} cases fail, {silent} rules to justify")


def _next(state: State, *, everywhere: bool) -> Title | None:
    """What is to be done next, and by whom."""
    keeper, chief, binder = words.who_may(CONFIRM), words.who_may(APPROVE), words.who_may(BIND)
    match state.stage:
        case "draft":
            return Title(f"下一步：运行测试（{keeper.zh}）。", f"Next: run the tests ({keeper.en}).")
        case "tested":
            count = len(state.still_open)
            return Title(
                f"下一步：确认余下 {count} 项（{keeper.zh}）。", f"Next: confirm the other {count} items ({keeper.en})."
            )
        case "confirmed":
            return Title(
                f"下一步：由没有确认过任何一项的人批准（{chief.zh}）。",
                f"Next: approval by somebody who confirmed none of the items ({chief.en}).",
            )
        case "approved" if not everywhere:
            return Title(
                f"下一步：指定施行的区划和日期（{binder.zh}）。", f"Next: say where and from when ({binder.en})."
            )
        case _:
            return None


def _row(now: PackState, item: OpenItem, act: PackAct | None) -> ItemRow:
    standard = now.pack.standards.get(item.standard)
    value = _own_value(now.pack, item) if item.kind == "value" else None
    if act is not None and act.detail.get("value") is not None:
        value = _value(now.pack, item, act)
    return ItemRow(item, words.KINDS[item.kind], standard.title if standard else None, act, value)


def _value(pack: Pack, item: OpenItem, act: PackAct) -> Title:
    limit = pack.parameters[item.parameter]
    text, unit = decimal_text(act.detail["value"], limit.scale), unit_title(limit.unit)
    dates = f"{act.detail['from']} → {act.detail['to'] or ''}".strip()
    return Title(f"{text} {unit.zh if unit else ''}（{dates}）", f"{text} {unit.en if unit else ''} ({dates})")


def _own_value(pack: Pack, item: OpenItem) -> Title | None:
    limit = pack.parameters[item.parameter]
    found = next((each for each in limit.values if value_key(limit.name, each) == item.key), None)
    if found is None:
        return None
    text, unit = decimal_text(found.value, limit.scale), unit_title(limit.unit)
    dates = f"{found.valid_from} → {found.valid_to or ''}".strip()
    return Title(f"{text} {unit.zh if unit else ''}（{dates}）", f"{text} {unit.en if unit else ''} ({dates})")


def _about(now: PackState, act: PackAct, known: set[int]) -> Title:
    """What an act was about, in words; an area that the reader does not know is not named."""
    item = now.item(act.item)
    if item is not None:
        return Title(f"{words.KINDS[item.kind].zh}：{item.title.zh}", f"{words.KINDS[item.kind].en}: {item.title.en}")
    if act.kind == "scheduled" and act.detail["area_id"] not in known:
        return Title("另一区划", "another area")
    if act.kind == "scheduled":
        return Title(
            f"{act.detail['area']}，自 {act.detail['from']}", f"{act.detail['area']} from {act.detail['from']}"
        )
    if act.kind == "tested":
        cases, failed = act.detail["cases"], act.detail["failed"]
        return Title(f"{cases} 个判例，{failed} 个不符", f"{cases} cases, {failed} failing")
    return Title(act.item, act.item)


def _known(key: str) -> None:
    if key not in folders():
        raise Missing("unknown_pack", "没有这个标准包。", "There is no such pack.")


# -- one item ---------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pack: str, item: str) -> HttpResponse:
    """One open item: its text and source, the forms that close it or take that back, what was done about it."""
    actor = actor_of(request)
    require(actor, VIEW)
    _known(pack)
    now = state_of(pack)
    found = now.item(item)
    if found is None:
        raise Missing("no_such_item", "标准包没有这个待确认项。", "The pack has no such open item.")
    if request.method != "POST":
        return render(request, "standards/pack_item.html", _item_page(actor, now, found))
    try:
        said = _act_on_item(actor, pack, item, request.POST)
    except Problem as problem:
        if problem.status != 400:
            raise
        now = state_of(pack)
        context = _item_page(actor, now, now.item(item) or found)
        context |= {"problem": pick(problem.zh, problem.en), "given": request.POST}
        return render(request, "standards/pack_item.html", context, status=400)
    messages.success(request, pick(said.zh, said.en))
    return redirect("standards:pack", pack)


def _act_on_item(actor: Actor, pack: str, item: str, posted: QueryDict) -> Title:
    seen, reason = posted.get("seen", "")[:64], posted.get("reason", "")[:600]
    match posted.get("do"):
        case "confirm":
            value = None
            if "value" in posted:
                value = LimitValue(posted.get("value", "")[:40], _day(posted, "from"), _day(posted, "to"))
            services.confirm(actor, pack, item, posted.get("document", "")[:600], value=value, seen=seen)
            return Title(
                "已确认。批准之后，判定不再注明草案。", "Confirmed. Once approved, verdicts no longer say draft."
            )
        case "set_aside":
            services.set_aside(actor, pack, item, reason, seen=seen)
            return Title("已搁置。", "Set aside.")
        case "reopen":
            services.reopen(actor, pack, item, reason)
            return Title("已收回，这一项重新待确认。", "Taken back: the item is open again.")
        case _:
            raise Problem("bad_form", "请重新打开页面。", "Open the page again.")


def _item_page(actor: Actor, now: PackState, found: OpenItem) -> dict[str, Any]:
    act = next(act for item, act in now.state.closings if item.key == found.key)
    acts = [each for each in now.acts.values() if each.item == found.key]
    limit = now.pack.parameters.get(found.parameter)
    return {
        "pack": now.pack,
        "row": _row(now, found, now.acts[act.id] if act else None),
        "limit": limit,
        "unit": unit_title(limit.unit) if limit else None,
        "confirmable": found.kind in CONFIRMABLE,
        "may_confirm": may(actor, CONFIRM, area_path=common_path(timezone.localdate()) or None),
        "who": words.who_may(CONFIRM),
        "history": [(each, words.ACTS[each.kind], each.item_digest == found.digest) for each in reversed(acts)][
            :HISTORY
        ],
    }


def _day(posted: QueryDict, name: str, *, needed: bool = False) -> date | None:
    text = posted.get(name, "").strip()[:20]
    if not text and not needed:
        return None
    day = parse_date(text)
    if not isinstance(day, date):
        raise Problem("bad_date", "日期请写作 2018-12-01。", "Write the date as 2018-12-01.")
    return day

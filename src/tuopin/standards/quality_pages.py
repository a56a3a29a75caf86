"""Pages of data quality: doubts by rule and area, one rule with what it finds, and vouching for many at once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core.standards.kinds import QUALITY, SEVERITIES
from tuopin.core.workbook.values import parse_date
from tuopin.platform import panels
from tuopin.platform.access import actor_of, may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number, whole_numbers
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register.models import AreaVersion, Household, Residence
from tuopin.register.place import area_of

from . import doubts, results, waivers
from .packs import get_prepared
from .permissions import VIEW, WAIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse, QueryDict

    from tuopin.core.standards import Item
    from tuopin.platform.access import Actor

    from .doubts import Rule
    from .models import Evaluation

PAGE = 200
SHOWN = 20  # of those chosen, by code, before they are waived


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Doubts in an area by rule, and of each rule by the areas below."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW, area_path=area.path)
    below = list(AreaVersion.objects.filter(parent_id=area.area_id, valid_to=None).order_by("code"))
    context = {
        "area": area,
        "below": below,
        "standards": [_shown(area, each) for each in doubts.of_area(actor, area, below)],
        "may_waive": may(actor, WAIVE, area_path=area.path),
        "tabs": panels.tabs(actor, area, current="quality"),
    }
    return render(request, "standards/quality.html", context)


def _shown(area: AreaVersion, found: doubts.Doubts) -> dict[str, Any]:
    """Rules that find something, the gravest first, and the others by why they find nothing; each number with the
    address of its list."""

    def address(rule: Rule, verdict: str, more: str = "", code: str = area.code) -> str:
        return results.list_address(rule.run, code, rule.item.key, verdict) + more if found.linked else ""

    order = list(SEVERITIES)
    rules = sorted(
        found.rules,
        key=lambda rule: (order.index(rule.item.severity or "hint"), -rule.found),
    )
    rows = [
        {
            "rule": rule,
            "open": address(rule, "not_met", "&waived=0"),
            "waived": address(rule, "not_met", "&waived=1"),
            "unknown": "" if rule.closed else address(rule, "unknown"),
            "below": [(number, address(rule, "not_met", code=child.code)) for child, number in rule.below],
        }
        for rule in rules
    ]
    parts: dict[str, list[dict[str, Any]]] = {"rows": [], "unknown": [], "waiting": [], "clean": []}
    for row, rule in zip(rows, rules, strict=True):
        part = "waiting" if rule.waiting else "rows" if rule.found else "unknown" if rule.unknown else "clean"
        parts[part].append(row)
    areas = [child for child, _number in rules[0].below] if parts["rows"] else []
    return {"found": found, "areas": areas, **parts}


# -- one rule ---------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, standard: str, item: str) -> HttpResponse:
    """What one rule finds, to be vouched for; before many are, it is said how many and which."""
    actor, area = actor_of(request), area_of(request)
    require(actor, WAIVE, area_path=area.path)
    run, source = _rule(area, standard, item)
    if request.method == "POST":
        return _posted(request, actor, area, run, source)
    found = waivers.found(actor, run, item, area).order_by("subject_id")
    after = whole_number(request.GET.get("after", ""), 0)
    rows = list(found.filter(subject_id__gt=after).values_list("subject_id", "area_id")[: PAGE + 1])
    shown = rows[:PAGE]
    readlog.read(actor, f"standards.{run.level}s", {"area": area.code, "run": run.pk, "item": item}, len(shown))
    standing = waivers.in_force(run.standard, item).filter(level=run.level, subject_id__in=[key for key, _ in shown])
    by_subject = {each.subject_id: each for each in standing}
    codes, names = _names(run, shown)
    context = {
        "area": area,
        "run": run,
        "item": source,
        "severity": SEVERITIES[source.severity or "doubt"],
        "rows": [(key, codes.get(key, ""), names.get(at, ""), by_subject.get(key)) for key, at in shown],
        "total": found.count(),
        "next": shown[-1][0] if len(rows) > PAGE else None,
        "today": timezone.localdate(),
        "list": results.list_address(run, area.code, item, "not_met"),
        "tabs": panels.tabs(actor, area, current="quality"),
    }
    return render(request, "standards/quality_rule.html", context)


def _rule(area: AreaVersion, standard: str, item: str) -> tuple[Evaluation, Item]:
    """The newest evaluation with this rule that covers the area. Raises Missing."""
    run = next((each for each in results.newest(area, QUALITY.key) if each.standard == standard), None)
    if run is not None and item in run.items:
        known = get_prepared(run.pack, run.standard, run.day).standard.items
        source = next((each for each in known if each.key == item), None)
        if source is not None:
            return run, source
    raise Missing("no_such_rule", "没有这条规则的核查结果。", "There is no evaluation of such a rule.")


def _names(run: Evaluation, shown: Sequence[tuple[int, int]]) -> tuple[dict[int, str], dict[int, str]]:
    """Codes by subject, and names of villages by id."""
    areas = AreaVersion.objects.filter(area_id__in={at for _key, at in shown}, valid_to=None)
    named = {key: (code, name) for key, code, name in areas.values_list("area_id", "code", "name")}
    names = {key: name for key, (_code, name) in named.items()}
    if run.level == "household":
        codes = dict(Household.objects.filter(pk__in=[key for key, _at in shown]).values_list("id", "code"))
        return codes, names
    return {key: code for key, (code, _name) in named.items()}, names


def _posted(request: HttpRequest, actor: Actor, area: AreaVersion, run: Evaluation, source: Item) -> HttpResponse:
    posted = request.POST
    chosen = _chosen(actor, area, run, source.key, posted)
    if posted.get("do") in {"unwaive", "end"}:
        chosen = waivers.standing(run, source.key, chosen)
        if posted.get("do") == "unwaive":
            return _preview(request, actor, area, run, source, chosen, {"ends": True})
        if posted.get("expected") != str(len(chosen)):
            raise _moved()
        count = waivers.end(actor, run, source.key, chosen)
        messages.success(request, pick(f"已收回 {count} 条的核实。", f"{count} are open again."))
        return redirect(request.get_full_path())
    until, reason = _until(posted), posted.get("reason", "")[:600]
    if posted.get("do") == "waive":
        if posted.get("expected") != str(len(chosen)):
            raise _moved()
        count = waivers.waive(actor, run, source.key, chosen, reason, until)
        messages.success(request, pick(f"{count} 条记为已核实无误。", f"{count} are vouched for."))
        return redirect(request.get_full_path())
    waivers.check(run, source.key, reason, until, len(chosen))
    return _preview(request, actor, area, run, source, chosen, {"reason": reason.strip(), "until": until})


def _moved() -> Problem:
    return Problem(
        "changed_meanwhile",
        "疑点在预览之后有变动，请重新预览。",
        "The doubts changed after the preview; look at it again.",
    )


def _preview(
    request: HttpRequest, actor: Actor, area: AreaVersion, run: Evaluation, source: Item, chosen: list[int],
    more: dict[str, Any],
) -> HttpResponse:  # fmt: skip
    """How many, and the first of them by code, before anything is written."""
    posted = request.POST
    first = sorted(chosen)[:SHOWN]
    readlog.read(actor, f"standards.{run.level}s", {"area": area.code, "run": run.pk, "item": source.key}, len(first))
    places = dict(
        Residence.objects.filter(household_id__in=first, valid_to=None).values_list("household_id", "area_id")
    )
    codes, names = _names(run, [(key, places.get(key, key)) for key in first])
    context = {
        "area": area,
        "item": source,
        "chosen": [] if posted.get("scope") == "all" else sorted(chosen),
        "everything": posted.get("scope") == "all",
        "count": len(chosen),
        "rest": len(chosen) - len(first),
        "run": run,
        "first": [(codes.get(key, ""), names.get(places.get(key, key), "")) for key in first],
        "tabs": panels.tabs(actor, area, current="quality"),
    }
    return render(request, "standards/quality_preview.html", context | more)


def _chosen(actor: Actor, area: AreaVersion, run: Evaluation, item: str, posted: QueryDict) -> list[int]:
    """The subjects that were ticked, or all: what the rule finds in the area within the grants, for the preview names
    them. Raises Missing for a number that is none of these."""
    found = waivers.found(actor, run, item, area).order_by("subject_id").values_list("subject_id", flat=True)
    if posted.get("scope") == "all":
        return list(found[: waivers.MOST + 1])
    ticked = set(whole_numbers(posted.getlist("i")[: PAGE * 2]))
    chosen = list(found.filter(subject_id__in=ticked))
    if len(chosen) != len(ticked):
        raise waivers.no_such_finding()
    return chosen


def _until(posted: QueryDict) -> date:
    until = parse_date(posted.get("until", "")[:20])
    if not isinstance(until, date):
        raise Problem("bad_date", "截止日期请写作 2018-12-01。", "Write the last day as 2018-12-01.")
    return until

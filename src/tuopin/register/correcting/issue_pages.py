"""Pages of data issues: by code with counts, the list behind each count, correcting and vouching for many at once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.core.workbook.values import parse_date
from tuopin.platform import panels
from tuopin.platform.access import may, require
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_numbers
from tuopin.platform.lists.pages import first_of, list_page
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick

from .. import counting
from ..issue_codes import issue_codes
from ..listings import reader_at
from ..models import AreaVersion, Household, Membership, Person
from ..permissions import CORRECT, VIEW_HOUSEHOLD, WAIVE
from ..place import area_of
from ..record import masked
from . import drafts, forms, listings, naming, waivers
from .drafts import Proposal
from .fields import all_fields
from .pages import CHOICES, actor_of
from .recheck import field_of_issue
from .subjects import AREAS, listed_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

    from tuopin.platform.access import Actor

    from ..models import DataIssue

PAGE = 200


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Issues of an area by code: how many, what it means, what to do."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_HOUSEHOLD, area_path=area.path)
    waived = Q(waived=True)
    found = (
        waivers.issues(actor, area).values("code").annotate(total=Count("pk"), waived_count=Count("pk", filter=waived))
    )
    by = {row["code"]: row for row in found}
    correctable = may(actor, CORRECT, area_path=area.path)
    classes = reader_at(actor, VIEW_HOUSEHOLD, area, {}).classes
    rows = [
        {
            "code": code,
            "known": known,
            "severity": listings.SEVERITIES[known.severity],
            "open": by[code]["total"] - by[code]["waived_count"],
            "waived": by[code]["waived_count"],
            "correct": correctable and known.severity != "reject",
        }
        for code, known in issue_codes().items()
        if code in by and naming.issue_is_named(code, classes)
    ]
    others = sum(row["total"] for code, row in by.items() if not naming.issue_is_named(code, classes))
    context = {"area": area, "rows": rows, "others": others, "tabs": panels.tabs(actor, area, current="issues")}
    return render(request, "register/issues.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def issue_list(request: HttpRequest) -> HttpResponseBase:
    """The list behind a count."""
    actor, area = actor_of(request), area_of(request)
    require(actor, VIEW_HOUSEHOLD, area_path=area.path)
    who = reader_at(actor, VIEW_HOUSEHOLD, area, first_of(request.GET))
    context = {"area": area, "tabs": panels.tabs(actor, area, current="issues")}
    return list_page(request, listings.ISSUES, who, "register/issue_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request: HttpRequest) -> HttpResponseBase:
    """Corrections that are not yet in the national system."""
    actor, area = actor_of(request), area_of(request)
    require(actor, CORRECT, area_path=area.path)
    who = reader_at(actor, CORRECT, area, first_of(request.GET))
    return list_page(request, listings.CORRECTIONS, who, "register/corrections.html", {"area": area})


# -- many at once ---------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def correct_issues(request: HttpRequest, code: str) -> HttpResponse:
    """Issues of one code as a table to fill in: one value for all chosen, a value each, or a pasted column."""
    actor, area = actor_of(request), area_of(request)
    require(actor, CORRECT, area_path=area.path)
    known, who = issue_codes().get(code), reader_at(actor, CORRECT, area, {})
    if known is None or not naming.issue_is_named(code, who.classes):
        raise Missing("no_such_code", "没有这类数据疑点。", "There is no such kind of data issue.")
    found = waivers.issues(actor, area, CORRECT).filter(code=code).order_by("pk").select_related("sheet")
    if request.method == "POST":
        return _posted(request, actor, area, found)
    after = request.GET.get("after", "")
    rows = list(found.filter(pk__gt=int(after) if after.isdecimal() and len(after) < 18 else 0)[: PAGE + 1])
    shown = rows[:PAGE]
    readlog.read(actor, "register.issues", {"area": area.code, "code": code, "for": "correction"}, len(shown))
    column_of = naming.Columns(who.classes)
    table = [
        {
            "issue": each,
            "column": column_of.title(each.code, each.kind, each.column),
            "field": all_fields().get(field_of_issue(each)),
            "value": masked(each.value) if who.opens(listings.ALL_CLASSES) else "",
        }
        for each in shown
    ]
    context = {
        "area": area,
        "code": code,
        "known": known,
        "rows": table,
        "total": found.count(),
        "next": shown[-1].pk if len(rows) > PAGE else None,
        "single": any(row["field"] for row in table),
        "sources": [(key, forms.SOURCES[key]) for key in CHOICES],
        "today": timezone.localdate(),
        "day": min(counting.as_of(), timezone.localdate()),
        "may_waive": may(actor, WAIVE, area_path=area.path),
        "tabs": panels.tabs(actor, area, current="issues"),
        "limit": drafts.LIMIT,
    }
    return render(request, "register/issues_correct.html", context)


def _posted(request: HttpRequest, actor: Actor, area: AreaVersion, found: Any) -> HttpResponse:
    back = f"{reverse('register:issues')}?area={area.code}"
    chosen = _numbers(request.POST.getlist("i"))
    if request.POST.get("do") in {"waive", "unwaive"}:
        return _waive(request, actor, chosen)
    why = forms.why_of(request.POST, "issues")
    everything = request.POST.get("scope") == "all"
    one = request.POST.get("one", "").strip()
    if everything and not one:
        raise Problem("no_value", "请填写要统一改成的值。", "Give the value for all of them.")
    shown = _numbers(request.POST.getlist("shown"))
    rows = found if everything else found.filter(pk__in=list(set(shown) | set(chosen))[: PAGE * 2])
    issues = list(rows[: drafts.LIMIT + 1])
    if len(issues) > drafts.LIMIT:
        raise Problem(
            "too_many_rows",
            f"一次最多处理 {drafts.LIMIT:,} 行。请先选择下级区域。",
            f"At most {drafts.LIMIT:,} rows at a time. Choose a smaller area first.",
        )
    texts = {each.pk: one for each in issues} if everything else _texts(request.POST, shown, chosen, one)
    proposals = list(_proposals(issues, texts))
    if not proposals:
        raise Problem(
            "nothing_filled",
            "还没有填写任何值。请勾选行并填写统一值，或逐行填写，或粘贴一列。",
            "No value was given. Tick rows and give one value, fill in rows, or paste a column.",
        )
    return redirect("register:draft", drafts.prepare(actor, proposals, why, back=back).pk)


def _texts(posted: QueryDict, shown: Sequence[int], chosen: Sequence[int], one: str) -> dict[int, str]:
    """What is written for each issue: its own cell first, then the pasted column, then the one value."""
    texts = dict.fromkeys(chosen, one) if one else {}
    pasted = posted.get("column", "").replace("\r\n", "\n").split("\n")
    lines = [line.split("\t")[0].strip() for line in pasted[:PAGE]]
    texts |= {key: line for key, line in zip(shown, lines, strict=False) if line}
    texts |= {key: own for key in shown if (own := posted.get(f"v-{key}", "").strip())}
    return texts


def _proposals(issues: Iterable[DataIssue], texts: Mapping[int, str]) -> Iterable[Proposal]:
    wanted = [each for each in issues if each.pk in texts]
    subjects = _subjects(wanted)
    for each in wanted:
        name = field_of_issue(each)
        if name not in all_fields():
            continue
        item = all_fields()[name]
        subject = subjects.get((item.level, each.subject, each.person if item.level == "person" else ""))
        text = "" if texts[each.pk] in forms.UNKNOWN_WORDS else texts[each.pk]
        yield Proposal(item.level, subject, name, text[:300], row=each.row, code=each.subject)


def _subjects(issues: Sequence[DataIssue]) -> dict[tuple[str, str, str], int]:
    """Ids by level, code of the household or village and code of the person. A person without a code is found where
    the household has only one such member."""
    codes, people = {each.subject for each in issues}, {each.person for each in issues if each.person}
    found: dict[tuple[str, str, str], int] = {}
    households = dict(Household.objects.filter(code__in=listed_texts(codes)).values_list("code", "pk"))
    found |= {("household", code, ""): key for code, key in households.items()}
    areas = AreaVersion.objects.filter(code__in=listed_texts(codes), valid_to=None, level__in=AREAS)
    found |= {(level, code, ""): key for level, code, key in areas.values_list("level", "code", "area_id")}
    persons = dict(Person.objects.filter(code__in=listed_texts(people)).values_list("code", "pk")) if people else {}
    nameless: dict[str, list[int]] = {}
    if any(not each.person for each in issues):
        for code, key in Membership.objects.filter(
            household__code__in=listed_texts(codes), valid_to=None, person__code=""
        ).values_list("household__code", "person_id"):
            nameless.setdefault(code, []).append(key)
    for each in issues:
        own = persons.get(each.person) if each.person else None
        if not each.person and len(nameless.get(each.subject, [])) == 1:
            own = nameless[each.subject][0]
        if own is not None:
            found["person", each.subject, each.person] = own
    return found


def _waive(request: HttpRequest, actor: Actor, chosen: Sequence[int]) -> HttpResponse:
    if request.POST.get("do") == "unwaive":
        count = waivers.end(actor, chosen)
        messages.success(request, pick(f"已收回 {count} 条的核实。", f"{count} issues are open again."))
        return redirect(request.get_full_path())
    until = parse_date(request.POST.get("until", "")[:20])
    if not isinstance(until, date):
        raise Problem("bad_date", "截止日期请写作 2018-12-01。", "Write the last day as 2018-12-01.")
    count = waivers.waive(actor, chosen, request.POST.get("waiver_reason", "")[:600], until)
    messages.success(request, pick(f"{count} 条记为已核实无误。", f"{count} issues are vouched for."))
    return redirect(request.get_full_path())


def _numbers(texts: Sequence[str]) -> list[int]:
    return whole_numbers(texts[: PAGE * 2])

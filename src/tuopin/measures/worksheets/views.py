"""Pages of income worksheets: one household's card with its forms, and who has one in an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tuopin.platform import evidence, panels
from tuopin.platform.access import actor_of, may
from tuopin.platform.auditing import readlog
from tuopin.platform.given import whole_number
from tuopin.platform.panels import decimal_text
from tuopin.platform.problems import Missing, Problem
from tuopin.platform.words import pick
from tuopin.register import counting
from tuopin.register import selectors as register
from tuopin.register.models import HouseholdCard
from tuopin.register.permissions import CORRECT, VIEW_HOUSEHOLD
from tuopin.register.place import area_of

from ..merged import former_codes
from ..permissions import KEEP_WORKSHEET, VIEW
from ..years import year_of, years
from . import forms, selectors, services, taking
from .lines import PARTS, lines
from .models import IncomeWorksheet
from .states import STATES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict
    from django.http.response import HttpResponseBase

    from tuopin.platform.access import Actor
    from tuopin.register.models import HouseholdIncome
    from tuopin.register.selectors import Placed

    from .states import View

TAB = "worksheets"
YEARS = 3
"""Years side by side on a card."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def worksheet(request: HttpRequest, code: str) -> HttpResponse:
    """A household's worksheet of a year. What a form gets wrong is said above it, with what was typed."""
    actor = actor_of(request)
    placed = _placed(actor, code)
    year = year_of(request.GET.get("year", ""))
    problem: Problem | None = None
    if request.method == "POST":
        try:
            _act(request, actor, placed, year)
        except Problem as found:
            if found.status != 400:
                raise
            problem = found
        else:
            return redirect(f"{reverse('measures:worksheet', args=[code])}?year={year}")
    readlog.read(actor, "measures.worksheet", {"household": code, "year": year}, 1)
    context = _context(actor, placed, year, request.POST if problem and request.POST.get("do") == "keep" else None)
    if problem is not None:
        context["problem"] = pick(problem.zh, problem.en)
    return render(request, "measures/worksheet.html", context, status=400 if problem else 200)


def _placed(actor: Actor, code: str) -> Placed:
    placed = register.household(actor, code)
    if not may(actor, VIEW, area_path=placed.village.path, household_id=placed.household.pk):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.")
    return placed


def _act(request: HttpRequest, actor: Actor, placed: Placed, year: int) -> None:
    posted, household = request.POST, placed.household.pk
    match posted.get("do", ""):
        case "keep":
            services.keep(actor, [forms.draft(posted, household, year)])
            messages.success(request, pick("已保存，等户主签字。", "Kept; it waits for the household’s signature."))
        case "answer":
            number = _own(household, posted.get("worksheet", ""))
            paper = request.FILES.get("paper")
            kept = evidence.keep(paper) if isinstance(paper, UploadedFile) and _keeps(actor, placed) else None
            rows = services.answer(actor, [number], forms.reply(posted, kept))
            _say_answered(request, actor, rows[0].worksheet, rows[0].kind)
        case "take":
            outcome = taking.take(actor, [_own(household, posted.get("worksheet", ""))])
            messages.success(request, _taken(outcome))
        case _:
            raise Problem("bad_form", "请从页面上的按钮提交。", "Use the buttons of the page.")


def _say_answered(request: HttpRequest, actor: Actor, row: IncomeWorksheet, kind: str) -> None:
    """What is recorded, and what followed of it: a signature stands, whether the register took the amounts or not."""
    if kind != "signed":
        messages.success(request, pick("已记录户主的意见。", "What the household said is recorded."))
        return
    signed = pick("已记录签字。", "The signature is recorded.")
    try:
        outcome = taking.take_if_allowed(actor, [row])
    except Problem as found:
        messages.warning(
            request, signed + pick(f"但没有写入登记：{found.zh}", f" The register did not take it: {found.en}")
        )
        return
    if outcome is None:
        messages.success(request, signed + pick("等乡镇或县写入登记。", " Township or county take it over."))
    elif outcome.taken:
        messages.success(request, signed + pick("", " ") + _taken(outcome))
    else:
        messages.warning(request, signed + pick("", " ") + _taken(outcome))


def _taken(outcome: taking.Outcome) -> str:
    if outcome.taken:
        return pick(f"已写入登记 {outcome.taken} 户。", f"The register took {outcome.taken}.")
    if outcome.held:
        return pick(
            "登记中已有更新的收入数据，没有写入；请核对两边。",
            "The register has newer income: nothing was written. Compare the two.",
        )
    return pick("没有要写入登记的。", "There is nothing to take.")


def _own(household: int, text: str) -> int:
    """A worksheet of this household. Raises Missing."""
    number = whole_number(text, 0) or 0
    if not IncomeWorksheet.objects.filter(pk=number, household_id=household).exists():
        raise Missing("no_such_worksheet", "没有这张明白卡。", "There is no such worksheet.")
    return number


def _keeps(actor: Actor, placed: Placed) -> bool:
    return may(actor, KEEP_WORKSHEET, area_path=placed.village.path, household_id=placed.household.pk)


def _context(actor: Actor, placed: Placed, year: int, posted: QueryDict | None) -> dict[str, Any]:
    household = placed.household.pk
    found = selectors.versions_of(actor, placed)
    versions = found.get(year, [])
    newest = versions[0] if versions else None
    papers: dict[int, list[Any]] = {}
    for paper in evidence.of(services.ABOUT, [each.worksheet.pk for each in versions]):
        papers.setdefault(paper.about_id, []).append(paper)
    side = [each for each in range(year, year - YEARS, -1) if each == year or each in found]
    columns = [found[each][0] if each in found else None for each in side]
    card = HouseholdCard.objects.filter(pk=household).first()
    registered = selectors.registered_income(household)
    return {
        "placed": placed,
        "former": former_codes(household),
        "head": card.head_name if card else "",
        "year": year,
        "years": sorted({*found, year, *years(count=2)}, reverse=True),
        "shown_years": side,
        "newest": newest,
        "state": STATES[newest.state] if newest else None,
        "papers": papers.get(newest.worksheet.pk, []) if newest else [],
        "older": [(each, STATES[each.state], papers.get(each.worksheet.pk, [])) for each in versions[1:]],
        "parts": _parts(columns, registered),
        "net": [_net(each) for each in columns],
        "registered": registered,
        "keeps": _keeps(actor, placed),
        "takes": may(actor, CORRECT, area_path=placed.village.path, household_id=household),
        "form": _form(newest, posted),
        "typed": posted is not None,
        "members": posted.get("members", "")[:3] if posted else newest.worksheet.members if newest
        else card.members if card else "",
        "reason": posted.get("reason", "")[:500] if posted else "",
        "today": timezone.localdate(),
    }  # fmt: skip


def _parts(columns: list[View | None], registered: HouseholdIncome | None) -> list[dict[str, Any]]:
    """The card's table: parts, in each its lines, a cell a year; beside a part what the register says of it."""
    rows = []
    for part, title in PARTS.items():
        own = [line for line in lines().values() if line.part == part]
        rows.append(
            {
                "title": title,
                "lines": [
                    (
                        line,
                        [_yuan(None if each is None else each.amounts.get(line.key)) for each in columns],
                        columns[0].notes.get(line.key, "") if columns[0] else "",
                    )
                    for line in own
                ],
                "sums": [_yuan(None if each is None else each.sums[part]) for each in columns],
                "registered": _yuan(_registered(registered, part)),
            }
        )
    return rows


def _registered(row: HouseholdIncome | None, part: str) -> int | None:
    """The register's amount of a part, costs taken off as on the card."""
    amount = getattr(row, part, None)
    if part != "business" or amount is None:
        return amount
    cost = getattr(row, "business_cost", None)
    return None if cost is None else int(amount) - int(cost)


def _net(view: View | None) -> tuple[str, str]:
    return (_yuan(view.sums["net"]), _yuan(view.per_head)) if view else ("", "")


def _yuan(fen: int | None) -> str:
    return "" if fen is None else decimal_text(fen, 2)


def _form(newest: View | None, posted: QueryDict | None) -> list[dict[str, Any]]:
    """The lines of the form with what was typed, or what the newest version says."""
    rows = []
    for part, title in PARTS.items():
        fields = []
        for line in lines().values():
            if line.part != part:
                continue
            amount = newest.amounts.get(line.key) if newest else None
            typed = "" if amount is None else f"{amount // 100}.{amount % 100:02d}"
            note = newest.notes.get(line.key, "") if newest else ""
            if posted is not None:
                typed, note = posted.get(f"amount-{line.key}", "")[:20], posted.get(f"note-{line.key}", "")[:100]
            fields.append((line, typed, note))
        rows.append({"title": title, "fields": fields})
    return rows


@require_GET
@never_cache
def paper(request: HttpRequest, code: str, paper_id: int) -> HttpResponseBase:
    """The signed paper, to be saved."""
    actor = actor_of(request)
    placed = _placed(actor, code)
    sheets = IncomeWorksheet.objects.filter(household_id=placed.household.pk).values_list("pk", flat=True)
    found = next((each for each in evidence.of(services.ABOUT, list(sheets)) if each.pk == paper_id), None)
    if found is None:
        raise Missing("no_such_file", "没有这个文件。", "There is no such file.")
    readlog.read(actor, "measures.worksheet_paper", {"household": code}, 1)
    return evidence.attachment(found)


@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """How many households of an area have the year's worksheet, and in which state; what is signed goes into the
    register from here."""
    actor, area = actor_of(request), area_of(request)
    year = year_of(request.POST.get("year") or request.GET.get("year", ""))
    if request.method == "POST":
        messages.success(request, _taken(taking.take_area(actor, area, year)))
        return redirect(f"{reverse('measures:worksheets')}?area={area.code}&year={year}")
    whole, below = selectors.coverage(actor, area, year)
    context = {
        "area": area,
        "year": year,
        "years": years(),
        "states": [(key, STATES[key]) for key in SHOWN],
        "whole": _cells(whole),
        "rows": [(each, _cells(found)) for each, found in below],
        "listed": year == counting.as_of().year and may(actor, VIEW_HOUSEHOLD, area_path=area.path),
        "takes": whole.by_state.get("signed", 0) and may(actor, CORRECT, area_path=area.path),
        "tabs": panels.tabs(actor, area, current=TAB),
    }
    return render(request, "measures/worksheets.html", context)


SHOWN = ("taken", "signed", "held", "drafted", "refused")


def _cells(found: selectors.Coverage) -> dict[str, Any]:
    return {
        "households": found.households,
        "none": found.none,
        "states": [(key, found.by_state.get(key, 0)) for key in SHOWN],
    }

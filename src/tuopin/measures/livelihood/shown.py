"""How livelihood is printed: figures of an area with the lists behind them, lines of a household with their states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tuopin.core.language.catalogue import Title
from tuopin.platform.panels import decimal_text

from . import selectors
from .lists import DIVIDENDS_STATES, LOAN_STATES, SPANS, WORK_STATES
from .panel import told
from .words import DUE_SOON, FORMS, OLD_HOUSE, PLACES, RISKS, USES, WORKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .figures import Coverage, Livelihood
    from .panel import Found, Line

HOUSEHOLDS, PERSONS = Title("户", "households"), Title("人", "persons")
YUAN = Title("元", "yuan")
QUESTIONS: Mapping[str, Title] = {
    "job": Title("有人就业", "somebody has work"),
    "school": Title("就学落实", "school"),
    "clinic": Title("就医方便", "clinic"),
    "land": Title("原籍有承包地", "land where they came from"),
    "registered": Title("户籍未迁", "still registered there"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A figure of an area, and the list behind it ('' = none)."""

    title: Title
    text: str
    unit: Title | None = None
    href: str = ""
    late: bool = False


def _number(
    zh: str,
    en: str,
    count: int,
    name: str,
    area: str,
    query: str = "",
    unit: Title | None = None,
    *,
    late: bool = False,
) -> Number:
    href = f"{reverse(f'measures:{name}')}?area={area}{query}" if count else ""
    return Number(Title(zh, en), f"{count:,}", unit, href, late and count > 0)


def groups(found: Livelihood, area: str) -> list[tuple[Title, list[Number]]]:
    """The figures by subject; what is closed to the reader is not there."""
    risk = "&risk=risk" if found.enterprises["at_risk"] else ""
    owed = found.dividends["owed"] - found.dividends["part"]
    made = [
        (
            Title("带贫主体", "Enterprises"),
            [
                _number("带贫主体", "enterprises", found.enterprises["all"], "enterprises", area),
                _number("龙头企业", "leading", found.enterprises["leading"], "enterprises", area, "&kind=leading"),
                _number("扶贫车间", "workshops", found.enterprises["workshops"], "enterprises", area, "&kind=workshop"),
                _number("有风险、停产或破产", "at risk, stopped, bankrupt", found.enterprises["at_risk"], "enterprises",
                        area, risk.replace("risk=risk", "risk=risk&risk=stopped&risk=bankrupt"), late=True),
            ],
        ),
        (
            Title("联结和分红", "Links and dividends"),
            [
                _number("在联", "links standing", found.links["live"], "links", area, "&state=live"),
                _number("在联户", "households linked", found.links["households"], "links", area, "&state=live",
                    HOUSEHOLDS),
                _number("所靠主体有风险的户", "households on one at risk", found.links["at_risk"], "links", area,
                        "&state=live&risk=risk&risk=stopped&risk=bankrupt", HOUSEHOLDS, late=True),
                _number("分红超期未兑现", "dividends overdue", found.dividends["overdue"], "dividends", area,
                        "&state=overdue", late=True),
                Number(Title("欠付", "owed"), decimal_text(owed, 2), YUAN),
            ],
        ),
        (
            Title("务工就业", "Work"),
            [
                _number("在岗", "at work", found.work["live"], "work", area, "&state=live", PERSONS),
                _number("省外", "outside the province", found.work["outside"], "work", area,
                    "&state=live&place=outside",
                        PERSONS),
                _number("公益岗位", "public posts", found.work["public_post"], "work", area,
                        "&state=live&kind=public_post", PERSONS),
                _number("扶贫车间", "workshops", found.work["workshop"], "work", area, "&state=live&kind=workshop",
                    PERSONS),
                _number("本年返乡", "came back this year", found.work["returned"], "work", area, "&state=returned",
                    PERSONS),
            ],
        ),
        (Title("易地搬迁", "Relocation"), _relocation(found.relocation, area)),
    ]  # fmt: skip
    if found.loans is not None:
        made.append((Title("小额信贷", "Loans"), _loans(found.loans, area)))
    return made


def panel(links: Mapping[str, int], work: Mapping[str, int], area: str) -> list[Number]:
    """The few figures that the page of an area shows."""
    return [
        _number("在联户", "households linked", links["households"], "links", area, "&state=live", HOUSEHOLDS),
        _number("所靠主体有风险的户", "households on one at risk", links["at_risk"], "links", area,
                "&state=live&risk=risk&risk=stopped&risk=bankrupt", HOUSEHOLDS, late=True),
        _number("在岗", "at work", work["live"], "work", area, "&state=live", PERSONS),
        _number("本年返乡", "came back this year", work["returned"], "work", area, "&state=returned", PERSONS),
    ]  # fmt: skip


def _relocation(found: Mapping[str, int], area: str) -> list[Number]:
    def lacking(zh: str, en: str, key: str) -> Number:
        query = f"&lacks={key.removeprefix('no_')}"
        return _number(zh, en, found[key], "relocations", area, query, HOUSEHOLDS, late=True)

    made = [
        _number("搬迁户", "moved households", found["all"], "relocations", area, "", HOUSEHOLDS),
        lacking("无人就业", "without work", "no_job"),
        lacking("就医未落实", "without a clinic", "no_clinic"),
        lacking("旧房未拆", "old house stands", "house"),
    ]
    if "no_school" in found:
        made.insert(2, lacking("就学未落实", "without school", "no_school"))
    return made


def _loans(found: Mapping[str, int], area: str) -> list[Number]:
    return [
        _number("未还清", "standing", found["standing"], "loans", area),
        Number(Title("贷款额", "amount"), decimal_text(found["amount"], 2), YUAN),
        _number("已逾期", "overdue", found["overdue"], "loans", area, "&state=overdue", late=True),
        _number("30 天内到期", "due in 30 days", found["due30"], "loans", area, "&state=due30"),
        _number("31—60 天到期", "due in 31 to 60 days", found["due60"], "loans", area, "&state=due60"),
        _number("户贷企用", "lent on", found["lent_on"], "loans", area, "&use=lent_on", late=True),
    ]


def coverage(found: Coverage) -> dict[str, Any]:
    """Coverage as texts: an interval where it is not known who can work; '' = unknown."""

    def rate(part: float | None) -> str:
        return "" if part is None else f"{part * 100:.2f}%"

    low, high = rate(found.low), rate(found.high)
    return {
        "rate": low if low == high else f"{low}—{high}",
        "mean": "" if found.mean is None else f"{found.mean:.2f}",
        "share": rate(found.share),
        "found": found,
    }


# -- one household ------------------------------------------------------------------------------------------------


def household(lines: Iterable[Line], day: date, classes: frozenset[str] | None) -> dict[str, Any]:
    """What is known of one household, with states, for its page and panel."""
    found = told(
        lines,
        loans=classes is None or selectors.BANK in classes,
        children=classes is None or selectors.CHILD in classes,
    )
    return {
        "any": bool(found),
        "links": [(row, FORMS.get(row.kind), _span(row, day), _risky(row), _yuan(row.amount)) for row in found.links],
        "dividends": [(row, DIVIDENDS_STATES[_paid(row, day)], _yuan(row.amount),
            _yuan(row.more)) for row in found.dividends],
        "work": [
            (row, WORKS.get(row.kind), _work(row, day), PLACES.get(row.extra), _yuan(row.amount)) for row in found.work
        ],
        "loans": [
            (row, USES.get(row.kind), LOAN_STATES[_due(row, day)], _yuan(row.amount), row.kind == "lent_on")
            for row in found.loans
        ],
        "relocation": _moved(found),
    }  # fmt: skip


def _yuan(amount: int | None) -> str:
    return "" if amount is None else decimal_text(amount, 2)


def _on(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _span(row: Line, day: date) -> tuple[str, Title]:
    """Whether it stands on the day."""
    first, end = _on(row.first), _on(row.last)
    state = "planned" if first is not None and first > day else "ended" if end is not None and end <= day else "live"
    return state, SPANS[state]


def _risky(row: Line) -> Title | None:
    return RISKS[row.extra] if row.extra in {"watch", "risk", "stopped", "bankrupt"} else None


def _work(row: Line, day: date) -> tuple[str, Title]:
    state, _title = _span(row, day)
    state = "returned" if state == "ended" and row.more else state
    return state, WORK_STATES[state]


def _paid(row: Line, day: date) -> str:
    """As ``selectors.dividends`` derives it."""
    due, paid, on = row.amount, row.more, _on(row.first)
    if paid is not None and (due is None or paid >= due):
        return "paid"
    if due is not None and on is not None and on < day:
        return "overdue"
    if due is not None and paid:
        return "part"
    return "unknown" if on is None else "open"


def _due(row: Line, day: date) -> str:
    """As ``selectors.loan_state`` derives it."""
    repaid, due = _on(row.extra), _on(row.last)
    if repaid is not None and repaid <= day:
        return "repaid"
    if due is None:
        return "unknown"
    if due < day:
        return "overdue"
    if due <= day + timedelta(days=DUE_SOON // 2):
        return "due30"
    return "due60" if due <= day + timedelta(days=DUE_SOON) else "running"


def _moved(found: Found) -> dict[str, Any] | None:
    if not found.relocation:
        return None
    (row,) = found.relocation
    return {
        "row": row,
        "house": OLD_HOUSE.get(row.kind),
        "standing": row.kind == "standing",
        "answers": [(QUESTIONS[each.kind], each) for each in found.answers],
    }

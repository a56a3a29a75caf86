"""What the register shows on the page of a household or a village."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import field_classes_at, may
from tuopin.platform.panels import Line, Panel, Tab, decimal_text, fact_line, fact_text

from . import record, timeline
from .codes import CAUSE_GROUPS, cause_group, code_title
from .correcting.naming import Columns, issue_is_named, issue_title
from .correcting.waivers import waived_until
from .county_panel import county_panel
from .events.areas.mapping import predecessors
from .facts import TABLES
from .household_file import file_of
from .issue_codes import issue_codes
from .models import VillageCondition, VillageWorks
from .permissions import CORRECT, RECORD_EVENTS, REVEAL, VIEW_AREA, VIEW_HOUSEHOLD
from .selectors import open_issues

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from tuopin.platform.access import Actor
    from tuopin.platform.panels import Event

    from .household_file import HouseholdFile
    from .models import AreaVersion, DataIssue, FactBlock, HouseholdIncome, HouseholdProfile, Membership
    from .record import Classes, Member
    from .selectors import Placed

_YES_NO = {True: Title("是", "yes"), False: Title("否", "no")}
_LEDGERS = {
    "water": Title("饮水安全核查", "Water survey"),
    "works": Title("六改工程", "Improvements of the house"),
    "monitoring": Title("防返贫监测", "Monitoring"),
}
_INCOME = ("wage", "business", "property", "transfer", "business_cost")


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the table prints it; a Title is None where the cell is blank, ``hidden`` where it may not be seen."""

    member: Member
    name: str
    relation: Title | None
    sex: Title | None
    schooling: Title | None
    insured: Title | None
    health: Title | None
    labour: Title | None


@dataclass(frozen=True, slots=True)
class IssueRow:
    """A data issue with what it means and what to do, as far as the reader may know what it is about; ``waived``: until
    when somebody vouched for it."""

    issue: DataIssue
    title: Title
    action: Title | None
    column: Title
    value: str
    waived: date | None


def household_panels(actor: Actor, placed: Placed, day: date) -> list[Panel]:
    """Members, income, living conditions, data issues."""
    household, file = placed.household, file_of(placed, day)
    classes = field_classes_at(actor, VIEW_HOUSEHOLD, placed.village.path, household.pk)
    may_reveal = may(actor, REVEAL, area_path=placed.village.path, household_id=household.pk)
    panels = [_members(file, classes, may_reveal=may_reveal), _issues(actor, household.code, classes)]
    if may(actor, CORRECT, area_path=placed.village.path, household_id=household.pk):
        panels.append(_correct(reverse("register:correct_household", args=[household.code])))
    if may(actor, RECORD_EVENTS, area_path=placed.village.path):
        panels.append(_record(reverse("register:household_events", args=[household.code])))
    if file.profile is not None:
        panels.append(_profile(file.profile, classes))
    if file.income is not None:
        panels.append(_income(file.income))
    if file.living is not None:
        panels.append(
            _block("living", Title("生产生活条件", "Living conditions"), "household_living", file.living, 40, classes)
        )
    if file.check is not None:
        panels.append(
            _block("check", Title("入户核查", "Verified at the door"), "household_check", file.check, 45, classes)
        )
    for order, (key, title) in enumerate(_LEDGERS.items(), start=46):
        row = file.newest(f"household_{key}", file.household_id)
        if row is not None:
            panels.append(_block(key, title, f"household_{key}", row, order, classes))
    return panels


def household_events(actor: Actor, placed: Placed) -> list[Event]:
    """What the register knows of the household, dated: statuses, members, imports, corrections, moves."""
    classes = field_classes_at(actor, VIEW_HOUSEHOLD, placed.village.path, placed.household.pk)
    return timeline.events(placed, classes)


def area_panels(actor: Actor, area: AreaVersion, day: date) -> list[Panel]:
    """For a village what 村信息 says, for a county its figures."""
    if area.level == "county" and may(actor, VIEW_AREA, area_path=area.path):
        found = [county_panel(area, day, 40)]
        return (
            [*found, _correct(reverse("register:correct_county", args=[area.code]))]
            if _corrects(actor, area)
            else found
        )
    if area.level != "village" or not may(actor, VIEW_AREA, area_path=area.path):
        return []
    rows = {
        model: record.newest(model, "area_id", [area.area_id], day, with_sheet=True).get(area.area_id)
        for model in (VillageCondition, VillageWorks)
    }
    condition, works = rows[VillageCondition], rows[VillageWorks]
    panels = _came(area)
    if condition is not None:
        panels.append(_block("village", Title("村信息", "Village workbook"), "village_condition", condition, 40, None))
    if works is not None:
        panels.append(_block("works", Title("九大工程", "Works of the village"), "village_works", works, 41, None))
    if (condition or works) and _corrects(actor, area):
        panels.append(_correct(reverse("register:correct_village", args=[area.code])))
    return panels


def _came(area: AreaVersion) -> list[Panel]:
    """Which villages became part of this one: their facts are theirs, not its own."""
    lines = predecessors(area.area_id)
    if not lines:
        return []
    content: dict[str, object] = {"lines": lines[:20], "more": len(lines) - 20, "area": area}
    return [Panel("merged", Title("合并、划入", "Merged"), "register/areas/panel.html", 39, content)]


def area_tabs(actor: Actor, area: AreaVersion) -> list[Tab]:
    """The data issues of an area, who came and went, and what became of areas there."""
    changes = Tab("area_changes", Title("区划变更", "Changes"), reverse("register:area_changes", args=[area.code]), 70)
    if not may(actor, VIEW_HOUSEHOLD, area_path=area.path):
        return [changes] if may(actor, VIEW_AREA, area_path=area.path) else []
    return [
        changes,
        Tab("issues", Title("数据疑点", "Data issues"), f"{reverse('register:issues')}?area={area.code}", 30),
        Tab("balance", Title("增减", "Balance"), f"{reverse('register:balance')}?area={area.code}", 35),
    ]


def _corrects(actor: Actor, area: AreaVersion) -> bool:
    return may(actor, CORRECT, area_path=area.path)


def _correct(href: str) -> Panel:
    """The way to the form that corrects what the page shows."""
    return Panel("correct", Title("更正", "Correct"), "register/panel_correct.html", 24, {"href": href}, aside=True)


def _record(href: str) -> Panel:
    """The way to the events that can be recorded."""
    return Panel("events", Title("登记变化", "Events"), "register/panel_events.html", 26, {"href": href}, aside=True)


# -- members ------------------------------------------------------------------------------------------------------


def _members(file: HouseholdFile, classes: Classes, *, may_reveal: bool) -> Panel:
    rows = [_member(member, classes) for member in record.members(file, classes)]
    content: dict[str, object] = {
        "household": file.code,
        "rows": rows,
        "day": file.day,
        "later": sum(1 for each in file.memberships if _after(each, file.day)),
        "origins": record.origins(part for row in rows for part in (row.member.identity, row.member.condition)),
        "reveal": may_reveal and record.is_open(classes, "identity"),
        "identity": record.is_open(classes, "identity"),
        "child": record.is_open(classes, "child"),
        "health": record.is_open(classes, "health", "disability"),
    }
    return Panel("members", Title("家庭成员", "Members"), "register/panel_members.html", 20, content)


def _after(each: Membership, day: date) -> bool:
    """Whether somebody came or went after the day that the page shows."""
    return each.valid_from > day or (each.valid_to is not None and each.valid_to > day)


def _member(member: Member, classes: Classes) -> MemberRow:
    identity, condition = member.identity, member.condition

    def code(name: str, codes: str = "") -> Title | None:
        value = getattr(condition, name, None)
        return code_title(codes or name, value) if value else None

    schooling = (code("study") or code("education")) if record.is_open(classes, "child") else None
    health = insured = None
    if condition is not None and record.is_open(classes, "health", "disability"):
        health = _several("health", condition.health)
        schemes = (condition.resident_insurance, condition.employee_insurance)
        insured = _YES_NO[True] if True in schemes else None if schemes[0] is None else _YES_NO[False]
    return MemberRow(
        member=member,
        name=identity.name if identity else "",
        relation=code("relation"),
        sex=code_title("sex", identity.sex) if identity and identity.sex else None,
        schooling=schooling,
        insured=insured,
        health=health,
        labour=code("labour"),
    )


def _several(codes: str, joined: str | None) -> Title | None:
    if not joined:
        return None
    titles = [code_title(codes, code) for code in joined.split(",")]
    return Title("、".join(title.zh for title in titles), ", ".join(title.en for title in titles))


# -- blocks of facts ----------------------------------------------------------------------------------------------


def _lines(table: str, row: FactBlock, names: Collection[str]) -> list[Line]:
    facts = next(each.facts for each in TABLES if each.name == table)
    wanted = [fact for fact in facts if fact.name in names]
    unreadable = row.unreadable or {}
    lines = []
    for fact in wanted:
        line = fact_line(fact, getattr(row, fact.db_column), str(unreadable.get(fact.name, "")))
        lines.append(replace(line, note=_override(row, fact.name)))
    return lines


def _override(row: FactBlock, name: str) -> Title | None:
    """That a value comes from another source than its row: which, and since when."""
    entry = (row.overrides or {}).get(name)
    if not isinstance(entry, dict):
        return None
    source = timeline.SOURCES.get(str(entry.get("source")), timeline.SOURCES["by_hand"])
    at = timezone.localtime(datetime.fromisoformat(written)) if (written := str(entry.get("recorded_at", ""))) else None
    day = at.date().isoformat() if at else ""  # kept in UTC: before eight in the morning that is the day before
    return Title(f"{source.zh} {day}".strip(), f"{source.en} {day}".strip())


def _profile(row: HouseholdProfile, classes: Classes) -> Panel:
    """The household's own facts; for whom its cause of poverty is closed, the group of the cause."""
    group = None if record.is_open(classes, "health") else cause_group(row.main_cause)
    more = [Line(Title("致贫原因类别", "kind of cause"), dict(CAUSE_GROUPS)[group])] if group else []
    return _block("profile", Title("户情况", "Household"), "household_profile", row, 22, classes, more)


def _block(
    key: str, title: Title, table: str, row: FactBlock, order: int, classes: Classes, more: Sequence[Line] = ()
) -> Panel:
    """The facts of a row; of ``classes`` that are not open no line (None = all are open). ``more`` stands below."""
    facts = next(each.facts for each in TABLES if each.name == table)
    names = [fact.name for fact in facts if record.is_open(classes, fact.field_class)]
    lines = [*_lines(table, row, names), *more]
    content: dict[str, object] = {"lines": lines, "row": row, "origins": record.origins([row])}
    return Panel(key, title, "register/panel_block.html", order, content)


def _income(row: HouseholdIncome) -> Panel:
    parts = [getattr(row, name) for name in _INCOME]
    net = None if None in parts else sum(parts[:-1]) - parts[-1]
    yuan = Title("元/年", "yuan/year")
    total = Line(Title("纯收入", "net income"), _money(net), yuan, amount=True)
    facts = next(each.facts for each in TABLES if each.name == "household_income")
    per_head = next(fact for fact in facts if fact.name == "stated_income_per_head")
    content: dict[str, object] = {
        "lines": _lines("household_income", row, _INCOME),
        "total": total,
        "stated": fact_text(per_head, row.stated_income_per_head),
        "row": row,
        "origins": record.origins([row]),
    }
    return Panel("income", Title("家庭收入", "Income"), "register/panel_income.html", 30, content)


def _money(fen: int | None) -> Title | None:
    return None if fen is None else Title(decimal_text(fen, 2), decimal_text(fen, 2))


# -- data issues --------------------------------------------------------------------------------------------------


def _issues(actor: Actor, code: str, classes: Classes) -> Panel:
    column_of = Columns(classes)
    found = open_issues(actor, subject=code).annotate(until=waived_until()).order_by("until", "code", "row")
    rows = [_issue(issue, classes, column_of) for issue in found if issue.code in issue_codes()]
    rows.sort(key=lambda row: row.waived is not None)
    return Panel(
        "issues", Title("数据疑点", "Data issues"), "register/panel_issues.html", 25, {"rows": rows}, aside=True
    )


def _issue(issue: DataIssue, classes: Classes, column_of: Columns) -> IssueRow:
    return IssueRow(
        issue=issue,
        title=issue_title(issue.code, classes),
        action=issue_codes()[issue.code].action if issue_is_named(issue.code, classes) else None,
        column=column_of.title(issue.code, issue.kind, issue.column),
        value=_issue_value(issue, classes),
        waived=issue.until,  # type: ignore[attr-defined]  # annotated
    )


def _issue_value(issue: DataIssue, classes: Classes) -> str:
    """The cell as written, where the reader may see every class of field: a cell of any column may stand here."""
    if not record.is_open(classes, "identity", "health", "disability", "bank", "child"):
        return ""
    return record.masked(issue.value)

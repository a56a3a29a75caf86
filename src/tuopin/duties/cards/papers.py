"""Further papers: the household's handbook (扶贫手册), the public notice (公示), and whom to call in a village.

The handbook is one household's own paper and obeys the reader's classes of fields; notice and wall sheet are public."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from tuopin.measures.permissions import VIEW as VIEW_MEASURES
from tuopin.measures.plans.selectors import may_be_told, plans_of, years_of
from tuopin.measures.plans.states import MEASURE_STATES, PLAN_STATES
from tuopin.measures.policies import CLASSES
from tuopin.platform.access import field_classes_at, may, require
from tuopin.platform.auditing import audit, readlog
from tuopin.platform.database import exclusive, write
from tuopin.platform.documents import pdf
from tuopin.platform.documents.squares import square
from tuopin.platform.panels import decimal_text
from tuopin.platform.problems import Problem
from tuopin.register import record
from tuopin.register import selectors as register
from tuopin.register.codes import code_title
from tuopin.register.household_file import file_of
from tuopin.standards.procedures.selectors import Notice
from tuopin.standards.procedures.selectors import notice as notice_of

from ..models import CardCode, CardPrint
from ..permissions import PRINT_PAPERS, VIEW_VISIT
from ..visits.kinds import sorts
from ..visits.selectors import names_of, of_household
from . import content
from .codes import grouped, key_of, new_code
from .printing import office_of, public_address
from .telling import public

if TYPE_CHECKING:
    from datetime import date

    from tuopin.measures.plans.states import MeasureView
    from tuopin.platform.access import Actor
    from tuopin.register.household_file import HouseholdFile
    from tuopin.register.models import FactBlock, HouseholdIncome
    from tuopin.register.selectors import Placed

HANDBOOK = "duties/cards/typst/handbook.typ"
NOTICE = "duties/cards/typst/notice.typ"
WALL = "duties/cards/typst/wall.typ"
CLOSED = "未授权，未打印"
YEARS = 5
VISITS = 40
_INCOME = ("wage", "business", "property", "transfer", "business_cost")


# -- the household's handbook -------------------------------------------------------------------------------------


def handbook(actor: Actor, code: str) -> bytes:
    """The handbook of a household as PDF. What lies in a class of fields closed to whoever prints is left out and said
    to be. Raises Missing, Refused."""
    placed = register.household(actor, code)
    path, key = placed.village.path, placed.household.pk
    require(actor, PRINT_PAPERS, area_path=path, household_id=key)
    today = timezone.localdate()
    classes = field_classes_at(actor, PRINT_PAPERS, path, key)
    file = file_of(placed, today)
    card = content.of_household(key, today)
    document: dict[str, Any] = {
        "title": f"扶贫手册 {placed.household.code}", "office": office_of(placed.village), "day": today.isoformat(),
        "place": content.place_of(placed.village, today), "group": public(placed.group_name), "code": code,
        "head": content.name_of(file.profile.head_name) if file.profile else "",
        "status": _status(file), "causes": _causes(file, classes),
        "members": [_member(each, classes) for each in record.members(file, classes)],
        "helpers": [[who.role, who.name, who.unit, who.phone] for who in card.helpers] if card else [],
        "years": [_plan(actor, placed, year, today, classes) for year in years_of(key)[:YEARS]],
        "incomes": _incomes(file), "visits": _visits(actor, placed),
    }  # fmt: skip
    made = pdf.pdf_bytes(HANDBOOK, document, today)
    readlog.read(actor, "duties.handbook", {"household": code}, 1, hashlib.sha256(made).hexdigest())
    return made


def _status(file: HouseholdFile) -> str:
    held = {axis: value for axis, value in file.status().items() if axis != "support" and value != "none"}
    return " · ".join(code_title(axis, value).zh for axis, value in held.items())


def _causes(file: HouseholdFile, classes: record.Classes) -> str:
    """Causes tell of health (docs/decisions/0057)."""
    if not record.is_open(classes, "health"):
        return CLOSED
    profile = file.profile
    named = [profile.main_cause or "", *(profile.other_causes or "").split(",")] if profile else []
    return "、".join(code_title("cause", each).zh for each in named if each)


def _member(each: record.Member, classes: record.Classes) -> list[str]:
    """Name, relation, sex, year of birth, ability to work: no number of a document, no telephone."""
    identity, condition = each.identity, each.condition
    born = str(each.birth_date.year) if each.birth_date else "" if record.is_open(classes, "identity") else CLOSED
    return [
        content.name_of(identity.name) if identity else "",
        code_title("relation", condition.relation).zh if condition and condition.relation else "",
        code_title("sex", identity.sex).zh if identity and identity.sex else "",
        born,
        code_title("labour", condition.labour).zh if condition and condition.labour else "",
    ]


def _plan(actor: Actor, placed: Placed, year: int, today: date, classes: record.Classes) -> dict[str, Any]:
    if not may(actor, VIEW_MEASURES, area_path=placed.village.path, household_id=placed.household.pk):
        return {"year": str(year), "state": CLOSED, "measures": [], "hidden": False}
    found = plans_of(actor, placed, year, today)
    view = next((each for each in found if each.state == "signed"), found[0] if found else None)
    if view is None:
        return {"year": str(year), "state": "", "measures": [], "hidden": False}
    rows = [row for row in view.measures if may_be_told(row.measure.sort, row.measure.policy, classes)]
    return {
        "year": str(year), "state": PLAN_STATES[view.state].zh, "measures": [_measure(each) for each in rows],
        "hidden": not view.sums or len(rows) < len(view.measures),
    }  # fmt: skip


def _measure(held: MeasureView) -> list[str]:
    row = held.measure
    done = "；".join(f"{each.day.isoformat()} {each.effect}".strip() for each in held.done)
    cost = decimal_text(row.cost, 2) if row.cost is not None else ""
    return [
        CLASSES[row.sort].zh if row.sort in CLASSES else "", public(row.content),
        public(row.organisation), row.due.isoformat(), cost, done or MEASURE_STATES[held.state].zh,
    ]  # fmt: skip


def _incomes(file: HouseholdFile) -> list[list[str]]:
    """The last years, one row each: lines, net, in yuan; the newest facts of the year count."""
    by_year: dict[int, FactBlock] = {}
    for row in file.blocks["household_income"].get(file.household_id, []):
        if row.as_of <= file.day:
            by_year[row.year] = row
    return [_income(year, row) for year, row in sorted(by_year.items(), reverse=True)[:YEARS]]  # type: ignore[arg-type]  # of that table


def _income(year: int, row: HouseholdIncome) -> list[str]:
    parts = [getattr(row, name) for name in _INCOME]
    net = None if None in parts else sum(parts[:-1]) - parts[-1]
    return [str(year), *("" if each is None else decimal_text(each, 2) for each in (*parts, net))]


def _visits(actor: Actor, placed: Placed) -> list[list[str]] | None:
    """Who came on which day, and for what; None for who may see no visits, which is not “none”. What was said there
    stays in the system."""
    path, key = placed.village.path, placed.household.pk
    if not may(actor, VIEW_VISIT, area_path=path, household_id=key):
        return None
    rows = [each for each in of_household(key, VISITS) if each.taken_back_at is None]
    names = names_of([each.pk for each in rows])
    titles = sorts()
    return [
        [each.day.isoformat(), "、".join(names.get(each.pk, [])), titles[each.sort].zh if each.sort in titles else "",
         "见到" if each.outcome == "met" else "未见到"]
        for each in rows
    ]  # fmt: skip


# -- the public notice --------------------------------------------------------------------------------------------


def notice(actor: Actor, number: int) -> bytes:
    """The notice of a procedure as PDF: the same names as on its page, and the days. Raises Missing."""
    found = notice_of(actor, number)
    made = pdf.pdf_bytes(NOTICE, _notice(found), found.begins)
    digest = hashlib.sha256(made).hexdigest()
    readlog.read(actor, "standards.procedures", {"notice": number}, len(found.lines), digest)
    return made


def _notice(found: Notice) -> dict[str, Any]:
    return {
        "title": found.title.zh, "office": found.office, "place": found.place, "proposed": found.proposed.zh,
        "tell": found.tell or f"村民委员会或{found.office}", "voice": settings.TUOPIN_VOICE_PHONE,
        "begins": found.begins.isoformat(), "ends": found.ends.isoformat(), "provisional": found.provisional,
        "days": str((found.ends - found.begins).days + 1),
        "lines": [[public(name), village] for name, village in found.lines],
    }  # fmt: skip


# -- whom to call in a village ------------------------------------------------------------------------------------


def wall(actor: Actor, code: str) -> bytes:
    """The sheet that hangs in a village: who answers for it, with telephones that are read from afar, and a code that
    shows the same on a telephone. It names no household; the sheet before it ends. Raises Missing, Refused, Problem."""
    village = register.area(actor, code)
    require(actor, PRINT_PAPERS, area_path=village.path)
    if village.level != "village":
        raise Problem("wall_by_village", "联系牌按村打印。请先选择一个村。", "This sheet is of one village.")
    today = timezone.localdate()
    contacts = content.contacts_of_village(village, today)
    if not contacts:
        raise Problem(
            "nobody_answers", "这个村还没有第一书记、工作队长或第一责任人。请先指定。",
            "Nobody answers for this village yet: no first secretary, team leader or first responsible person.",
        )  # fmt: skip
    new, address = new_code(), public_address()
    document = {
        "title": f"{village.name} 帮扶联系牌", "office": office_of(village), "day": today.isoformat(),
        "place": content.place_of(village, today), "voice": settings.TUOPIN_VOICE_PHONE, "code": grouped(new),
        "address": address.partition("://")[2], "square": square(f"{address}#{new}") if address else None,
        "contacts": [[who.role, who.name, " ".join([who.unit, who.post]).strip(), who.phone] for who in contacts],
    }  # fmt: skip
    made = pdf.pdf_bytes(WALL, document, today)
    digest, now = hashlib.sha256(made).hexdigest(), timezone.now()
    with exclusive("duties-cards"), write():
        printing = CardPrint.objects.create(
            area_id=village.area_id, copies=CardCode.Copy.VILLAGE, count=1, digest=digest, at=now,
            actor=actor.name or actor.os_user, user_id=actor.user_id,
        )  # fmt: skip
        old = CardCode.objects.filter(area_id=village.area_id, ended_at=None)
        old.update(ended_at=now, ended=CardCode.Ended.REPRINTED)
        CardCode.objects.create(
            copy=CardCode.Copy.VILLAGE, area_id=village.area_id, key=key_of(new), printing=printing, at=now,
            content=hashlib.sha256(audit.canonical(document["contacts"])).hexdigest(),
        )  # fmt: skip
        audit.record(actor, "duties.print_wall_sheet", f"card_print:{printing.pk}", {"area": village.code}, digest)
    return made

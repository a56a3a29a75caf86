"""Implementing opinions (贯彻落实意见): which departments of which counties are to issue one, and which have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import database, evidence
from tuopin.platform.auditing import audit
from tuopin.platform.evidence import Kept, Paper
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.models import AreaVersion

from ..assigning import targets
from ..dates import line_of, sensible
from ..models import OrganisationVersion
from ..permissions import KEEP_HEADQUARTERS
from . import selectors
from .models import Opinion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from tuopin.platform.access import Actor

    from .selectors import Holder

MOST = 5_000
PAPER = "opinion"
STATES = {
    "issued": Title("✓ 已印发", "✓ issued"),
    "missing": Title("✗ 缺", "✗ missing"),
    "late": Title("✗ 逾期未印发", "✗ overdue"),
    "not_required": Title("– 不需要", "– not required"),
    "unknown": Title("? 未定", "? not said"),
}


def state_of(row: Opinion | None, today: date) -> str:
    """A key of :data:`STATES`; no row: nobody has said whether one is needed."""
    if row is None:
        return "unknown"
    if not row.required:
        return "not_required"
    if row.document:
        return "issued"
    return "late" if row.due is not None and row.due < today else "missing"


@dataclass(frozen=True, slots=True)
class Asked:
    """One opinion asked of the department of a county, by a headquarters."""

    organisation_id: int
    area_id: int
    department: str


def ask(
    actor: Actor, wanted: Collection[Asked], *, required: bool = True, due: date | None = None,
    official_id: int | None = None, today: date | None = None,
) -> int:  # fmt: skip
    """Say which opinions are needed (or not), by when, and who sees to them; returns how many rows are new or changed.

    What was issued stays issued. Raises Missing for counties outside the grants and headquarters that are not there.
    """
    day = today or timezone.localdate()
    if not 1 <= len(wanted) <= MOST:
        raise Problem("too_many", f"一次最多 {MOST} 份。", f"At most {MOST} at once.")
    for each in wanted:
        line_of(each.department, 100, "部门", "the department", needed=True)
    if due is not None:
        sensible(due, "应印发日期", "the day they are due")
    _reach(actor, {each.area_id for each in wanted}, day)
    _reach_headquarters({each.organisation_id for each in wanted}, {each.area_id for each in wanted}, day)
    if official_id is not None:
        from .services import official_id_of

        official_id = official_id_of(actor, official_id)
    now = timezone.now()
    try:
        with database.write():
            areas = {each.area_id for each in wanted}
            standing = {
                Asked(row.organisation_id, row.area_id, row.department): row
                for row in Opinion.objects.filter(superseded_at=None, area_id__in=listed(areas))
            }
            new, old = [], []
            for each in {Asked(one.organisation_id, one.area_id, one.department.strip()) for one in wanted}:
                row = standing.get(each)
                if row is not None and (row.required, row.due, row.official_id) == (required, due, official_id):
                    continue
                if row is not None and row.document and not required:
                    raise Problem(
                        "issued_already", f"“{each.department}”已印发，不能改为不需要。",
                        f"“{each.department}” has issued it: it cannot become one that is not needed.",
                    )  # fmt: skip
                old += [row.pk] if row is not None else []
                new.append(
                    Opinion(
                        organisation_id=each.organisation_id, area_id=each.area_id, department=each.department,
                        required=required, due=due, official_id=official_id, recorded_at=now,
                        issued_on=row.issued_on if row is not None else None,
                        document=row.document if row is not None else "",
                    )
                )  # fmt: skip
            Opinion.objects.filter(pk__in=listed(old)).update(superseded_at=now)
            Opinion.objects.bulk_create(new, batch_size=500)
            detail: dict[str, object] = {"count": len(new), "required": required}
            audit.record(actor, "duties.ask_opinions", f"opinions:{len(new)}", detail)
    except IntegrityError:
        raise _meanwhile() from None
    return len(new)


def issue(
    actor: Actor, opinion_id: int, *, day: date, document: str, paper: Kept | None = None, reference: str = "",
    today: date | None = None,
) -> Opinion:  # fmt: skip
    """A department issued its opinion: by which document, on which day, with its paper where there is one.

    Raises Missing outside the grants, Problem for a day to come, no document number, one that is not needed.
    """
    now = today or timezone.localdate()
    number = line_of(document, 200, "文号", "the document number", needed=True)
    kept_at = line_of(reference, 200, "材料编号或存放处", "the paper")
    sensible(day, "印发日期", "the day of issue")
    if day > now:
        raise Problem("in_future", "印发日期不能晚于今天。", "The day of issue cannot lie ahead.")
    try:
        with database.write():
            row = Opinion.objects.select_for_update().filter(pk=opinion_id).first()
            if row is None:
                raise targets.outside()
            _reach(actor, [row.area_id], now)
            if row.superseded_at is not None:
                raise _meanwhile()
            if not row.required:
                raise Problem("not_required", "这份意见不需要印发。", "This opinion is not required.")
            stamp = timezone.now()
            Opinion.objects.filter(pk=row.pk).update(superseded_at=stamp)
            made = Opinion.objects.create(
                organisation_id=row.organisation_id, area_id=row.area_id, department=row.department, required=True,
                due=row.due, official_id=row.official_id, issued_on=day, document=number, recorded_at=stamp,
            )  # fmt: skip
            if paper is not None or kept_at:
                evidence.record(actor, PAPER, [Paper(made.pk, "opinion", day, paper, kept_at)])
            detail: dict[str, object] = {"area": row.area_id, "headquarters": row.organisation_id}
            audit.record(actor, "duties.issue_opinion", f"opinion:{made.pk}", detail)
    except IntegrityError:
        raise _meanwhile() from None
    return made


def _meanwhile() -> Problem:
    return Problem(
        "changed_meanwhile", "别人刚改过这一项，请刷新后再改。", "Somebody changed this meanwhile: look at it again."
    )


def _reach(actor: Actor, area_ids: Collection[int], day: date) -> None:
    """Raise Missing unless all are counties where the actor may do this."""
    found = targets.reachable(actor, KEEP_HEADQUARTERS, "area", area_ids, day)
    targets.require_level(("county",), found.values(), "贯彻落实意见", "implementing opinion")


def _reach_headquarters(ids: Collection[int], area_ids: Collection[int], day: date) -> None:
    """Raise Missing unless each headquarters works in an area above, or in, one of the counties: those of elsewhere are
    nobody's business here."""
    paths = AreaVersion.objects.filter(area_id__in=listed(area_ids), valid_to=None).values_list("path", flat=True)
    counties = list(paths)
    offices = OrganisationVersion.objects.filter(
        organisation_id__in=listed(ids), kind=selectors.KIND, valid_from__lte=day, valid_to=None
    )
    places = dict(
        AreaVersion.objects.filter(area_id__in=offices.values("area_id"), valid_to=None).values_list("area_id", "path")
    )
    near = {
        each.organisation_id
        for each in offices
        if any(path.startswith(places.get(each.area_id, "-")) for path in counties)
    }
    if near != set(ids):
        raise selectors.missing()


# -- as a matrix --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """A department of a county: its state, and the opinion itself where somebody spoke of it."""

    state: str
    opinion: Opinion | None

    @property
    def title(self) -> Title:
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class Line:
    """A county with one cell a department, in the order of the matrix."""

    area: AreaVersion
    cells: tuple[Cell, ...]

    @property
    def missing(self) -> int:
        return sum(each.state in {"missing", "late"} for each in self.cells)


@dataclass(frozen=True, slots=True)
class Matrix:
    departments: tuple[str, ...]
    lines: tuple[Line, ...]
    counts: dict[str, int]


def matrix(rows: Sequence[Opinion], counties: Iterable[AreaVersion], today: date) -> Matrix:
    """County × department of one headquarters' opinions."""
    departments = tuple(sorted({row.department for row in rows}))
    found = {(row.area_id, row.department): row for row in rows}
    lines = []
    counts = dict.fromkeys(STATES, 0)
    for area in counties:
        cells = []
        for each in departments:
            row = found.get((area.area_id, each))
            state = state_of(row, today)
            counts[state] += 1
            cells.append(Cell(state, row))
        lines.append(Line(area, tuple(cells)))
    return Matrix(departments, tuple(lines), counts)


@dataclass(frozen=True, slots=True)
class Lacking:
    """An opinion that is missing. ``holder`` None: nobody is named; ``first`` then names the county's first responsible
    person, '' where there is none either."""

    opinion: Opinion
    late: int
    holder: Holder | None
    first: str


def lacking(rows: Sequence[Opinion], today: date) -> list[Lacking]:
    """The missing ones among opinions that the caller may see, the most overdue first: three statements."""
    missing = [row for row in rows if state_of(row, today) in {"missing", "late"}]
    people = selectors.holders({row.official_id for row in missing if row.official_id is not None}, today)
    firsts = selectors.first_responsible({row.area_id for row in missing}, today)
    found = [
        Lacking(
            row,
            max((today - row.due).days, 0) if row.due is not None else 0,
            people.get(row.official_id or 0),
            firsts[row.area_id].name if row.area_id in firsts else "",
        )
        for row in missing
    ]
    return sorted(found, key=lambda each: (-each.late, each.opinion.due is None, each.opinion.due or today))

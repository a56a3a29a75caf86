"""Comparisons and moved lines through the API: what-ifs, none of which becomes an evaluation."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import JobOut, Text, job_out
from tuopin.platform.auditing import readlog
from tuopin.platform.charts import Cell
from tuopin.platform.problems import Problem
from tuopin.register import selectors as register
from tuopin.standards.comparing import selectors, services, what_if
from tuopin.standards.comparing.sides import MOST_PARAMETERS, Side

router = Router(tags=["what-if"])

Number = Annotated[int, Path(ge=1, le=2**31)]
_KEY = r"^[a-zA-Z0-9_-]+$"
PAGE = 500


class SideIn(Schema):
    """A standard of a pack on a day; ``parameters`` are values that differ from the pack's, as decimal text."""

    pack: str = Field(min_length=1, max_length=40, pattern=_KEY)
    standard: str = Field(min_length=1, max_length=40, pattern=_KEY)
    on: datetime.date
    parameters: dict[str, str] = Field(default_factory=dict, max_length=MOST_PARAMETERS)
    evaluation: int = Field(0, ge=0, le=2**31, description="A stored evaluation of this pack, standard and day.")
    seal: int = Field(0, ge=0, le=2**31 - 1, description="Judge by what was known in this seal; needs verify_figures.")

    def side(self) -> Side:
        for name, value in self.parameters.items():
            if len(name) > 40 or len(value) > 24:
                raise Problem("bad_setting", "参数的名字或数值过长。", "A parameter's name or value is too long.")
        return Side(
            self.pack, self.standard, self.on, tuple(sorted(self.parameters.items())), self.evaluation, self.seal
        )


class ComparisonIn(Schema):
    area: str = Field(min_length=1, max_length=64)
    a: SideIn
    b: SideIn


@router.post(
    "/comparisons", response={202: JobOut}, operation_id="compare",
    summary="Judge an area by two sides and lay the verdicts side by side: a job, and a what-if, no evaluation",
)  # fmt: skip
def compare(request: HttpRequest, body: ComparisonIn) -> Any:
    asked = services.Asked(body.area, body.a.side(), body.b.side())
    return Status(202, job_out(services.begin(actor(request), asked)))


class Change(Schema):
    """How many go from one verdict to another. ``number`` null: fewer than five, and the reader sees figures alone."""

    before: str
    after: str
    number: int | None


class ComparisonOut(Schema):
    """A what-if, not an evaluation. ``measures`` are exact fractions as text, of the whole area compared."""

    number: int
    what: str
    area: str
    level: str
    a: Text
    b: Text
    changes: dict[str, list[Change]]
    measures: dict[str, Any] | None


class InArea(Schema):
    area: str = Field("", max_length=64, description="Default: the whole area that was compared.")


@router.get("/comparisons/{number}", response=ComparisonOut, operation_id="comparison", summary="What changes, by item")
def comparison(request: HttpRequest, number: Number, query: Annotated[InArea, Query(...)]) -> Any:
    who = actor(request)
    area = register.area(who, query.area) if query.area else None
    found = selectors.compared(who, number, area)
    titles = found.document["titles"]
    return ComparisonOut(
        number=number, what="what-if", area=found.area.code, level=found.level, a=Text(**titles["a"]),
        b=Text(**titles["b"]),
        changes={
            item: [
                Change(before=was, after=becomes, number=found.shown.number(count))
                for (was, becomes), count in sorted(pairs.items())
            ]
            for item, pairs in found.matrices.items()
        },
        measures={"income": found.document["income"], "several": found.document["several"]}
        if found.whole and found.shown.open
        else None,
    )  # fmt: skip


class ChangedQuery(Schema):
    area: str = Field(min_length=1, max_length=64)
    item: str = Field(selectors.OVERALL, max_length=64)
    before: str = Field("", pattern="^(|met|not_met|unknown|not_applicable|absent)$")
    after: str = Field("", pattern="^(|met|not_met|unknown|not_applicable|absent)$")
    page: int = Field(1, ge=1, le=10_000)


class ChangedOut(Schema):
    """Codes of those that change, in pages of 500; who has moved out of the grants since is in ``total`` alone."""

    total: int
    codes: list[str]


@router.get(
    "/comparisons/{number}/changed",
    response=ChangedOut,
    operation_id="compared",
    summary="Who changes, within the grants",
)
def compared(request: HttpRequest, number: Number, query: Annotated[ChangedQuery, Query(...)]) -> Any:
    who = actor(request)
    area = register.area(who, query.area)
    numbers = selectors.changed(who, number, area, query.item, query.before, query.after)
    with selectors.opened(who, number) as found:
        document = found.document
    some = numbers[(query.page - 1) * PAGE : query.page * PAGE]
    if document["level"] == "household":  # who has moved out of the grants since is counted, not named
        opened = register.opened_households(who, some)
        some = [each for each in some if each in opened]
    named = selectors.codes(document, some)
    readlog.read(
        who, "standards.compared",
        {"area": query.area, "comparison": number, "item": query.item, "from": (query.page - 1) * PAGE, "via": "api"},
        len(named),
    )  # fmt: skip
    return ChangedOut(total=len(numbers), codes=[named[each] for each in some if each in named])


class LineQuery(Schema):
    area: str = Field(min_length=1, max_length=64)
    line: str = Field("", max_length=20, description="Yuan; default: the line in force.")
    pack: str = Field("", max_length=40)
    standard: str = Field("", max_length=40)
    on: datetime.date | None = None


class ComparisonLineOut(Schema):
    """A what-if, not an evaluation. Numbers null: withheld from a reader of figures alone. Shares in hundredths of a
    per cent, ``missing`` in fen; ``low`` takes no household of unknown income for poor, ``high`` all of them."""

    what: str
    area: str
    line: str
    in_force: str
    stale: bool
    households: int | None
    unknown: int | None
    under: int | None
    under_in_force: int | None
    become_not_met: int | None
    no_longer_not_met: int | None
    headcount: list[int | None]
    gap: list[int | None]
    severity: list[int | None]
    missing: list[int | None]


@router.get(
    "/line", response=ComparisonLineOut, operation_id="line", summary="The numbers of an area by another poverty line"
)
def line(request: HttpRequest, query: Annotated[LineQuery, Query(...)]) -> Any:
    who = actor(request)
    area = register.area(who, query.area)
    side = what_if.side_for(area, query.pack, query.standard, query.on)
    found = what_if.answer(who, area, side, what_if.read_line(query.line))
    own, shown = found.asked.measures, found.shown
    poor, counted = own.poor_households, own.sums.households + own.sums.unknown_households

    def share(name: str) -> list[int | None]:
        bounds = getattr(own, name)
        ends = (bounds.low, bounds.high) if bounds else (None, None)
        return [_value(shown.share(end, poor, counted, 2)) for end in ends]

    return ComparisonLineOut(
        what="what-if", area=area.code, line=str(found.line), in_force=str(found.header.value), stale=found.stale,
        households=shown.number(found.households), unknown=shown.number(own.sums.unknown_households),
        under=shown.number(poor), under_in_force=shown.number(found.in_force.poor_households),
        become_not_met=shown.number(found.asked.worse), no_longer_not_met=shown.number(found.asked.better),
        headcount=share("headcount"), gap=share("gap"), severity=share("severity"),
        missing=[_value(shown.money(end, poor, found.line)) for end in (own.missing.low, own.missing.high)],
    )  # fmt: skip


def _value(cell: Cell) -> int | None:
    return cell.value


class SideOfArea(Schema):
    area: str = Field(min_length=1, max_length=64)
    pack: str = Field("", max_length=40)
    standard: str = Field("", max_length=40)
    on: datetime.date | None = None


@router.post(
    "/line", response={202: JobOut}, operation_id="prepare_line",
    summary="Prepare the incomes of an area, so that any line is answered at once: a job",
)  # fmt: skip
def prepare_line(request: HttpRequest, body: SideOfArea) -> Any:
    who = actor(request)
    area = register.area(who, body.area)
    side = what_if.side_for(area, body.pack, body.standard, body.on)
    return Status(202, job_out(services.begin_line(who, area.code, side)))

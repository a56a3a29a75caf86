"""The incidences of an area through the API, with numerators, denominators, methods and what is missing."""

from __future__ import annotations

import datetime  # noqa: TC003 - read by the schemas
from typing import TYPE_CHECKING, Annotated, Any

from django.http import HttpRequest  # noqa: TC002 - read by the router
from ninja import Query, Router, Schema
from pydantic import Field

from tuopin.core.standards.incidence import PARTS, TITLES, percent_text
from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import Text, text
from tuopin.platform.problems import Missing
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion

from . import results
from .incidence import of_area

if TYPE_CHECKING:
    from tuopin.core.standards.incidence import Incidence

    from .incidence import OfArea

router = Router(tags=["standards"])


class LimitOut(Schema):
    """A limit that a standard of the area's level sets to the reading, and how it stands to it."""

    standard: Text
    operator: str
    percent: str
    verdict: str
    source: str


class ReadingOut(Schema):
    """One reading of the incidence. Per cents and persons are decimal text, the latter exact; ``low`` and ``high`` are
    the ends between which the truth lies, equal where nothing is unknown."""

    kind: str
    title: Text
    method: Text
    low_percent: str | None
    high_percent: str | None
    estimate_percent: str | None
    numerator_low: str | None
    numerator_high: str | None
    denominator: int | None
    missing: list[Text]
    notes: list[Text]
    limits: list[LimitOut]


class IncidencesOut(Schema):
    """The readings of an area as of ``day``, from an evaluation by the exit standard of households."""

    area: str
    name: str
    level: str
    day: datetime.date
    evaluation: int
    pack: str
    draft: list[str]
    readings: list[ReadingOut]


class OfAreaQuery(Schema):
    area: str = Field(min_length=1, max_length=64)
    below: bool = Field(False, description="With the areas one level below.")


@router.get(
    "/incidences", response=list[IncidencesOut], operation_id="incidences",
    summary="Poverty incidence by status, by verdict and with surveys, side by side",
)  # fmt: skip
def incidences(request: HttpRequest, query: Annotated[OfAreaQuery, Query(...)]) -> Any:
    who = actor(request)
    version = register.area(who, query.area)
    if not results.may_view(who, version, "area"):
        raise Missing("no_such_area", f"没有找到区划 {query.area}。", f"There is no area {query.area}.")
    below = AreaVersion.objects.filter(parent_id=version.area_id, valid_to=None).order_by("code")
    found = of_area(version, list(below) if query.below else [])
    if found is None:
        raise Missing(
            "no_incidence", "本区域还没有按户退出标准核查。", "The area was not evaluated by the exit standard."
        )
    return [
        IncidencesOut(
            area=each.area.code, name=each.area.name, level=each.area.level, day=found.run.day,
            evaluation=found.run.pk, pack=found.run.pack, draft=list(found.run.draft),
            readings=[_reading(each, one) for one in each.readings],
        )
        for each in (found.own, *found.below)
    ]  # fmt: skip


def _reading(area: OfArea, found: Incidence) -> ReadingOut:
    return ReadingOut(
        kind=found.kind, title=text(TITLES[found.kind]), method=text(found.method),
        low_percent=percent_text(found.lowest), high_percent=percent_text(found.highest),
        estimate_percent=percent_text(found.estimated), numerator_low=_persons(found.low),
        numerator_high=_persons(found.high), denominator=found.denominator,
        missing=[text(each) for each in found.missing], notes=[text(each) for each in found.notes],
        limits=[
            LimitOut(
                standard=text(limit.standard), operator=limit.operator, percent=percent_text(limit.value) or "",
                verdict=verdict, source=limit.source,
            )
            for limit, verdict in area.verdicts(found)
        ],
    )  # fmt: skip


def _persons(parts: int | None) -> str | None:
    """Persons exactly, with the decimals that there are."""
    if parts is None:
        return None
    whole, rest = divmod(parts, PARTS)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")

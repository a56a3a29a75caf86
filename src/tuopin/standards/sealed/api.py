"""Results from seals and joint evaluations through the API."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.platform.access import require
from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import JobOut, job_out
from tuopin.standards.permissions import RECOMPUTE
from tuopin.standards.sealed import selectors, services, together
from tuopin.standards.sealed.files import AreaCounts

router = Router(tags=["seals"])

Number = Annotated[int, Path(ge=1, le=2**31)]
_KEY = r"^[a-zA-Z0-9_-]+$"


class SealedIn(Schema):
    """A standard on a day over an area, with what was known when the seal was made. ``pack``: by default the one that
    was bound to the area then."""

    area: str = Field(min_length=1, max_length=64)
    seal: int = Field(ge=1, le=2**31 - 1)
    standard: str = Field(min_length=1, max_length=40, pattern=_KEY)
    pack: str = Field("", max_length=40, pattern=r"^[a-zA-Z0-9_-]*$")
    on: datetime.date


@router.post(
    "/sealed-evaluations", response={202: JobOut}, operation_id="evaluate_sealed",
    summary="Judge an area from a seal: a job; no evaluation of the register",
)  # fmt: skip
def evaluate_sealed(request: HttpRequest, body: SealedIn) -> Any:
    asked = services.Asked(body.seal, body.standard, services.judged_day(body.on), body.pack or None, body.area)
    return Status(202, job_out(services.begin(actor(request), asked)))


class RecomputeIn(Schema):
    evaluation: int = Field(ge=1, le=2**31)
    seal: int = Field(ge=1, le=2**31 - 1)


@router.post(
    "/recomputations", response={202: JobOut}, operation_id="recompute",
    summary="Compute a stored evaluation again from a seal and compare the two: a job",
)  # fmt: skip
def recompute(request: HttpRequest, body: RecomputeIn) -> Any:
    who = actor(request)
    require(who, RECOMPUTE)
    return Status(202, job_out(services.begin_recompute(who, body.evaluation, body.seal)))


class JointIn(Schema):
    area: str = Field(min_length=1, max_length=64)
    standard: str = Field(min_length=1, max_length=40, pattern=_KEY)
    pack: str = Field("", max_length=40, pattern=r"^[a-zA-Z0-9_-]*$")
    on: datetime.date


@router.post(
    "/joint-evaluations", response={202: JobOut}, operation_id="evaluate_jointly",
    summary="Judge the newest seals of all instances under an area together: a job",
)  # fmt: skip
def evaluate_jointly(request: HttpRequest, body: JointIn) -> Any:
    found = together.begin(actor(request), body.area, body.standard, services.judged_day(body.on), body.pack or None)
    return Status(202, job_out(found))


class SealedOut(Schema):
    """A result from seals. ``seals`` names each with its hash; ``left_out`` who is not in it and why; ``against`` what
    came of comparing it with a stored evaluation, without the subjects."""

    number: int
    joint: bool
    standard: str
    pack: str
    pack_version: str
    parameter_hash: str
    day: datetime.date
    seals: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    facts: dict[str, Any]
    tally: dict[str, dict[str, int]]
    rows_digest: str
    against: dict[str, Any] | None


def _out(row: Any) -> SealedOut:
    against = {key: value for key, value in row.against.items() if key != "examples"} if row.against else None
    return SealedOut(
        number=row.pk, joint=row.joint, standard=row.standard, pack=row.pack, pack_version=row.pack_version,
        parameter_hash=row.parameter_hash, day=row.day, seals=row.sources, left_out=row.left_out, facts=row.facts,
        tally=row.tally, rows_digest=row.rows_digest, against=against,
    )  # fmt: skip


class WhichSealed(Schema):
    joint: bool = False


@router.get(
    "/sealed-evaluations", response=list[SealedOut], operation_id="sealed_evaluations",
    summary="The newest results from seals within the grants",
)  # fmt: skip
def sealed_evaluations(request: HttpRequest, query: Annotated[WhichSealed, Query(...)]) -> Any:
    return [_out(row) for row in selectors.newest(actor(request), joint=query.joint)]


class SealedAreaOut(Schema):
    """An area of a result: verdicts by item as met, not met, unknown, not applicable."""

    code: str
    name: str
    level: str
    instance: int
    counts: dict[str, list[int]]


class InSealedArea(Schema):
    code: str = Field("", max_length=64, description="Default: all of the result.")
    instance: int | None = Field(None, ge=0, le=2**31, description="Of several instances, which.")


class SealedInAreaOut(Schema):
    result: SealedOut
    area: SealedAreaOut | None
    below: list[SealedAreaOut]


@router.get(
    "/sealed-evaluations/{number}", response=SealedInAreaOut, operation_id="sealed_evaluation",
    summary="A result from seals, in one of its areas and those right below",
)  # fmt: skip
def sealed_evaluation(request: HttpRequest, number: Number, query: Annotated[InSealedArea, Query(...)]) -> Any:
    row = selectors.sealed(actor(request), number)
    shown = selectors.shown(row, query.code, query.instance)
    keys = ("overall", *row.items)

    def one(area: AreaCounts) -> SealedAreaOut:
        counts = {key: list(found) for key, found in zip(keys, area.counts, strict=True)}
        return SealedAreaOut(code=area.code, name=area.name, level=area.level, instance=area.part, counts=counts)

    return SealedInAreaOut(
        result=_out(row), area=one(shown.area) if shown.area else None, below=[one(each) for each in shown.below]
    )


class SealInstanceOut(Schema):
    """Another installation whose seals are read; where they lie is not told. ``state``: sound, rewritten or
    unreachable."""

    number: int
    instance: str
    name: str
    area: str
    newest_seal: int | None
    digest: str
    sealed_at: datetime.datetime | None
    state: str
    problem_zh: str
    problem_en: str


@router.get(
    "/seal-instances", response=list[SealInstanceOut], operation_id="seal_instances",
    summary="The registered instances within the grants, with their newest seals",
)  # fmt: skip
def seal_instances(request: HttpRequest) -> Any:
    return [
        SealInstanceOut(
            number=each.row.pk, instance=each.row.instance, name=each.row.name, area=each.area.code,
            newest_seal=each.newest.number if each.newest else None, digest=each.newest.digest if each.newest else "",
            sealed_at=each.newest.sealed_at if each.newest else None, state=each.row.state,
            problem_zh=each.row.problem_zh, problem_en=each.row.problem_en,
        )
        for each in selectors.instances(actor(request))
    ]  # fmt: skip

"""Standards through the API: packs and what they ask, evaluations and their figures, lists of verdicts, why."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from tuopin.core.language.catalogue import Title
from tuopin.platform.access import require
from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import JobOut, Text, job_out, text
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Missing, Problem
from tuopin.register import selectors as register

from . import doubts, evaluating, results
from .comparing.api import router as what_ifs
from .explaining.document import document
from .explaining.subject import explain
from .incidence_api import router as incidences
from .lifecycle.api import router as lifecycle
from .models import Evaluation
from .packs import folders, get_pack
from .permissions import VIEW
from .procedures.api import router as procedures
from .sealed.api import router as sealed
from .show import show

router = Router(tags=["standards"])
NONE = Title("", "")
router.add_router("", what_ifs)
router.add_router("", procedures)
router.add_router("", lifecycle)
router.add_router("", sealed)
router.add_router("", incidences)

Code = Annotated[str, Path(max_length=64)]
Key = Annotated[str, Path(max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]


class StandardName(Schema):
    key: str
    title: Text
    level: str


class PackOut(Schema):
    key: str
    version: str
    title: Text
    standards: list[StandardName]


@router.get("/packs", response=list[PackOut], operation_id="packs", summary="Packs of standards")
def packs(request: HttpRequest) -> Any:
    require(actor(request), VIEW)
    found = [get_pack(key) for key in sorted(folders())]
    return [
        PackOut(
            key=each.key, version=each.version, title=text(each.title),
            standards=[
                StandardName(key=one.key, title=text(one.title), level=one.level) for one in each.standards.values()
            ],
        )
        for each in found
    ]  # fmt: skip


class StandardOnDay(Schema):
    on: datetime.date | None = Field(None, description="Default: the last day on which all limits have a value.")


@router.get(
    "/packs/{pack}/standards/{standard}", response=dict[str, Any], operation_id="standard",
    summary="A standard in full, with the limits in force on a day",
)  # fmt: skip
def standard(request: HttpRequest, pack: Key, standard: Key, query: Annotated[StandardOnDay, Query(...)]) -> Any:
    require(actor(request), VIEW)
    if pack not in folders() or standard not in get_pack(pack).standards:
        raise Missing("no_such_standard", "没有这个标准。", "There is no such standard.")
    return show(pack, standard, query.on)


class EvaluationOut(Schema):
    """The newest evaluation of a standard that covers the area, with the counts of the area by item."""

    id: int
    standard: str
    pack: str
    pack_version: str
    level: str
    day: datetime.date
    finished_at: datetime.datetime | None
    counts: dict[str, dict[str, int]]


class OfArea(Schema):
    area: str = Field(min_length=1, max_length=64)


@router.get(
    "/evaluations", response=list[EvaluationOut], operation_id="evaluations",
    summary="The newest evaluation of each standard over an area, with its figures",
)  # fmt: skip
def evaluations(request: HttpRequest, query: Annotated[OfArea, Query(...)]) -> Any:
    who = actor(request)
    version = register.area(who, query.area)
    if not results.may_view(who, version, "area"):
        raise Missing("no_such_area", f"没有找到区划 {query.area}。", f"There is no area {query.area}.")
    return [_evaluation(each, version) for each in results.newest(version)]


def _evaluation(run: Evaluation, version: Any) -> EvaluationOut:
    counts = {
        key: {"met": each.met, "not_met": each.not_met, "unknown": each.unknown, "not_applicable": each.not_applicable}
        for key, each in results.tally(run, version).items()
    }
    return EvaluationOut(
        id=run.pk, standard=run.standard, pack=run.pack, pack_version=run.pack_version, level=run.level, day=run.day,
        finished_at=run.finished_at, counts=counts,
    )  # fmt: skip


class EvaluationIn(Schema):
    area: str = Field(min_length=1, max_length=64)
    on: datetime.date | None = Field(None, description="Default: the day that the newest import in the area describes.")


@router.post(
    "/evaluations", response={202: JobOut}, operation_id="evaluate",
    summary="Evaluate an area by every standard of its pack: a job; asked twice while it goes on, it is the same job",
)  # fmt: skip
def evaluate(request: HttpRequest, body: EvaluationIn) -> Any:
    return Status(202, job_out(evaluating.begin(actor(request), body.area, body.on)))


class VerdictQuery(Schema):
    area: str = Field(min_length=1, max_length=64)
    standard: str = Field(min_length=1, max_length=64)
    item: str = Field(results.OVERALL, max_length=64)
    verdict: str = Field("", pattern="^(|met|not_met|unknown|not_applicable)$")
    after: str = Field("", max_length=64)


class VerdictRow(Schema):
    """``code`` is empty, and there are no facts, for a household that has since moved to where the token has no grants:
    the evaluation counts it here, where it lived on the day."""

    code: str
    verdicts: dict[str, str]
    facts: dict[str, str]


class VerdictsOut(Schema):
    """``next`` is what ``after`` takes for the following page; null at the end."""

    evaluation: int
    total: int
    first: int
    next: str | None
    rows: list[VerdictRow]


@router.get("/verdicts", response=VerdictsOut, operation_id="verdicts", summary="Subjects with a verdict on an item")
def verdicts(request: HttpRequest, query: Annotated[VerdictQuery, Query(...)]) -> Any:
    who = actor(request)
    version = register.area(who, query.area)
    numbers = [each.pk for each in results.newest(version) if each.standard == query.standard]
    if not numbers:
        raise Missing("no_such_evaluation", "没有这次核查。", "There is no such evaluation.")
    run = results.evaluation(who, numbers[-1], version, query.standard)
    page = results.subjects(who, run, version, query.item, query.verdict, after=query.after)
    readlog.read(
        who, f"standards.{run.level}s",
        {"area": query.area, "run": run.pk, "item": query.item, "verdict": query.verdict, "from": page.first,
         "via": "api"},
        len(page.rows),
    )  # fmt: skip
    return VerdictsOut(
        evaluation=run.pk, total=page.total, first=page.first, next=page.after or None,
        rows=[VerdictRow(code=row.code, verdicts=row.verdicts, facts=row.shown) for row in page.rows],
    )  # fmt: skip


class RuleOut(Schema):
    """A rule of data quality in an area. ``found`` are the doubts, ``waived`` those of them that somebody vouched for,
    ``open`` the others; ``waiting`` says why it cannot be told of anybody yet."""

    standard: str
    evaluation: int
    day: datetime.date
    rule: str
    title: Text
    severity: str
    what_to_do: Text
    found: int
    waived: int
    open: int
    unknown: int
    waiting: Text | None


@router.get(
    "/quality", response=list[RuleOut], operation_id="quality",
    summary="Doubts of data quality in an area, by rule, from the newest evaluations",
)  # fmt: skip
def quality(request: HttpRequest, query: Annotated[OfArea, Query(...)]) -> Any:
    who = actor(request)
    version = register.area(who, query.area)
    require(who, VIEW, area_path=version.path)
    return [
        RuleOut(
            standard=found.run.standard, evaluation=found.run.pk, day=found.run.day, rule=rule.item.key,
            title=text(rule.item.title), severity=rule.item.severity or "", what_to_do=text(rule.item.advice or NONE),
            found=rule.found, waived=rule.waived, open=rule.open, unknown=rule.unknown,
            waiting=text(rule.waiting) if rule.waiting else None,
        )
        for found in doubts.of_area(who, version)
        for rule in found.rules
    ]  # fmt: skip


class ExplainQuery(Schema):
    standard: str | None = Field(None, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")


@router.get(
    "/explanations/{code}", response=list[dict[str, Any]], operation_id="explanation",
    summary="Why a household, village or county has its verdicts",
)  # fmt: skip
def explanation(request: HttpRequest, code: Code, query: Annotated[ExplainQuery, Query(...)]) -> Any:
    try:
        return [document(each) for each in explain(actor(request), code, standard=query.standard)]
    except Problem as problem:
        if problem.code == "nothing_to_explain":
            raise Missing("nothing_to_explain", "没有已存的判定。", "There is no stored verdict.") from None
        raise

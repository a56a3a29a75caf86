"""Commitments through the API: one with its targets, and drafting. Lists: ``/api/lists/duties.commitments``. Signing is
for people: no program signs."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.api.schemas import Text, text
from tuopin.platform.auditing import readlog
from tuopin.register import selectors as register

from . import selectors, services
from .measures import LEVELS, words_of
from .models import CommitmentTarget
from .wording import MOST

router = Router(tags=["commitments"])

Number = Annotated[int, Path(ge=1, le=2**53)]


class TargetOut(Schema):
    """``low`` and ``high`` are hundredths; null is unknown. ``state``: met, not_met, unknown, ahead, unjudged."""

    number: int
    words: Text
    state: str
    low: int | None
    high: int | None
    day: str


class CommitmentOut(Schema):
    """``signed``: 1 the superior, 2 the inferior, 3 both."""

    id: int
    title: str
    level: str
    due: datetime.date
    superior: str
    inferior: str
    text: str
    digest: str
    signed: int
    outcome: str
    under: int | None
    supersedes: int | None
    targets: list[TargetOut]


@router.get(
    "/commitments/{number}", response=CommitmentOut, operation_id="commitment",
    summary="A commitment: its exact text, who signed, what was found of each target",
)  # fmt: skip
def commitment(request: HttpRequest, number: Number) -> Any:
    who = actor(request)
    row = selectors.one(who, number)
    readlog.read(who, "duties.commitment", {"commitment": number}, 1)
    seen = selectors.commitments(who)
    links = set(
        seen.filter(pk__in=[each for each in (row.under_id, row.supersedes_id) if each]).values_list("pk", flat=True)
    )
    targets = []
    for each in CommitmentTarget.objects.filter(commitment=row).order_by("number"):
        found = row.state.targets.get(str(each.number), {})
        targets.append(
            TargetOut(
                number=each.number, words=text(words_of(each)), state=found.get("state", "unknown"),
                low=found.get("low"), high=found.get("high"), day=found.get("day", ""),
            )
        )  # fmt: skip
    return CommitmentOut(
        id=row.pk, title=row.title, level=row.level, due=row.due, superior=row.superior.name,
        inferior=row.inferior.name, text=row.text, digest=row.digest, signed=row.state.signed,
        outcome=row.state.outcome, under=row.under_id if row.under_id in links else None,
        supersedes=row.supersedes_id if row.supersedes_id in links else None, targets=targets,
    )  # fmt: skip


class TargetIn(Schema):
    kind: str = Field("figure", pattern="^(figure|words)$")
    measure: str = Field("", max_length=100)
    at_most: bool = True
    value: int | None = Field(None, ge=0, le=10**11, description="In hundredths: 10 households are 1000.")
    day: datetime.date
    words: str = Field("", max_length=300)


class CommitmentIn(Schema):
    area: str = Field("", max_length=64, description="Code of an area, or a household below.")
    household: str = Field("", max_length=64)
    superior: int = Field(ge=1, le=2**53, description="Number of the official.")
    inferior: int = Field(ge=1, le=2**53)
    due: datetime.date
    title: str = Field("", max_length=100)
    wording: str = Field("", max_length=MOST, description="Default: the product's own; {targets} must stand in it.")
    under: int | None = Field(None, ge=1, le=2**53)
    supersedes: int | None = Field(None, ge=1, le=2**53)
    reason: str = Field("", max_length=500)
    targets: list[TargetIn] = Field(min_length=1, max_length=services.MOST_TARGETS)


class DraftedOut(Schema):
    id: int
    digest: str


@router.post(
    "/commitments", response={201: DraftedOut}, operation_id="draft_commitment",
    summary=f"Draft a commitment ({', '.join(LEVELS)}); it then waits for both signatures",
)  # fmt: skip
def draft(request: HttpRequest, body: CommitmentIn) -> Any:
    who = actor(request)
    area = register.area(who, body.area).area_id if body.area and not body.household else None
    household = register.household(who, body.household).household.pk if body.household else None
    wanted = services.Draft(
        superior_id=body.superior, inferior_id=body.inferior, due=body.due, area_id=area, household_id=household,
        title=body.title, wording=body.wording, under=body.under, supersedes=body.supersedes, reason=body.reason,
        targets=tuple(
            services.Target(each.kind, each.day, each.measure, each.at_most, each.value, each.words)
            for each in body.targets
        ),
    )  # fmt: skip
    [made] = services.draft(who, [wanted])
    return Status(201, DraftedOut(id=made.pk, digest=made.digest))

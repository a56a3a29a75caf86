"""Matters through the API: read one, draft some, act. The list: ``/api/lists/orders.matters``."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Body, Path, Router, Schema, Status
from pydantic import Field

from tuopin.platform.api.guard import actor
from tuopin.platform.api.listed import Asked, ListOut, list_answer
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import area as area_named

from .. import selectors, services
from ..changes import Given
from ..services import Draft
from . import forms, inbox
from . import matter as pages
from .lists import WORK

if TYPE_CHECKING:
    from ..families.progress import Progress

router = Router()

Number = Annotated[int, Path(ge=1, le=2**53)]
Id = Annotated[int, Field(ge=1, le=2**53)]
MOST = 500
"""Drafts in one request."""


@router.get("/matters", response=ListOut, operation_id="matters", summary="Directives and problems of an area")
def matter_list(request: HttpRequest, query: Asked) -> Any:
    return list_answer(request, "orders.matters", query)


class EventOut(Schema):
    act: str
    at: datetime.datetime
    by: str
    went_to: str
    note: str


class MatterProgressOut(Schema):
    """How far a whole is by its parts, as far as the reader sees them. ``leaves``: the parts at the end of each line
    that were not withdrawn or merged; ``late``: matters at any level, the whole too, past their limits;
    ``beyond``: parts that end after what they are a part of."""

    leaves: int
    ended: int
    late: int
    worst_days: int
    beyond: int
    states: dict[str, int]
    more: bool


class MatterOut(Schema):
    """One matter. ``limit_at``: the first moment that is too late. ``acts``: what the reader may do now. ``version`` is
    sent with an act. ``parts``: the next ones below, by limit."""

    id: int
    kind: str
    state: str
    title: str
    text: str
    area: str
    source: str
    category: str
    urgency: str
    issuer: int | None
    holder: int | None
    official: int | None
    parent: int | None
    parts: list[int]
    progress: MatterProgressOut | None
    into: int | None
    limit_at: datetime.datetime | None
    provisional: bool
    extensions: int
    look_back_on: datetime.date | None
    version: int
    households: list[str]
    acts: list[str]
    events: list[EventOut]


class DraftIn(Schema):
    """A directive or a problem to be opened as a draft. ``issuer``, ``holder``, ``official``, ``verifier``: numbers of
    organisations and officials; ``households``: codes."""

    kind: str = Field(max_length=10, description="directive or problem")
    title: str = Field(min_length=1, max_length=200)
    area: str = Field(min_length=1, max_length=64)
    urgency: str = Field("ordinary", max_length=16)
    source: str = Field("", max_length=24)
    category: str = Field("", max_length=24)
    label: str = Field("", max_length=64)
    issuer: Id | None = None
    holder: Id | None = None
    official: Id | None = None
    verifier: Id | None = None
    parent: Id | None = None
    text: str = Field("", max_length=4000)
    basis: str = Field("", max_length=500)
    demand: str = Field("", max_length=500)
    root_cause: str = Field("", max_length=1000)
    measure: str = Field("", max_length=2000)
    households: list[Annotated[str, Field(max_length=64)]] = Field([], max_length=forms.MOST_SUBJECTS)


class MatterMadeOut(Schema):
    ids: list[int]


@router.post("/matters", response={201: MatterMadeOut}, operation_id="draft_matters",
             summary="Open matters as drafts: all of them or none")  # fmt: skip
def draft_matters(request: HttpRequest, body: Annotated[list[DraftIn], Body(min_length=1, max_length=MOST)]) -> Any:
    who = actor(request)
    if any(each.kind not in WORK for each in body):
        raise Problem("bad_kind", "请选择指令或问题。", "Choose a directive or a problem.")
    areas = {code: area_named(who, code).area_id for code in dict.fromkeys(each.area for each in body)}
    drafts = [
        Draft(
            each.kind, each.title, areas[each.area], each.urgency, each.source, each.category, each.label, each.issuer,
            each.holder, each.official, each.verifier, each.parent, each.text, each.basis, each.demand,
            each.root_cause, each.measure, subjects=forms.households(" ".join(each.households)),
        )
        for each in body
    ]  # fmt: skip
    return Status(201, MatterMadeOut(ids=[row.pk for row in services.draft(who, drafts, timezone.now())]))


class MatterActIn(Schema):
    """One act of the table upon matters: all of them, or none. ``seen``: their versions as the caller read them, in the
    order of ``ids``; without it nobody is warned that somebody else acted meanwhile."""

    act: str = Field(max_length=24)
    ids: list[Id] = Field(min_length=1, max_length=services.MOST)
    seen: list[Id] | None = Field(None, max_length=services.MOST)
    note: str = Field("", max_length=2000)
    limit: datetime.date | None = None
    until: datetime.date | None = None
    look_back_on: datetime.date | None = None
    holder: Id | None = None
    official: Id | None = None
    into: Id | None = None
    parent: Id | None = Field(None, description="attach: the whole that they are put under")
    within_authority: bool | None = None
    parts: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=20)
    reference: str = Field("", max_length=200, description="Where a paper is kept that proves it.")


class StateOut(Schema):
    id: int
    state: str
    version: int


@router.post("/matters/acts", response=list[StateOut], operation_id="act_on_matters", summary="Act upon matters")
def act_on_matters(request: HttpRequest, body: MatterActIn) -> Any:
    if body.seen is not None and len(body.seen) != len(body.ids):
        raise Problem("bad_seen", "版本号的数目与事项不符。", "There must be one version for each matter.")
    given = Given(
        body.note, body.limit, body.until, body.look_back_on, body.holder, body.official, body.into,
        body.within_authority, tuple(body.parts), reference=body.reference, parent_id=body.parent,
    )  # fmt: skip
    seen = dict(zip(body.ids, body.seen, strict=True)) if body.seen is not None else None
    who = actor(request)
    if selectors.matters(who).filter(pk__in=listed(body.ids)).exclude(kind__in=list(WORK)).exists():
        raise services.missing()
    done = services.act(who, body.act, body.ids, given, timezone.now(), seen)
    return [StateOut(id=row.pk, state=row.state, version=row.version) for row in done]


class MatterLineOut(Schema):
    id: int
    title: str
    state: str
    limit_at: datetime.datetime | None
    version: int


class MatterPartOut(Schema):
    part: str
    more: bool
    matters: list[MatterLineOut]


@router.get(
    "/matters/mine/inbox", response=list[MatterPartOut], operation_id="matter_inbox", summary="What waits for me"
)
def matter_inbox(request: HttpRequest) -> Any:
    who = actor(request)
    found = inbox.parts(who, timezone.now())
    readlog.read(who, "orders.inbox", {"via": "api"}, sum(len(part.rows) for part in found))
    return [
        MatterPartOut(
            part=part.key, more=part.more,
            matters=[MatterLineOut(id=each.matter.pk, title=each.matter.title, state=each.matter.state,
                             limit_at=each.matter.limit_at, version=each.matter.version)
                     for each in part.rows if each.matter.kind in WORK],
        )
        for part in found
    ]  # fmt: skip


def _progress(found: Progress | None) -> MatterProgressOut | None:
    if found is None:
        return None
    return MatterProgressOut(
        leaves=found.leaves, ended=found.ended, late=found.late, worst_days=found.worst, beyond=found.beyond,
        states=dict(found.states), more=found.more,
    )  # fmt: skip


# after /matters/acts, whose address it would take
@router.get("/matters/{number}", response=MatterOut, operation_id="matter", summary="One matter, with what happened")
def matter(request: HttpRequest, number: Number) -> Any:
    who = actor(request)
    view = pages.view(who, number, timezone.now())
    row = view.row
    if row.kind not in WORK:  # petitions are read on pages alone: no program keeps them
        raise services.missing()
    readlog.read(who, "orders.matter", {"matter": number, "via": "api"}, max(1, len(view.households)))
    return MatterOut(
        id=row.pk, kind=row.kind, state=row.state, title=row.title, text=row.text.text,
        area=view.area.code if view.area is not None else "", source=row.source, category=row.category,
        urgency=row.urgency, issuer=row.issuer_id, holder=row.holder_id, official=row.official_id, parent=row.parent_id,
        parts=[each.pk for each, *_beside in view.parts], progress=_progress(view.progress), into=row.into_id,
        limit_at=row.limit_at, provisional=row.provisional, extensions=row.extensions,
        look_back_on=row.look_back_on, version=row.version, households=list(view.households),
        acts=[each.act for each in view.acts],
        events=[
            EventOut(act=each.event.act, at=each.event.at, by=each.event.actor, went_to=each.event.went_to,
                     note=each.event.note)
            for each in view.events
        ],
    )  # fmt: skip

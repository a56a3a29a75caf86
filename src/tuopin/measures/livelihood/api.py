"""Livelihood through the API: the lists, one household's, and links and work recorded."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Schema, Status
from pydantic import Field, StrictBool, StrictInt, StrictStr

from tuopin.platform.access import field_classes_at, may
from tuopin.platform.api.guard import actor
from tuopin.platform.api.listed import Asked, ListOut, list_answer
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Missing
from tuopin.register import counting
from tuopin.register import selectors as register
from tuopin.register.models import Household, Membership
from tuopin.register.selectors import Placed

from ..permissions import VIEW
from . import selectors, services
from .models import Enterprise, EnterpriseLink, Work
from .panel import Line, lines_of, told

router = Router(tags=["measures"])

Code = Annotated[str, Path(max_length=64)]


def _list(key: str, path: str, name: str, summary: str) -> None:
    @router.get(path, response=ListOut, operation_id=name, summary=summary)
    def rows(request: HttpRequest, query: Asked) -> Any:
        return list_answer(request, key, query)

    rows.__name__ = name


_list("measures.enterprises", "/enterprises", "enterprises", "Enterprises, as the page's list")
_list("measures.links", "/links", "links", "Links of households with enterprises, as the page's list")
_list("measures.dividends", "/dividends", "dividends", "Dividends, as the page's list")
_list("measures.work", "/work", "work", "Work of members, as the page's list")
_list("measures.loans", "/loans", "loans", "Loans, as the page's list; needs the class bank")
_list("measures.relocations", "/relocations", "relocations", "Relocation, as the page's list")


class LivelihoodLineOut(Schema):
    """One line. Money in fen; days as text, '' = none; what stands in the columns depends on ``what``."""

    what: str
    kind: str
    name: str
    who: str
    first: str
    last: str
    amount: int | None
    more: int | None
    text: str
    extra: str
    flag: bool | None


class LivelihoodOut(Schema):
    """A household's livelihood. ``loans_open`` false: of loans nothing is said."""

    code: str
    on: datetime.date
    loans_open: bool
    lines: list[LivelihoodLineOut]


class LinkIn(Schema):
    household: StrictStr = Field(max_length=64)
    enterprise: StrictStr = Field(max_length=32, description="`number` in the list of enterprises.")
    form: StrictStr = Field(max_length=16)
    since: datetime.date
    until: datetime.date | None = Field(None, description="The day after the last one; null = open.")
    contract: StrictStr = Field("", max_length=200)
    agreed: StrictInt | None = Field(None, description="fen a year")
    share: StrictInt | None = Field(None, description="hundredths of a per cent")


class WorkIn(Schema):
    household: StrictStr = Field(max_length=64)
    person: StrictStr = Field(max_length=64, description="Code of the member.")
    kind: StrictStr = Field(max_length=16)
    employer: StrictStr = Field("", max_length=100)
    post: StrictStr = Field("", max_length=100)
    organisation: StrictStr = Field("", max_length=100)
    place: StrictStr = Field("", max_length=16)
    since: datetime.date
    until: datetime.date | None = None
    contract: StrictBool | None = None
    wage: StrictInt | None = Field(None, description="fen a month")


class LinksIn(Schema):
    links: list[LinkIn] = Field(min_length=1, max_length=1_000)


class WorksIn(Schema):
    work: list[WorkIn] = Field(min_length=1, max_length=1_000)


class Recorded(Schema):
    recorded: int


def _placed(request: HttpRequest, code: str) -> Placed:
    placed = register.household(actor(request), code)
    if not may(actor(request), VIEW, area_path=placed.village.path, household_id=placed.household.pk):
        raise Missing("no_such_household", f"没有找到户编号 {code}。", f"There is no household {code}.", household=code)
    return placed


@router.get(
    "/households/{code}/livelihood", response=LivelihoodOut, operation_id="household_livelihood",
    summary="Links, dividends, work, loans, relocation of a household",
)  # fmt: skip
def household_livelihood(request: HttpRequest, code: Code) -> Any:
    who, placed = actor(request), _placed(request, code)
    classes = field_classes_at(who, VIEW, placed.village.path, placed.household.pk)
    loans = classes is None or selectors.BANK in classes
    children = classes is None or selectors.CHILD in classes
    found = told(lines_of(placed.household.pk), loans=loans, children=children)
    readlog.read(who, "measures.household_livelihood", {"household": code, "via": "api"}, 1)
    lines = [*found.links, *found.dividends, *found.work, *found.loans, *found.relocation, *found.answers]
    return LivelihoodOut(code=code, on=counting.as_of(), loans_open=loans, lines=[_out(each) for each in lines])


def _out(line: Line) -> LivelihoodLineOut:
    return LivelihoodLineOut(**{name: getattr(line, name) for name in LivelihoodLineOut.model_fields})


def _ids(codes: set[str]) -> dict[str, int]:
    """Ids of households. Raises Missing where there is none; grants are asked by the service."""
    found = dict(Household.objects.filter(code__in=sorted(codes)).values_list("code", "pk"))
    if set(found) != codes:
        raise Missing("no_such_household", "没有找到这一户。", "There is no such household.")
    return found


@router.post("/links", response={201: Recorded}, operation_id="record_links", summary="Record links, all or none")
def record_links(request: HttpRequest, given: LinksIn) -> Any:
    ids = _ids({each.household for each in given.links})
    wanted = {each.enterprise for each in given.links}
    known = dict(Enterprise.objects.filter(code__in=sorted(wanted)).values_list("code", "pk"))
    if set(known) != wanted:
        raise Missing("no_such_enterprise", "没有找到这个带贫主体。", "There is no such enterprise.")
    rows = [
        EnterpriseLink(
            household_id=ids[each.household], enterprise_id=known[each.enterprise], form=each.form,
            valid_from=each.since, valid_to=each.until, contract=each.contract, agreed=each.agreed, share=each.share,
        )
        for each in given.links
    ]  # fmt: skip
    return Status(201, Recorded(recorded=len(services.keep_links(actor(request), rows))))


@router.post("/work", response={201: Recorded}, operation_id="record_work", summary="Record work, all or none")
def record_work(request: HttpRequest, given: WorksIn) -> Any:
    ids = _ids({each.household for each in given.work})
    living = Membership.objects.filter(household_id__in=ids.values(), valid_to=None)
    people = {
        (household, code): person
        for household, code, person in living.values_list("household_id", "person__code", "person_id")
    }
    rows = []
    for each in given.work:
        person = people.get((ids[each.household], each.person))
        if person is None or not each.person:
            raise Missing("no_such_person", "没有找到这个人。", "There is no such person.")
        rows.append(
            Work(
                person_id=person, kind=each.kind, employer=each.employer, post=each.post, place=each.place,
                organisation=each.organisation, valid_from=each.since, valid_to=each.until, contract=each.contract,
                wage=each.wage,
            )
        )  # fmt: skip
    return Status(201, Recorded(recorded=len(services.keep_work(actor(request), rows))))

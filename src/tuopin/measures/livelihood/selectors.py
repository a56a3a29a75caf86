"""Reading livelihood: rows within a reader's grants, with where their households live now and what is derived of them.

States are derived at the reader's day and stand in no row. ``path`` is that of the village where the household of a row
lives now.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When

from tuopin.platform.access import require, visible_ids, visible_paths
from tuopin.platform.problems import Missing
from tuopin.register import selectors as register
from tuopin.register.models import AreaVersion
from tuopin.register.permissions import VIEW_HOUSEHOLD

from .. import merged
from ..permissions import VIEW
from .models import Dividend, EnterpriseLink, EnterpriseRisk, EnterpriseVersion, Loan, Relocation, Work
from .words import DUE_SOON

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

BANK = "bank"
"""The class of fields of loans: who lacks it is told of none."""
CHILD = "child"
"""The class of what is said of children's schooling."""


def scoped(actor: Actor, rows: QuerySet[Any], area: AreaVersion | None) -> QuerySet[Any]:
    """Those of rows with a household that lives in the area and within the grants; of one that was merged the one that
    goes on in its place (``keeper``, its ``code`` and ``path``)."""
    rows = rows.annotate(path=merged.PATH, keeper=merged.KEEPER, code=merged.CODE)
    if area is not None:
        rows = rows.filter(merged.living([register.subtree(area)]))
    for permission in (VIEW, VIEW_HOUSEHOLD):
        ranges = visible_paths(actor, permission)
        if ranges is not None:
            single = visible_ids(actor, permission, "household")
            rows = rows.filter(merged.living(ranges) | merged.of_households(single))
    return rows


def _of_persons(actor: Actor, rows: QuerySet[Any], area: AreaVersion | None) -> QuerySet[Any]:
    """The same of rows with a person: by the household whose member the person is now, or was last."""
    rows = rows.annotate(path=F("person__card__path"))
    if area is not None:
        low, high = register.subtree(area)
        rows = rows.filter(path__gte=low, path__lt=high)
    for permission in (VIEW, VIEW_HOUSEHOLD):
        ranges = visible_paths(actor, permission)
        if ranges is not None:
            single = sorted(visible_ids(actor, permission, "household"))
            rows = rows.filter(register.within(ranges) | Q(person__card__household_id__in=single))
    return rows


# -- enterprises --------------------------------------------------------------------------------------------------


def _version(field: str, enterprise: str = "enterprise") -> Subquery:
    """A column of the newest version of an enterprise."""
    newest = EnterpriseVersion.objects.filter(enterprise=OuterRef(enterprise), superseded_at=None).order_by("-as_of")
    return Subquery(newest.values(field)[:1])


def _risk(day: date, enterprise: str = "enterprise") -> Subquery:
    """The level of risk of an enterprise on a day; None where nobody has said one."""
    said = EnterpriseRisk.objects.filter(enterprise=OuterRef(enterprise), superseded_at=None, day__lte=day)
    return Subquery(said.order_by("-day").values("level")[:1])


def enterprises(actor: Actor, area: AreaVersion | None, day: date) -> QuerySet[Any]:
    """The newest version of each enterprise that lies in the area and within the grants, with its risk."""
    later = EnterpriseVersion.objects.filter(
        enterprise=OuterRef("enterprise"), superseded_at=None, as_of__gt=OuterRef("as_of")
    )
    # of an area that has ended since, its last place: an enterprise is not lost with its village
    lies = AreaVersion.objects.filter(area_id=OuterRef("area_id")).order_by("-valid_from").values("path")[:1]
    found = EnterpriseVersion.objects.filter(~Exists(later), superseded_at=None)
    found = found.annotate(path=Subquery(lies), risk=_risk(day))
    if area is not None:
        low, high = register.subtree(area)
        found = found.filter(path__gte=low, path__lt=high)
    ranges = visible_paths(actor, VIEW)
    return found if ranges is None else found.filter(register.within(ranges))


def enterprise(actor: Actor, enterprise_id: int, day: date) -> EnterpriseVersion:
    """One of them. Raises Missing outside the grants as where there is none."""
    require(actor, VIEW)
    here = enterprises(actor, None, day).select_related("enterprise")
    found: EnterpriseVersion | None = here.filter(enterprise_id=enterprise_id).first()
    if found is None:
        raise Missing("no_such_enterprise", "没有找到这个带贫主体。", "There is no such enterprise.")
    return found


def offered(area: AreaVersion) -> list[tuple[int, str]]:
    """Ids and names of the enterprises of a county, for the form of a household in it: a village's household may hang
    on the township's cooperative. Names of enterprises are told to everybody who may record a link."""
    low, high = register.subtree(area)
    lies = AreaVersion.objects.filter(area_id=OuterRef("area_id")).order_by("-valid_from").values("path")[:1]
    found = EnterpriseVersion.objects.filter(superseded_at=None).annotate(path=Subquery(lies))
    newest = found.filter(path__gte=low, path__lt=high).order_by("as_of").values_list("enterprise_id", "name")
    return sorted(dict(newest).items(), key=lambda each: each[1])[:500]


# -- links and dividends --------------------------------------------------------------------------------------------


def _live(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))


def _span_state(day: date) -> Case:
    return Case(
        When(valid_from__gt=day, then=Value("planned")),
        When(valid_to__isnull=False, valid_to__lte=day, then=Value("ended")),
        default=Value("live"),
        output_field=CharField(),
    )


def links(actor: Actor, area: AreaVersion | None, day: date) -> QuerySet[Any]:
    """Links of households, with enterprise, its risk, and the state of the link."""
    found = EnterpriseLink.objects.filter(superseded_at=None).annotate(
        name=_version("name"), risk=_risk(day), state=_span_state(day)
    )
    return scoped(actor, found, area)


def dividends(actor: Actor, area: AreaVersion | None, day: date) -> QuerySet[Any]:
    """Dividends with their state: paid, partly paid, overdue, not yet due, or of no known day."""
    short = Q(due__isnull=False) & (Q(paid=None) | Q(paid__lt=F("due")))
    state = Case(
        When(Q(paid__isnull=False) & (Q(due=None) | Q(paid__gte=F("due"))), then=Value("paid")),
        When(short & Q(due_on__lt=day), then=Value("overdue")),
        When(short & Q(paid__gt=0), then=Value("part")),
        When(due_on=None, then=Value("unknown")),
        default=Value("open"),
        output_field=CharField(),
    )
    found = Dividend.objects.filter(superseded_at=None).annotate(name=_version("name"), state=state)
    return scoped(actor, found, area)


# -- work, loans, relocation ------------------------------------------------------------------------------------------


def work(actor: Actor, area: AreaVersion | None, day: date) -> QuerySet[Any]:
    """Work of those who are members of a household now; where they are gone, it stays with their last household."""
    state = Case(
        When(valid_from__gt=day, then=Value("planned")),
        When(Q(valid_to__isnull=False, valid_to__lte=day) & Q(returned=True), then=Value("returned")),
        When(valid_to__isnull=False, valid_to__lte=day, then=Value("ended")),
        default=Value("live"),
        output_field=CharField(),
    )
    found = Work.objects.filter(superseded_at=None).annotate(state=state)
    return _of_persons(actor, found, area)


def loan_state(day: date) -> Case:
    """Repaid, overdue, due within 30 or 60 days, running, or without a day on which it falls due."""
    return Case(
        When(repaid_on__isnull=False, repaid_on__lte=day, then=Value("repaid")),
        When(due=None, then=Value("unknown")),
        When(due__lt=day, then=Value("overdue")),
        When(due__lte=day + timedelta(days=DUE_SOON // 2), then=Value("due30")),
        When(due__lte=day + timedelta(days=DUE_SOON), then=Value("due60")),
        default=Value("running"),
        output_field=CharField(),
    )


def loans(actor: Actor, area: AreaVersion | None, day: date) -> QuerySet[Any]:
    """Loans with their state. The caller has seen to it that the class bank is open over the area."""
    found = Loan.objects.filter(superseded_at=None).annotate(state=loan_state(day))
    return scoped(actor, found, area)


def relocations(actor: Actor, area: AreaVersion | None, day: date) -> QuerySet[Any]:
    """What is known of each moved household on the day: its newest row; of one that was merged, where the one that goes
    on has none of its own."""
    later = Relocation.objects.filter(
        household=OuterRef("household"), superseded_at=None, as_of__gt=OuterRef("as_of"), as_of__lte=day
    )
    found = Relocation.objects.filter(~Exists(later), superseded_at=None, as_of__lte=day)
    own = Relocation.objects.filter(
        household=OuterRef("household__went_to__now"), superseded_at=None, as_of__lte=day
    )  # fmt: skip
    return scoped(actor, found.filter(~Exists(own)), area)


def hanging(actor: Actor, enterprise_id: int, day: date) -> QuerySet[Any]:
    """The links with an enterprise that stand on a day, of households that the actor may see."""
    return links(actor, None, day).filter(_live(day), enterprise_id=enterprise_id)

"""The words of directives and problems that came from a petition (来源：信访): read by the petition office and by who
may act upon them (``reach.hands``: issuer, holder, verifier), who could not judge what they cannot read. Whoever else
sees that there is one reads a neutral title, and neither its text nor what was reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from tuopin.duties.lasting import lasting_area_ids
from tuopin.duties.selectors import last_versions, own_official
from tuopin.platform.access import page_memo, visible_paths
from tuopin.register.correcting.subjects import listed

from . import reach
from .models import Matter
from .permissions import HANDLE, ISSUE, PETITIONS, VERIFY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from tuopin.duties.models import OrganisationVersion
    from tuopin.platform.access import Actor

SOURCE = "petition"
NEUTRAL = "信访反映的问题（内容按权限查看）"
"""What stands in place of a title or a text."""
_TEXTS = ("text", "basis", "demand", "root_cause", "measure", "progress")


def told(actor: Actor, matter: str = "") -> Q:
    """The matters whose words an actor reads, of those that the actor sees; ``matter`` leads to them (``matter__``). No
    program reads the words of a petition."""
    if actor.unrestricted:
        return Q()
    found = ~Q(**{f"{matter}source": SOURCE}) | Q(**{f"{matter}kind": Matter.Kind.PETITION})
    if actor.limits is not None:
        return found
    keeps, issues, handles, verifies = (visible_paths(actor, each) for each in (PETITIONS, ISSUE, HANDLE, VERIFY))
    if keeps is None or issues is None or handles is None or verifies is None:
        return Q()
    if over := [*keeps, *verifies]:
        found |= Q(**{f"{matter}area_id__in": lasting_area_ids(over)})
    # as ``reach.hands``: who issues or handles over a place speaks for the units there, wherever their matters lie
    if issues:
        found |= Q(**{f"{matter}issuer_id__in": _units_in(issues)})
        found |= Q(**{f"{matter}issuer": None, f"{matter}area_id__in": lasting_area_ids(issues)})
    if handles:
        found |= Q(**{f"{matter}holder_id__in": _units_in(handles)})
    if offices := sorted(reach.own_offices(actor)):
        found |= Q(**{f"{matter}holder_id__in": offices})
    if offices := sorted(reach.own_organisations(actor, ISSUE)):
        found |= Q(**{f"{matter}issuer_id__in": offices})
    mine = own_official(actor)
    if mine is None:
        return found
    return found | Q(**{f"{matter}official_id": mine}) | Q(**{f"{matter}verifier_id": mine})


def _units_in(ranges: list[tuple[str, str]]) -> QuerySet[OrganisationVersion, int]:
    """The organisations of a place, those that ended too."""
    return last_versions(ranges).values_list("organisation_id", flat=True)


def closed(actor: Actor, rows: Iterable[Matter]) -> frozenset[int]:
    """Those of some matters whose words are not for an actor. One statement where any came from a petition, else
    none."""
    return _closed(actor, [row.pk for row in rows if row.source == SOURCE and row.kind != Matter.Kind.PETITION])


def cover(actor: Actor, rows: Iterable[Matter]) -> frozenset[int]:
    """Put neutral words in place of those that are not for an actor: of rows that are shown, and never saved again.
    Returns which."""
    every = list(rows)
    some = closed(actor, every)
    for row in every:
        if row.pk in some:
            row.title = NEUTRAL
            if "text" in row._state.fields_cache:
                for name in _TEXTS:
                    setattr(row.text, name, "")
    return some


def hidden(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """Those of the rows of a list (``pk``, ``source``) whose words are not for an actor. Asked once a page."""
    return _closed(actor, [row["pk"] for row in rows if row["source"] == SOURCE])


def titles(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> dict[Any, str]:
    """The titles of rows of a list (``pk``, ``title``, ``source``)."""
    closed_ones = hidden(actor, rows)
    return {row["pk"]: NEUTRAL if row["pk"] in closed_ones else row["title"] for row in rows}


def kept_back(actor: Actor) -> list[int]:
    """All directives and problems whose words are not for an actor: for files, which are written without one."""
    open_ones = told(actor)
    if not open_ones:
        return []
    rows = Matter.objects.filter(source=SOURCE).exclude(kind=Matter.Kind.PETITION)
    return list(rows.exclude(pk__in=rows.filter(open_ones).values("pk")).values_list("pk", flat=True))


def _closed(actor: Actor, asked: list[int]) -> frozenset[int]:
    if not asked or actor.unrestricted:
        return frozenset()
    memo, key = page_memo(), f"orders.words.{actor.user_id}.{sorted(asked)}"
    if key not in memo:
        found = Matter.objects.filter(told(actor), pk__in=listed(asked)).values_list("pk", flat=True)
        memo[key] = frozenset(asked) - frozenset(found)
    kept: frozenset[int] = memo[key]
    return kept

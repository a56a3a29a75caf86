"""Reading organisations and posts: which there are, who holds which post, what watches or dispatches what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform.problems import Missing
from tuopin.register.selectors import on_day

from ..models import OrganisationLink, OrganisationVersion, Post, Term
from ..permissions import VIEW_OFFICIAL
from ..selectors import last_versions, ranges_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion


def organisations(
    actor: Actor, permission: str = VIEW_OFFICIAL, place: AreaVersion | None = None
) -> QuerySet[OrganisationVersion]:
    """The newest version of each organisation in the areas where the actor has the permission (in ``place``); those
    that ended are among them (``valid_to``)."""
    return last_versions(ranges_at(actor, permission, place))


def organisation(actor: Actor, number: int) -> OrganisationVersion:
    """The newest version of one organisation. Raises Missing outside the grants; the two look alike."""
    found = organisations(actor).filter(organisation_id=number).first() if number < 2**63 else None
    if found is None:
        raise _missing()
    return found


def post(actor: Actor, number: int) -> tuple[Post, OrganisationVersion]:
    """A post and the newest version of its organisation. Raises Missing as :func:`organisation`."""
    found = Post.objects.filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise _missing()
    return found, organisation(actor, found.organisation_id)


def _missing() -> Missing:
    return Missing(
        "no_such_organisation",
        "没有找到这个组织，或不在您的管辖范围内。",
        "There is no such organisation, or none within your grants.",
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A post and who holds it on the day."""

    post: Post
    terms: tuple[Term, ...]


def posts(organisation_id: int, day: date) -> list[Held]:
    """The posts of an organisation with their holders on a day, in the order they were made. Two statements. The caller
    has checked the organisation."""
    found = list(Post.objects.filter(organisation_id=organisation_id).order_by("pk"))
    terms = Term.objects.filter(on_day(day), post__organisation_id=organisation_id).select_related("official")
    held: dict[int, list[Term]] = {}
    for each in terms.order_by("valid_from", "pk"):
        held.setdefault(each.post_id, []).append(each)
    return [Held(each, tuple(held.get(each.pk, ()))) for each in found]


@dataclass(frozen=True, slots=True)
class Linked:
    """A relation to another organisation. ``outward``: this one watches or dispatches the other."""

    link: OrganisationLink
    name: str
    outward: bool


def links(organisation_id: int) -> list[Linked]:
    """What an organisation watches, dispatches, is watched or dispatched by, what holds first. Two statements. The
    caller has checked the organisation; of one outside the grants the name is told, as on every paper, and no more."""
    either = Q(organisation_id=organisation_id) | Q(other_id=organisation_id)
    rows = list(OrganisationLink.objects.filter(either).order_by("valid_to", "relation", "valid_from", "pk")[:200])
    others = {row.other_id if row.organisation_id == organisation_id else row.organisation_id for row in rows}
    names = dict(
        OrganisationVersion.objects.filter(organisation_id__in=others)
        .order_by("valid_from")
        .values_list("organisation_id", "name")
    )
    open_first = sorted(rows, key=lambda row: row.valid_to is not None)
    return [
        Linked(
            row,
            names.get(row.other_id if row.organisation_id == organisation_id else row.organisation_id, ""),
            row.organisation_id == organisation_id,
        )
        for row in open_first
    ]


def named(actor: Actor, text: str, most: int, permission: str = VIEW_OFFICIAL) -> Sequence[OrganisationVersion]:
    """Standing organisations within the grants whose name holds the text, the shortest name first."""
    if not text:
        return []
    found = organisations(actor, permission).filter(valid_to=None, name__contains=text)
    return sorted(found.order_by("name")[: most * 5], key=lambda row: (len(row.name), row.name))[:most]

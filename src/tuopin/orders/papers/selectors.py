"""Reading papers: always with the actor. An issued paper is read by whoever sees its matter, and by the organisations
that it goes to; a draft by who writes for its issuer. Papers of petitions are read with their matter alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q

from tuopin.core.papers import Kind as PaperKind
from tuopin.duties.lasting import lasting_area_ids
from tuopin.duties.models import OrganisationVersion
from tuopin.duties.selectors import last_versions
from tuopin.platform.access import visible_paths
from tuopin.platform.problems import Missing
from tuopin.register.correcting.subjects import listed

from .. import reach, words
from ..board import names
from ..models import Matter, NumberWord, OrderPaper, PaperRecipient
from ..permissions import HANDLE, ISSUE, PETITIONS, VIEW

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet

    from tuopin.platform.access import Actor

ISSUED = ("issued", "withdrawn")


def papers(actor: Actor) -> QuerySet[OrderPaper]:
    """The papers that the actor may read."""
    if actor.unrestricted:
        return OrderPaper.objects.all()
    seen = Q(matter__in=Matter.objects.filter(reach.visible(actor)).values("pk"))
    # what is written about what a petition said is read by those whose words they are, and by who writes it
    known = words.told(actor, "matter__")
    if known:
        seen &= known | _writes(actor, (ISSUE, HANDLE))
    kept = visible_paths(actor, PETITIONS)
    if kept is not None:
        office = Q(matter__area_id__in=lasting_area_ids(kept)) if kept else Q(pk__in=[])
        seen &= ~Q(matter__kind=Matter.Kind.PETITION) | office | _of_the_holder()
    found = Q(state__in=ISSUED) & seen
    own = reach.own_organisations(actor, VIEW)
    if own:
        given = PaperRecipient.objects.filter(paper=OuterRef("pk"), organisation_id__in=own)
        found |= Q(state__in=ISSUED) & Exists(given) & ~Q(matter__kind=Matter.Kind.PETITION)
    return OrderPaper.objects.filter(found | (_drafts(actor) & seen))


def _of_the_holder() -> Q:
    """Those that went to whoever holds the matter now, or came from there: whoever gets a petition later reads nothing
    of what was written to and by somebody else."""
    to = PaperRecipient.objects.filter(paper=OuterRef("pk"), organisation=OuterRef("matter__holder"))
    return Q(issuer=F("matter__holder")) | Q(Exists(to))


def _drafts(actor: Actor) -> Q:
    """What the actor's own offices write. Of a petition its office and its holder write apart: neither reads what the
    other has not issued."""
    petition, reply = Q(matter__kind=Matter.Kind.PETITION), Q(kind=PaperKind.REPLY)
    apart = (reply & _writes(actor, (HANDLE,))) | (~reply & _writes(actor, (PETITIONS,)))
    return (_writes(actor, (ISSUE, HANDLE, PETITIONS)) & ~petition) | (apart & petition)


def _writes(actor: Actor, permissions: tuple[str, ...]) -> Q:
    """Papers of the organisations that the actor writes for, and the actor's own."""
    found = Q(writer_id=actor.user_id) if actor.user_id is not None else Q(pk__in=[])
    for permission in permissions:
        if own := reach.own_organisations(actor, permission):
            found |= Q(issuer_id__in=own)
        ranges = visible_paths(actor, permission)
        if ranges is None:
            return Q()
        if ranges:
            found |= Q(issuer_id__in=last_versions(ranges).values("organisation_id"))
    return found


def paper(actor: Actor, number: int) -> OrderPaper:
    """One paper with its matter and word. Raises Missing outside the grants; the two look alike."""
    found = papers(actor).select_related("matter", "word").filter(pk=number).first() if number < 2**63 else None
    if found is None:
        raise missing()
    words.cover(actor, [found.matter])
    return found


def missing() -> Missing:
    """What is said of a paper that is not there, or not for this reader."""
    return Missing(
        "no_such_paper",
        "没有找到这份公文，或不在您的权限范围内。",
        "There is no such paper, or none within your grants.",
    )


def of_matter(actor: Actor, matter_id: int) -> list[OrderPaper]:
    """The papers of a matter, oldest first; those thrown away are not among them."""
    found = papers(actor).filter(matter_id=matter_id).exclude(state=OrderPaper.State.DISCARDED)
    return list(found.select_related("word").order_by("pk")[:500])


def recipients_of(paper_ids: Collection[int]) -> list[PaperRecipient]:
    """Who gets papers, in their order. The caller has checked the papers."""
    rows = PaperRecipient.objects.filter(paper_id__in=listed(paper_ids))
    return list(rows.order_by("paper_id", "role", "place", "pk"))


def names_of(organisation_ids: Collection[int]) -> Mapping[int, str]:
    """What organisations are called today, or were called last: as beside every matter."""
    return names.offices(organisation_ids)


def written_for(actor: Actor, permission: str = ISSUE) -> QuerySet[OrganisationVersion]:
    """The standing organisations that the actor may write for."""
    own = reach.own_organisations(actor, permission)
    rows = last_versions(visible_paths(actor, permission)).filter(valid_to=None)
    if own:
        rows = rows | OrganisationVersion.objects.filter(organisation_id__in=own, valid_to=None)
    return rows


def words_of(actor: Actor, organisation_id: int | None = None) -> QuerySet[NumberWord]:
    """The words that the actor may number by (of one organisation)."""
    if organisation_id is not None:
        return NumberWord.objects.filter(organisation_id=organisation_id).order_by("word")
    mine = Q(pk__in=[])
    for permission in (ISSUE, HANDLE, PETITIONS):
        mine |= Q(organisation_id__in=written_for(actor, permission).values("organisation_id"))
    return NumberWord.objects.filter(mine).order_by("organisation_id", "word")


def numbered(actor: Actor, word: NumberWord, year: int) -> QuerySet[OrderPaper]:
    """The numbers drawn under a word in a year (发文登记簿): what of it the actor may read; the rest is counted."""
    return papers(actor).filter(word=word, year=year).order_by("serial")

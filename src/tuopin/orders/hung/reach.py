"""Who sees a sign, and who somebody is to it: who hung it, who supervises, who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.db.models import F, Q

from tuopin.duties.lasting import lasting_area_ids
from tuopin.duties.selectors import own_official, ranges_at
from tuopin.platform.access import may, visible_paths
from tuopin.platform.access import subtree as path_range

from .. import words
from ..permissions import HANDLE, HANG, VIEW
from ..reach import organisation_paths, own_offices, own_organisations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tuopin.platform.access import Actor
    from tuopin.register.models import AreaVersion

    from ..models import HungSign

type Part = Literal["hanger", "supervisor", "holder"]


def visible(actor: Actor, place: AreaVersion | None = None) -> Q:
    """The signs that an actor sees, of a place if one is named: over the areas of the grants, those that one's own
    organisation hung or answers for, those that one supervises. One over a matter that came from a petition says what
    it hangs for, and its list what is asked: it is seen by who reads the words of that matter, and by who has a part
    in the sign."""
    ranges = ranges_at(actor, VIEW, place)
    if ranges is None:
        return _told(actor)
    found = Q(area_id__in=lasting_area_ids(ranges)) if ranges else Q(pk__in=[])
    own = Q() if actor.unrestricted else _own(actor)
    if own:
        here = Q(area_id__in=lasting_area_ids([path_range(place.path)])) if place is not None else Q()
        found |= own & here
    return found & _told(actor)


def _told(actor: Actor) -> Q:
    """The signs whose words are for an actor."""
    known = words.told(actor, "matter__")
    if not known:  # the words of all: beside another condition an empty one would count for nothing
        return Q()
    found = Q(matter=None) | known | _own(actor)
    offices = sorted(own_offices(actor))
    return found | Q(holder_id__in=offices) if offices else found


def _own(actor: Actor) -> Q:
    offices, mine = sorted(own_organisations(actor, VIEW)), own_official(actor)
    found = Q(holder_id__in=offices) | Q(office_id__in=offices) if offices else Q()
    if mine is not None and may(actor, VIEW):
        found |= Q(supervisor_id=mine)
    return found


def answers(actor: Actor, offices: Mapping[int, str], holder_id: int) -> bool:
    """Whether an actor answers for an organisation: ``offices`` are the paths of organisations."""
    own = holder_id in own_organisations(actor, HANDLE)
    return own or may(actor, HANDLE, area_path=offices.get(holder_id, "-"))


def parts(actor: Actor, rows: Iterable[HungSign]) -> Mapping[int, frozenset[Part]]:
    """Who the actor is to each of some signs. Nobody who hung or supervises one answers for it too: but for the product
    itself and the command line. A constant number of statements."""
    signs = list(rows)
    offices = organisation_paths({each for row in signs for each in (row.office_id, row.holder_id)})
    mine = own_official(actor)
    return {row.pk: _parts(actor, row, offices, mine) for row in signs}


def _parts(actor: Actor, row: HungSign, offices: Mapping[int, str], mine: int | None) -> frozenset[Part]:
    found: set[Part] = set()
    if row.office_id in own_organisations(actor, HANG) or may(actor, HANG, area_path=offices.get(row.office_id, "-")):
        found.add("hanger")
    if mine is not None and row.supervisor_id == mine:
        found.add("supervisor")
    if (actor.unrestricted or not found) and answers(actor, offices, row.holder_id):
        found.add("holder")
    return frozenset(found)


def reassigned(row: HungSign) -> bool:
    """Whether another unit than the one that answers holds the matter by now: reminding the former one is no use. One
    that was merged into another is followed there, whoever holds it."""
    matter = row.matter
    return matter is not None and matter.state != "merged" and matter.holder_id != row.holder_id


def answering() -> Q:
    """Of items, those of signs that are not :func:`reassigned`."""
    held = Q(sign__matter__holder_id=F("sign__holder_id"))
    return Q(sign__matter=None) | Q(sign__matter__state="merged") | held


def everywhere(actor: Actor) -> bool:
    """Whether the actor handles for every organisation there is: then nothing waits for him in particular."""
    return visible_paths(actor, HANDLE) is None

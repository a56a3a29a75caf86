"""Names that stand beside matters: one statement for all of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.duties.models import Official
from tuopin.duties.selectors import organisation_names
from tuopin.platform.access import page_memo
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import area_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..models import Matter


KNOWN = "orders.office_names"
"""What the page has read of them already (``page_memo``)."""


def offices(ids: Iterable[int | None]) -> Mapping[int, str]:
    """What organisations are called, or were last."""
    wanted = {each for each in ids if each is not None}
    known: dict[int, str] = page_memo().get(KNOWN, {})
    unknown = wanted - known.keys()
    found = organisation_names(unknown, timezone.localdate()) if unknown else {}
    return found | {each: known[each] for each in wanted & known.keys()}


def people(ids: Iterable[int | None]) -> Mapping[int, str]:
    """The names of officials."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return dict(Official.objects.filter(pk__in=listed(wanted)).values_list("pk", "name"))


def areas(matters: Iterable[Matter]) -> Mapping[int, str]:
    """What the areas of matters are called, or were last."""
    return area_names({each.area_id for each in matters})

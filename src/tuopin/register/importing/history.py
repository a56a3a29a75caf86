"""Imports that were made, for those who may know of them: their own, and those over places they may import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform.access import field_classes_at, require, visible_paths
from tuopin.platform.problems import Missing

from ..exporting import exports
from ..models import DataIssue, Import, RejectedRow
from ..permissions import IMPORT
from ..record import is_open
from ..selectors import within

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from tuopin.platform.access import Actor


def imports(actor: Actor) -> QuerySet[Import]:
    """Imports that the actor made, or whose whole place lies where the actor may import; the newest first. Of a token's
    own are those alone of sets that it opened: its owner may import where it may not."""
    require(actor, IMPORT)
    found = Import.objects.order_by("-pk")
    ranges = visible_paths(actor, IMPORT)
    if ranges is None:
        return found
    own = Q(user_id=actor.user_id, user_id__isnull=False)
    if actor.limits is not None:
        own &= Q(prepared__token_id=actor.limits.token_id)
    return found.filter(own | (within(ranges) & ~Q(path="")))


def import_of(actor: Actor, import_id: int) -> Import:
    """One import. Raises Missing for one that does not exist or is not the actor's to see."""
    found = imports(actor).filter(pk=import_id).first()
    if found is None:
        raise Missing(
            "no_such_import", f"没有找到第 {import_id} 次导入。", f"There is no import {import_id}.", number=import_id
        )
    return found


def may_have_cells(actor: Actor, record: Import) -> bool:
    """Whether the actor may be handed the rejected rows as they were written: whoever handed the file in, and of those
    who may know of the import the ones to whom every class of field is open over its place. Any column stands there."""
    if actor.user_id is not None and actor.user_id == record.user_id and actor.limits is None:
        return True
    return is_open(field_classes_at(actor, IMPORT, record.path), "identity", "health", "disability", "bank", "child")


def closed_kinds(actor: Actor, record: Import) -> list[str]:
    """Kinds of workbook that are of a class of fields as a whole (loans), where it is closed to the actor over the
    place of the import: which rows were not taken, and why, is told to those alone who handed them in."""
    if may_have_cells(actor, record):
        return []
    classes = field_classes_at(actor, IMPORT, record.path)
    return sorted(kind for kind, each in exports().items() if each.whole and not is_open(classes, each.whole))


def rejected_rows(actor: Actor, record: Import) -> QuerySet[RejectedRow]:
    """The rows of an import that were not taken and that the actor may know of, in the order of sheets and rows."""
    found = RejectedRow.objects.filter(sheet__run=record).exclude(sheet__kind__in=closed_kinds(actor, record))
    return found.select_related("sheet").order_by("sheet_id", "row", "pk")


def opened_issues(record: Import) -> QuerySet[DataIssue]:
    """The data issues that an import found first."""
    return DataIssue.objects.filter(sheet__run=record)

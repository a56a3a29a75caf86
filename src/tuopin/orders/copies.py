"""Copies of directives (抄报): at issue, to the discipline inspection groups that watch each recipient. A copy shows
the directive and how it goes; whom it is about, it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tuopin.duties.models import OrganisationLink
from tuopin.register.correcting.subjects import listed
from tuopin.register.selectors import on_day

from .models import Matter, MatterUnit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def send(matters: Sequence[Matter], data: Sequence[dict[str, Any]], now: datetime) -> None:
    """Give each group its copy, inside the transaction of the act; two statements. Into ``data`` of each event goes who
    got one; an empty list says that nobody watches the recipient: the page shows it."""
    directives = [(row, each) for row, each in zip(matters, data, strict=True) if row.kind == Matter.Kind.DIRECTIVE]
    if not directives:
        return
    watching: dict[int, list[int]] = {}
    links = OrganisationLink.objects.filter(
        on_day(timezone.localdate(now)),
        other_id__in=listed({row.holder_id for row, _each in directives if row.holder_id is not None}),
        relation=OrganisationLink.Relation.WATCHES,
    )
    for group, watched in links.order_by("organisation_id").values_list("organisation_id", "other_id"):
        watching.setdefault(watched, []).append(group)
    rows = []
    for row, each in directives:
        groups = watching.get(row.holder_id or 0, [])
        each["copied"] = groups
        rows += [
            MatterUnit(
                matter=row, organisation_id=group, role=MatterUnit.Role.COPIED, watched_id=row.holder_id, added_at=now
            )
            for group in groups
        ]
    # one that was given a copy before (the directive went elsewhere and came back) keeps it
    MatterUnit.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)

"""Keeping organisations, how they stand to each other, and their posts: each change is one service here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.db.models import Q

from tuopin.platform import database
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Problem

from .. import kinds
from ..assigning import targets
from ..models import Assignment, Organisation, OrganisationLink, OrganisationVersion, Post, Term
from ..permissions import KEEP_OFFICIALS, VIEW_OFFICIAL

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from tuopin.platform.access import Actor


def found_organisation(
    actor: Actor, name: str, kind: str, *, area_id: int, day: date, parent_id: int | None = None
) -> int:
    """A new organisation of a kind in an area from a day on; returns its id. Raises Missing, Problem."""
    kinds.require_kind(kind)
    with database.write():
        _reachable(actor, area_id, parent_id, day)
        made = Organisation.objects.create()
        _version(made.pk, name, kind, area_id, parent_id, day)
        detail: dict[str, object] = {"kind": kind, "area": area_id, "day": day.isoformat()}
        audit.record(actor, "duties.found_organisation", f"organisation:{made.pk}", detail)
    return made.pk


def change_organisation(
    actor: Actor, organisation_id: int, *, day: date, name: str, kind: str, area_id: int, parent_id: int | None = None
) -> None:
    """Another name, kind, place or superior from ``day`` on: what it was before stays on record."""
    kinds.require_kind(kind)
    with database.write():
        targets.reachable(actor, KEEP_OFFICIALS, "organisation", [organisation_id], day)
        known = OrganisationVersion.objects.filter(organisation_id=organisation_id, valid_to=None, parent_id=parent_id)
        _reachable(actor, area_id, None if known.exists() else parent_id, day)
        if parent_id is not None and organisation_id in _above(parent_id, day):
            raise Problem(
                "own_superior", "一个组织不能隶属于自己的下级。", "An organisation cannot stand below one of its own."
            )
        row = OrganisationVersion.objects.select_for_update().get(organisation_id=organisation_id, valid_to=None)
        if row.valid_from >= day:
            raise out_of_order()
        row.valid_to = day
        row.save(update_fields=["valid_to"])
        _version(organisation_id, name, kind, area_id, parent_id, day)
        audit.record(
            actor, "duties.change_organisation", f"organisation:{organisation_id}", {"day": day.isoformat()}
        )  # fmt: skip


def close_organisation(actor: Actor, organisation_id: int, *, day: date) -> None:
    """An organisation ends. Raises Problem while somebody holds a post or a duty in it, or another stands below it."""
    with database.write():
        targets.reachable(actor, KEEP_OFFICIALS, "organisation", [organisation_id], day)
        later = Q(valid_to=None) | Q(valid_to__gt=day)
        if (
            Term.objects.filter(later, post__organisation_id=organisation_id).exists()
            or Assignment.objects.filter(later, organisation_id=organisation_id).exists()
            or OrganisationVersion.objects.filter(later, parent_id=organisation_id).exists()
        ):
            raise Problem(
                "still_in_use",
                "这个组织还有人任职、承担责任，或还有下级组织。请先移交、结束。",
                "Somebody still holds a post or a duty in this organisation, or another one stands below it. End or"
                " hand over these first.",
            )
        rows = OrganisationVersion.objects.filter(organisation_id=organisation_id, valid_to=None)
        if rows.filter(valid_from__gte=day).exists():
            raise out_of_order()
        rows.update(valid_to=day)
        links = OrganisationLink.objects.filter(
            Q(organisation_id=organisation_id) | Q(other_id=organisation_id), valid_to=None
        )
        links.filter(valid_from__gte=day).delete()
        links.update(valid_to=day)
        audit.record(actor, "duties.close_organisation", f"organisation:{organisation_id}", {"day": day.isoformat()})


def link_organisations(actor: Actor, organisation_id: int, others: Collection[int], *, relation: str, day: date) -> int:
    """An organisation watches, or dispatches, others from a day on; returns how many are new."""
    if relation not in OrganisationLink.Relation.values:
        raise Problem("unknown_key", "没有这种关系。", "There is no such relation.")
    if organisation_id in others:
        raise Problem("with_itself", "一个组织不能与自己建立关系。", "An organisation has no relation with itself.")
    with database.write():
        targets.reachable(actor, KEEP_OFFICIALS, "organisation", {organisation_id, *others}, day)
        rows = OrganisationLink.objects.filter(organisation_id=organisation_id, relation=relation, valid_to=None)
        known = set(rows.values_list("other_id", flat=True))
        new = [key for key in dict.fromkeys(others) if key not in known]
        OrganisationLink.objects.bulk_create(
            OrganisationLink(organisation_id=organisation_id, other_id=key, relation=relation, valid_from=day)
            for key in new
        )
        detail: dict[str, object] = {"relation": relation, "count": len(new), "day": day.isoformat()}
        audit.record(actor, "duties.link_organisations", f"organisation:{organisation_id}", detail)
    return len(new)


def unlink_organisations(actor: Actor, link_id: int, *, day: date) -> None:
    """A relation ends on ``day``; one that had not begun yet goes. Raises Missing, Problem."""
    with database.write():
        row = OrganisationLink.objects.select_for_update().filter(pk=link_id, valid_to=None).first()
        if row is None:
            raise targets.outside()
        targets.reachable(actor, KEEP_OFFICIALS, "organisation", [row.organisation_id], day)
        if row.valid_from > day:
            raise out_of_order()
        if row.valid_from == day:
            row.delete()
        else:
            row.valid_to = day
            row.save(update_fields=["valid_to"])
        detail: dict[str, object] = {"relation": row.relation, "day": day.isoformat()}
        audit.record(actor, "duties.unlink_organisations", f"organisation:{row.organisation_id}", detail)


def add_post(
    actor: Actor, organisation_id: int, title: str, *, day: date, level: str = "", authority: str = "",
    first_responsible: bool = False,
) -> int:  # fmt: skip
    """A post of an organisation; returns its id. Raises Missing, Problem for a title that is there already."""
    title = _title(title)
    kinds.require_rank(level, authority)
    with database.write():
        targets.reachable(actor, KEEP_OFFICIALS, "organisation", [organisation_id], day)
        try:
            with database.write():
                made = Post.objects.create(
                    organisation_id=organisation_id, title=title, level=level, authority=authority,
                    first_responsible=first_responsible,
                )  # fmt: skip
        except IntegrityError as error:
            raise _post_exists(title) from error
        audit.record(actor, "duties.add_post", f"post:{made.pk}", {"organisation": organisation_id})
    return made.pk


def change_post(
    actor: Actor, post_id: int, *, day: date, title: str, level: str, authority: str, first_responsible: bool
) -> None:
    """Correct a post: its title, level, authority. What a post was before is not kept: a post that becomes another one
    is a new post. ``day`` is that of the act, for grants. Raises Missing, Problem."""
    title = _title(title)
    kinds.require_rank(level, authority)
    with database.write():
        post = Post.objects.select_for_update().filter(pk=post_id).first()
        if post is None:
            raise targets.outside()
        targets.reachable(actor, KEEP_OFFICIALS, "organisation", [post.organisation_id], day)
        post.title, post.level, post.authority, post.first_responsible = title, level, authority, first_responsible
        try:
            with database.write():
                post.save(update_fields=["title", "level", "authority", "first_responsible"])
        except IntegrityError as error:
            raise _post_exists(title) from error
        detail: dict[str, object] = {"level": level, "authority": authority, "first_responsible": first_responsible}
        audit.record(actor, "duties.change_post", f"post:{post_id}", detail)


def _title(title: str) -> str:
    title = title.strip()[:100]
    if not title or not title.isprintable():
        raise Problem("no_name", "请填写职务名称。", "Give the title of the post.")
    return title


def _post_exists(title: str) -> Problem:
    return Problem("post_exists", f"已有职务“{title}”。", f"There is already a post “{title}”.")


def _reachable(actor: Actor, area_id: int, parent_id: int | None, day: date) -> None:
    targets.reachable(actor, KEEP_OFFICIALS, "area", [area_id], day)
    if parent_id is not None:
        targets.reachable(actor, VIEW_OFFICIAL, "organisation", [parent_id], day)


def _above(organisation_id: int, day: date) -> list[int]:
    """An organisation and all above it. The chain is short, and a loop that came from elsewhere ends it."""
    chain: list[int] = []
    key: int | None = organisation_id
    while key is not None and key not in chain:
        chain.append(key)
        row = (
            OrganisationVersion.objects.filter(organisation_id=key, valid_from__lte=day).order_by("-valid_from").first()
        )
        key = row.parent_id if row is not None else None
    return chain


def _version(organisation_id: int, name: str, kind: str, area_id: int, parent_id: int | None, day: date) -> None:
    name = name.strip()[:200]
    if not name or not name.isprintable():
        raise Problem("no_name", "请填写组织名称。", "Give the name of the organisation.")
    try:
        with database.write():
            OrganisationVersion.objects.create(
                organisation_id=organisation_id, name=name, kind=kind, area_id=area_id, parent_id=parent_id,
                valid_from=day,
            )  # fmt: skip
    except IntegrityError as error:
        raise Problem(
            "organisation_exists", f"这里已有“{name}”。", f"There is already “{name}” there.", name=name
        ) from error


def out_of_order() -> Problem:
    """What is said of an end before its beginning."""
    return Problem(
        "ends_before_it_began",
        "变更日期必须晚于上一次变更。请更正日期。",
        "The day must be later than that of the change before.",
    )

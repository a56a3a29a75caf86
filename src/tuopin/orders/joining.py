"""Several matters made one (并案), and one made several (拆分): what goes with it. Called by the service of acts,
inside its transaction, with the rows locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.matters import OPEN
from tuopin.platform.problems import Problem
from tuopin.register.correcting.subjects import listed

from . import limits
from .changes import Given
from .families import tree
from .models import Matter, MatterSubject, MatterUnit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MOST_PARTS = 20
"""Parts that one matter is split into at a time."""


def check_merge(matters: Sequence[Matter], into: Matter, now: datetime) -> None:
    """Raises Problem for what cannot be one: itself, another kind, one that ended, a matter into a part of its own; and
    for parts that would go over and end after their new whole."""
    if any(each.pk == into.pk for each in matters):
        raise Problem("merge_itself", "不能并入自己，请另选一件。", "A matter is not merged into itself: take another.")
    if any(each.kind != into.kind for each in matters):
        raise Problem("merge_kinds", "指令与问题不能互相并案。", "Directives and problems are not merged together.")
    if into.state != "draft" and into.state not in OPEN:
        raise Problem(
            "merge_ended", "并入的那一件已报结或办结，请选一件还在办的。",
            "The one to merge into is done or has ended: take one in work.", matter=into.pk,
        )  # fmt: skip
    drafts = [each for each in matters if each.state != "draft"]
    if into.state == "draft" and drafts:
        raise Problem(
            "merge_into_draft", "已交办的不能并入草稿，否则时限就停了。请先交办那一件。",
            "What was issued is not merged into a draft, which has no limit: issue that one first.", matter=into.pk,
        )  # fmt: skip
    above = tree.above([into.pk]).get(into.pk, frozenset()) if into.parent_id is not None else frozenset()
    if any(each.pk in above for each in matters):
        raise Problem(
            "circular", "上级件不能并入自己的分件。", "A matter is not merged into a part of its own.", matter=into.pk
        )
    if above and len(above) + tree.height([each.pk for each in matters]) > tree.DEEPEST:
        raise Problem("too_deep", "并入后分件层次过深。", "Its parts would lie too deep.", matter=into.pk)
    if into.limit_at is not None:  # a draft has none
        parts = Matter.objects.filter(parent_id__in=listed([each.pk for each in matters]), limit_at__gt=into.limit_at)
        tree.check_carried(list(parts.exclude(pk=into.pk).order_by("pk")), into, now)


def carry(matters: Sequence[Matter], into: Matter, now: datetime) -> None:
    """Subjects, joint units, copies and parts of merged matters go over to the other one; who held one of them joins.
    Papers stay where they were handed in, and stand on the page of the other one. A constant number of statements."""
    ids = [each.pk for each in matters]
    MatterSubject.objects.filter(matter_id__in=listed(ids)).update(matter=into)
    Matter.objects.filter(parent_id__in=listed(ids)).exclude(pk=into.pk).update(parent=into)
    Matter.objects.filter(into_id__in=listed(ids)).update(into=into)
    units = {
        (each.organisation_id, each.role): each.watched_id
        for each in MatterUnit.objects.filter(matter_id__in=listed(ids)).order_by("pk")
    }
    for each in matters:
        if each.holder_id is not None and each.issued_at is not None and each.holder_id != into.holder_id:
            units.setdefault((each.holder_id, MatterUnit.Role.JOINT), None)
    MatterUnit.objects.bulk_create(
        (
            MatterUnit(matter=into, organisation_id=office, role=role, watched_id=watched, added_at=now)
            for (office, role), watched in units.items()
            if (office, role) != (into.holder_id, MatterUnit.Role.JOINT)
        ),
        ignore_conflicts=True,
        batch_size=500,
    )
    into.version += 1
    into.changed_at = now
    into.save(update_fields=["version", "changed_at"])


def check_split(matter: Matter, given: Given) -> None:
    """Raises Problem for parts that are too many, too deep, without a title or with holders that do not fit."""
    titles = [each.strip() for each in given.parts]
    if len(titles) > MOST_PARTS or any(not each or len(each) > 200 or not each.isprintable() for each in titles):
        raise Problem(
            "bad_parts", f"分件 2 至 {MOST_PARTS} 件，每件用一行写明名称（200 字以内）。",
            f"2 to {MOST_PARTS} parts, each with a title on one line (up to 200 characters).", most=MOST_PARTS,
        )  # fmt: skip
    if given.part_holders and len(given.part_holders) != len(titles):
        raise Problem("bad_parts", "分件与承办单位的数目不符。", "Parts and holders differ in number.")
    if len(tree.above([matter.pk]).get(matter.pk, ())) >= tree.DEEPEST:
        raise Problem("too_deep", "分件层次过深，请从上级件拆分。", "Parts lie too deep: split the one above.")


def part_limit(matter: Matter, given: Given, now: datetime) -> Given:
    """How parts are issued: by the limit given, else by that of the whole where it lies ahead, else the usual one."""
    day = given.limit
    if day is None and matter.limit_at is not None and not matter.by_hours and now < matter.limit_at:
        day = limits.day_of(matter.limit_at)
    return Given(limit=day)

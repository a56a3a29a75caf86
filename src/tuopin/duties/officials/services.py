"""Keeping officials, their terms and absences: each change is one service here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from tuopin.platform import database
from tuopin.platform.auditing import audit
from tuopin.platform.problems import Missing, Problem

from ..assigning import targets
from ..models import Absence, Official, OfficialName, Post, Term
from ..organisations.services import out_of_order
from ..permissions import KEEP_OFFICIALS, VIEW_OFFICIAL
from ..selectors import kept
from .naming import named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tuopin.platform.access import Actor

    from .naming import Name


def add_officials(
    actor: Actor, names: Sequence[Name], *, area_id: int, day: date, sex: str = "", politics: str = ""
) -> list[int]:
    """Take people into the pool of an area (name, unit, telephone); who is known by the three already stays who he is.

    Returns their ids in order. Raises Missing outside the grants, Problem for an empty name.
    """
    cleaned = [(name.strip()[:100], unit.strip()[:200], phone.strip()[:32]) for name, unit, phone in names]
    if any(not name or not name.isprintable() for name, _unit, _phone in cleaned):
        raise Problem("no_name", "请填写姓名。", "Give a name.")
    with database.write():
        targets.reachable(actor, KEEP_OFFICIALS, "area", [area_id], day)
        found = named(cleaned, area_id=area_id, sex=sex[:32], politics=politics[:32])
        audit.record(actor, "duties.add_officials", f"area:{area_id}", {"count": len(found)})
    return [found[each] for each in cleaned]


def change_official(
    actor: Actor, official_id: int, *, name: str, unit: str, phone: str, sex: str = "", politics: str = ""
) -> None:
    """Correct what is said of an official. Workbooks that name him so are his from now on, and those that name him as
    before still are. Raises Missing outside the grants, Problem for an empty name or one that is another official's."""
    said = (name.strip()[:100], unit.strip()[:200], phone.strip()[:32])
    if not said[0] or not all(each.isprintable() for each in (*said, sex, politics)):
        raise Problem("no_name", "请填写姓名，不要有换行等控制字符。", "Give a name, and no control characters.")
    with database.write():
        row = locked(actor, official_id)
        known, made = OfficialName.objects.get_or_create(
            name=said[0], unit=said[1], phone=said[2], defaults={"official": row, "decided": True}
        )
        if not made and known.official_id != official_id:
            raise Problem(
                "name_is_anothers",
                "已有另一名干部登记了同样的姓名、单位和电话。如是同一人，请在“帮扶人账号”页判定。",
                "Another official has this name, unit and telephone. If they are one person, decide so on the page of"
                " helpers' accounts.",
            )
        row.name, row.unit, row.phone = said
        row.sex, row.politics = sex[:32], politics[:32]
        row.save(update_fields=["name", "unit", "phone", "sex", "politics"])
        database.bump_data_version()
        audit.record(actor, "duties.change_official", f"official:{official_id}", {})


def locked(actor: Actor, official_id: int) -> Official:
    """The official, so that nobody else changes his terms meanwhile. Raises Missing outside the grants."""
    seen = kept(actor).filter(pk=official_id).exists()
    row = Official.objects.select_for_update().filter(pk=official_id).first() if seen else None
    if row is None:
        raise Missing(
            "no_such_official",
            "没有找到这名干部，或不在您的管辖范围内。",
            "There is no such official, or none within your grants.",
        )
    return row


# -- posts and terms ----------------------------------------------------------------------------------------------


def appoint(
    actor: Actor, official_id: int, post_id: int, *, day: date, until: date | None = None, concurrent: bool = False,
    reason: str = "", document: str = "",
) -> int:  # fmt: skip
    """An official holds a post from a day on (``until`` excluded); returns the term's id.

    A second post in one term needs ``concurrent`` (兼任) and a reason. Raises Missing, Problem.
    """
    if until is not None and until <= day:
        raise out_of_order()
    if concurrent and not reason.strip():
        raise Problem("no_reason", "兼任须写明原因。", "Holding a second post needs a reason.")
    with database.write():
        post = Post.objects.filter(pk=post_id).first()
        if post is None:
            raise targets.outside()
        targets.reachable(actor, KEEP_OFFICIALS, "organisation", [post.organisation_id], day)
        locked(actor, official_id)
        during = Q(valid_to=None) | Q(valid_to__gt=day)
        if until is not None:
            during &= Q(valid_from__lt=until)
        standing = list(Term.objects.filter(during, official_id=official_id))
        if any(each.post_id == post_id for each in standing):
            raise Problem("same_post", "此人这段时间已担任这个职务。", "The official holds this very post then.")
        if not concurrent and any(not each.concurrent for each in standing):
            raise Problem(
                "two_posts",
                "此人这段时间已有职务。请先结束原职务；确属兼任的，请注明兼任及原因。",
                "The official has a post then already. End that first, or say that this one is held concurrently, and"
                " why.",
            )
        made = Term.objects.create(
            official_id=official_id, post_id=post_id, concurrent=concurrent, reason=reason.strip()[:200],
            document=document.strip()[:200], valid_from=day, valid_to=until,
        )  # fmt: skip
        detail: dict[str, object] = {"post": post_id, "concurrent": concurrent, "day": day.isoformat()}
        audit.record(actor, "duties.appoint", f"official:{official_id}", detail)
    return made.pk


def end_term(actor: Actor, term_id: int, *, day: date) -> None:
    """A term ends: ``day`` is the first day out of the post. Duties stay: ``assigning.leave`` hands them over."""
    with database.write():
        row = Term.objects.select_for_update().select_related("post").filter(pk=term_id).first()
        if row is None:
            raise targets.outside()
        targets.reachable(actor, KEEP_OFFICIALS, "organisation", [row.post.organisation_id], day)
        if row.valid_from >= day:
            raise out_of_order()
        if row.valid_to is not None and row.valid_to <= day:  # a form of before: no post is given back by ending it
            raise Problem(
                "term_ended",
                f"此任职已于 {row.valid_to} 结束。请刷新页面。",
                f"This term ended on {row.valid_to} already. Open the page again.",
            )
        row.valid_to = day
        row.save(update_fields=["valid_to"])
        audit.record(actor, "duties.end_term", f"official:{row.official_id}", {"day": day.isoformat()})


# -- absences -----------------------------------------------------------------------------------------------------


def note_absence(
    actor: Actor, official_id: int, kind: str, *, day: date, document: str, until: date | None = None,
    organisation_id: int | None = None, stand_in_id: int | None = None,
) -> int:  # fmt: skip
    """An official is lent (to ``organisation_id``), released, on leave or sick from a day on; returns the row's id.

    ``stand_in_id``: the official who acts meanwhile; the duties stay where they are. Raises Missing, Problem.
    """
    if kind not in Absence.Kind.values:
        raise Problem("unknown_key", "没有这种情况。", "There is no such kind of absence.")
    if not document.strip():
        raise Problem("no_document", "请写明依据的文件。", "Name the document that says so.")
    if organisation_id is not None and kind != Absence.Kind.SECONDED:
        raise Problem("not_lent", "只有抽调才写去向。", "Only a secondment leads to another organisation.")
    if until is not None and until <= day:
        raise out_of_order()
    with database.write():
        locked(actor, official_id)
        if organisation_id is not None:
            targets.reachable(actor, VIEW_OFFICIAL, "organisation", [organisation_id], day)
        if stand_in_id is not None and not _may_stand_in(actor, stand_in_id, official_id, day, until):
            raise Problem(
                "no_stand_in",
                "代管人须是您管辖范围内的另一名干部，且这段时间在岗。请另选。",
                "Who stands in must be another official within your grants who is present then. Choose another one.",
            )
        during = Q(valid_to=None) | Q(valid_to__gt=day)
        if until is not None:
            during &= Q(valid_from__lt=until)
        if Absence.objects.filter(during, official_id=official_id, kind=kind).exists():
            raise Problem(
                "absent_already",
                "这段时间已有同样的记录。请先结束那一条。",
                "There is one for these days already. End that.",
            )
        made = Absence.objects.create(
            official_id=official_id, kind=kind, organisation_id=organisation_id, document=document.strip()[:200],
            stand_in_id=stand_in_id, valid_from=day, valid_to=until,
        )  # fmt: skip
        detail: dict[str, object] = {"kind": kind, "day": day.isoformat()}
        audit.record(actor, "duties.note_absence", f"official:{official_id}", detail)
    return made.pk


def _may_stand_in(actor: Actor, stand_in_id: int, official_id: int, day: date, until: date | None) -> bool:
    during = Q(valid_to=None) | Q(valid_to__gt=day)
    if until is not None:
        during &= Q(valid_from__lt=until)
    away = Absence.objects.filter(during, official_id=stand_in_id).exclude(kind=Absence.Kind.RELEASED)
    seen = kept(actor).filter(pk=stand_in_id)
    return stand_in_id != official_id and seen.exists() and not away.exists()


def end_absence(actor: Actor, absence_id: int, *, day: date) -> None:
    """An official is back on ``day``."""
    with database.write():
        row = Absence.objects.select_for_update().filter(pk=absence_id, valid_to=None).first()
        if row is None:
            raise targets.outside()
        locked(actor, row.official_id)
        if row.valid_from >= day:
            raise out_of_order()
        row.valid_to = day
        row.save(update_fields=["valid_to"])
        audit.record(actor, "duties.end_absence", f"official:{row.official_id}", {"day": day.isoformat()})

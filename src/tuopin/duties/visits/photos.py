"""Photos of a visit: made anew without metadata, kept by the digest of their content, time and place apart.

Time and place of a photo are kept only if it was taken on the day of the visit, and go with the other places after 12
months. A photo taken away (of the wrong house, of somebody's papers) is shown to nobody, and its file goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.utils import timezone

from tuopin.platform import database, evidence, pictures
from tuopin.platform.auditing import audit
from tuopin.platform.models import Evidence
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.platform.uploads import shown_name

from . import services
from .models import VisitPhoto, VisitPlace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile

    from tuopin.platform.access import Actor
    from tuopin.platform.pictures import Picture

    from .models import Visit

ABOUT = "visit_photo"
MOST = 9
"""Photos of one visit."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Photos that a visit now has more; ``doubles`` it had already; ``dated``: how many kept time or place."""

    added: int
    doubles: int
    dated: int


def read_all(files: Sequence[UploadedFile[bytes]]) -> list[Picture]:
    """The pictures in files that somebody handed in, made anew. Raises Problem for the first that is none: nothing is
    written then. It takes a second a photo; the caller has asked for permission."""
    if len(files) > MOST:
        raise _too_many()
    return [pictures.read(each, shown_name(each.name or "")) for each in files]


def attach(actor: Actor, number: int, found: Sequence[Picture]) -> Taken:
    """Keep pictures with a visit. Raises Missing outside the grants, Refused for another one's visit, Problem for too
    many."""
    if not found:
        return Taken(0, 0, 0)
    visit = services.of_number(actor, number)
    services.check_author(actor, visit)
    kept = [(each, evidence.keep_bytes(each.content, "photo.jpg"), evidence.keep_bytes(each.thumb, "thumb.jpg"))
            for each in found]  # fmt: skip
    now = timezone.now()
    try:
        with database.write():
            standing = set(
                VisitPhoto.objects.filter(visit_number=number, removed_at=None).values_list("digest", flat=True)
            )
            fresh = {full.digest: (each, full, thumb) for each, full, thumb in kept if full.digest not in standing}
            if len(standing) + len(fresh) > MOST:
                raise _too_many()
            rows = [
                VisitPhoto(
                    visit_number=number, digest=full.digest, thumb=thumb.digest, width=each.width, height=each.height,
                    size=full.size, at=now, actor=actor.name or actor.os_user, user_id=actor.user_id,
                )
                for each, full, thumb in fresh.values()
            ]  # fmt: skip
            VisitPhoto.objects.bulk_create(rows)
            papers = [
                evidence.Paper(row.pk, item, visit.day, kept_file)
                for row, (_each, full, thumb) in zip(rows, fresh.values(), strict=True)
                for item, kept_file in (("photo", full), ("thumb", thumb))
            ]
            evidence.record(actor, ABOUT, papers)
            places = [
                place
                for row, (each, _full, _thumb) in zip(rows, fresh.values(), strict=True)
                if (place := _place(visit, row, each)) is not None
            ]
            VisitPlace.objects.bulk_create(places)
            if rows:
                audit.record(actor, "duties.add_visit_photo", f"visit:{number}", {"photos": len(rows)})
    except IntegrityError:  # the same photo from two windows at once
        raise Problem(
            "changed_meanwhile", "照片正在保存，请刷新页面。", "The photo is being kept: look again."
        ) from None
    return Taken(len(rows), len(found) - len(rows), len(places))


def _place(visit: Visit, row: VisitPhoto, each: Picture) -> VisitPlace | None:
    """When and where, only of the moment of the visit."""
    if each.taken_at is None or each.taken_at.date() != visit.day:
        return None
    return VisitPlace(
        visit_number=visit.number, photo=row, day=visit.day, clock=each.taken_at.time(), latitude=each.latitude,
        longitude=each.longitude,
    )  # fmt: skip


def _too_many() -> Problem:
    return Problem("too_many_photos", f"一次走访最多 {MOST} 张照片。", f"A visit has at most {MOST} photos.")


def take_away(actor: Actor, photo_id: int, *, reason: str) -> int:
    """Take a photo away: shown no more, its file deleted within days. Returns the number of the visit. Raises Missing,
    Refused, Problem without a reason."""
    if not reason.strip() or len(reason) > 200 or "\0" in reason:
        raise Problem("no_reason", "请写明删除照片的理由。", "Say why the photo is taken away.")
    row = VisitPhoto.objects.filter(pk=photo_id, removed_at=None).first() if 0 < photo_id < 2**63 else None
    if row is None:
        raise no_such_photo()
    try:
        visit = services.standing_of(actor, row.visit_number)
    except Missing:
        raise no_such_photo() from None
    if not services.is_author(actor, visit):
        raise Refused(
            "not_yours", "只有记录人本人或所在村、乡镇可以删除照片。",
            "Only who recorded the visit, or the office over the area, may take a photo away.",
        )  # fmt: skip
    with database.write():
        changed = VisitPhoto.objects.filter(pk=row.pk, removed_at=None).update(
            removed_at=timezone.now(), removed_by=actor.name or actor.os_user, removed_reason=reason.strip()
        )
        if not changed:
            raise no_such_photo()
        VisitPlace.objects.filter(photo=row).delete()
        # files that no row names go after two days (evidence.purge)
        Evidence.objects.filter(about=ABOUT, about_id=row.pk).delete()
        audit.record(actor, "duties.remove_visit_photo", f"visit:{row.visit_number}", {"photo": row.pk}, row.digest)
    return row.visit_number


def no_such_photo() -> Missing:
    """Not there, or not for this reader."""
    return Missing("no_such_photo", "没有这张照片。", "There is no such photo.")


def of(number: int) -> list[VisitPhoto]:
    """The photos of a visit that are shown; the caller has checked the visit."""
    return list(VisitPhoto.objects.filter(visit_number=number, removed_at=None).order_by("pk"))


def shown(photo_id: int) -> VisitPhoto:
    """One photo that is not taken away; the caller asks whether its visit may be seen. Raises Missing."""
    row = VisitPhoto.objects.filter(pk=photo_id, removed_at=None).first() if 0 < photo_id < 2**63 else None
    if row is None:
        raise no_such_photo()
    return row

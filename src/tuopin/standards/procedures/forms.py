"""What forms of procedures send, as services take it: hostile input becomes a Problem."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile

from tuopin.core.workbook.values import parse_date
from tuopin.platform import evidence
from tuopin.platform.given import whole_number, whole_numbers
from tuopin.platform.problems import Problem
from tuopin.platform.uploads import left_out, too_large

from .weighing import MOST, Doing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import HttpRequest, QueryDict

_SALT = "standards.procedure.paper"
_KEYS = 12  # papers of a step
_AGE = 24 * 3600


def number(text: str) -> int:
    """A count of acts; -1 for what is none, which never was seen."""
    return whole_number(text, -1)


def numbers(texts: Iterable[str]) -> list[int]:
    """Distinct numbers, one more than allowed at most."""
    return sorted(set(whole_numbers(list(texts)[: 2 * MOST])))


def seen(texts: Iterable[str]) -> dict[int, int]:
    """``12:3`` → procedure 12 of which three acts were seen."""
    found = {}
    for text in list(texts)[: 2 * MOST]:
        key, _colon, count = text.partition(":")
        if whole_number(key, -1) >= 0:
            found[whole_number(key, -1)] = number(count)
    return found


def day_of(text: str, otherwise: date | None) -> date:
    """A day of a form. Raises Problem."""
    if not text.strip() and otherwise is not None:
        return otherwise
    found = parse_date(text.strip()[:20])
    if not isinstance(found, date):
        raise Problem("bad_date", "日期请写成 2018-12-01 的样子。", "Write the date like 2018-12-01.")
    return found


def doing(request: HttpRequest) -> Doing:
    """One act as a form describes it. Files are kept under their digest at once; a preview hands them on signed."""
    posted = request.POST
    names = left_out(request)
    if names:
        raise too_large(names[0])
    files = {}
    for name, file in list(request.FILES.items())[:_KEYS]:
        if isinstance(file, UploadedFile) and name.startswith("file_"):
            files[name.removeprefix("file_")[:40]] = evidence.keep(file)
    for name in list(posted)[:200]:
        if name.startswith("kept_"):
            files.setdefault(name.removeprefix("kept_")[:40], _unsigned(posted[name]))
    references = {
        name.removeprefix("ref_")[:40]: posted[name].strip()
        for name in list(posted)[:200]
        if name.startswith("ref_") and posted[name].strip()
    }
    until = posted.get("until", "").strip()
    return Doing(
        step=posted.get("step", "")[:40],
        outcome=posted.get("outcome", "")[:40],
        day=day_of(posted.get("day", ""), None),
        by=posted.get("by", "")[:200].strip(),
        note=posted.get("note", "")[:600].strip(),
        references=dict(list(references.items())[:_KEYS]),
        files=files,
        valid_until=day_of(until, None) if until else None,
    )


def hidden(found: Doing) -> list[tuple[str, str]]:
    """An act as hidden fields of a preview."""
    fields = [("step", found.step), ("outcome", found.outcome), ("day", found.day.isoformat()), ("by", found.by),
              ("note", found.note)]  # fmt: skip
    fields += [(f"ref_{key}", text) for key, text in found.references.items()]
    fields += [
        (f"kept_{key}", signing.dumps([kept.digest, kept.name, kept.form, kept.size], salt=_SALT))
        for key, kept in found.files.items()
    ]
    return [*fields, ("until", found.valid_until.isoformat())] if found.valid_until else fields


def _unsigned(text: str) -> evidence.Kept:
    try:
        digest, name, form, size = signing.loads(text[:2000], salt=_SALT, max_age=_AGE)
    except (signing.BadSignature, ValueError) as error:
        raise Problem("bad_paper", "材料已失效，请重新上传。", "Hand the paper in again.") from error
    return evidence.Kept(digest, name, form, size)


def repeated(posted: QueryDict) -> Mapping[str, Any]:
    """What a refused form said, to be shown again."""
    return {name: posted.get(name, "")[:600] for name in ("day", "by", "note", "outcome", "until", "reason")}

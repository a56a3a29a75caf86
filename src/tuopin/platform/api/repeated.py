"""A write that is sent twice happens once: the answer to an ``Idempotency-Key`` is kept for a day."""

from __future__ import annotations

import datetime
import hashlib
from contextlib import nullcontext
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone

from tuopin.platform.database import write
from tuopin.platform.models import KeptAnswer

from .problems import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

HEADER = "Idempotency-Key"
KEPT = datetime.timedelta(hours=24)
_STALE = datetime.timedelta(minutes=10)  # a request that was never answered: its process died
_LONGEST_ANSWER = 1_000_000


def once(
    request: HttpRequest, token_id: int, run: Callable[[], HttpResponseBase], *, takes_file: bool = False
) -> HttpResponseBase:
    """Answer a write, or give again what was answered before. Raises Failed: 422 for a key used for something else, 409
    while the first request with it is still being answered.

    The change and the kept answer are one transaction: neither is there without the other. Taking a file is no
    transaction (it lasts); its operation must know the same file again by itself.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        return run()
    if len(key) > 200 or not key.isprintable():
        raise Failed(
            400, "bad_key", f"{HEADER} 最长 200 个可见字符。", f"{HEADER} has at most 200 printable characters."
        )
    fingerprint = _fingerprint(request, takes_file)
    row, fresh = _claim(token_id, key, fingerprint)
    if not fresh:
        return _again(row, fingerprint)
    try:
        with nullcontext() if takes_file else write():
            response = run()
            if response.status_code >= 500 or response.streaming:
                if not takes_file:
                    transaction.set_rollback(True)
            else:
                _keep(row, response)
    except BaseException:
        KeptAnswer.objects.filter(pk=row.pk).delete()
        raise
    if response.status_code >= 500 or response.streaming:
        KeptAnswer.objects.filter(pk=row.pk).delete()
    return response


def _fingerprint(request: HttpRequest, takes_file: bool) -> str:
    text = f"{request.method}\n{request.get_full_path()}\n{request.content_type}\n".encode()
    if not takes_file:
        return hashlib.sha256(text + request.body).hexdigest()
    digest = hashlib.sha256(text + repr(sorted(request.POST.lists())).encode())
    for name, files in sorted(request.FILES.lists()):  # the boundary of a form differs each time it is sent
        for file in files:
            digest.update(f"\n{name}\n{file.name}\n{file.size}\n".encode())
            for piece in file.chunks():
                digest.update(piece)
            file.seek(0)
    return digest.hexdigest()


def _claim(token_id: int, key: str, fingerprint: str) -> tuple[KeptAnswer, bool]:
    """The row of a key, and whether this request is the one to answer it."""
    now = timezone.now()
    KeptAnswer.objects.filter(token_id=token_id, key=key, created_at__lte=now - KEPT).delete()
    try:
        with transaction.atomic():
            made = KeptAnswer.objects.create(token_id=token_id, key=key, fingerprint=fingerprint, created_at=now)
        return made, True
    except IntegrityError:
        row = KeptAnswer.objects.filter(token_id=token_id, key=key).first()
    if row is None:  # deleted between: the first one failed
        raise Failed(409)
    if row.status is None and row.created_at < now - _STALE and row.fingerprint == fingerprint:
        taken = KeptAnswer.objects.filter(pk=row.pk, status=None, created_at=row.created_at)
        if taken.update(created_at=now):
            return row, True
    return row, False


def _again(row: KeptAnswer, fingerprint: str) -> HttpResponse:
    if row.fingerprint != fingerprint:
        raise Failed(
            422,
            "key_used",
            f"这个 {HEADER} 已用于另一个请求，请换一个。",
            f"This {HEADER} was used for another request. Take a new one.",
        )
    if row.status is None:
        raise Failed(
            409, "in_progress", "同一请求正在处理，请稍后再问。", "The same request is being answered. Ask later."
        )
    response = HttpResponse(row.body, status=row.status, content_type=row.content_type)
    response.headers["Idempotent-Replayed"] = "true"
    if row.location:
        response.headers["Location"] = row.location
    return response


def _keep(row: KeptAnswer, response: HttpResponseBase) -> None:
    body = response.content if isinstance(response, HttpResponse) else b""
    if len(body) > _LONGEST_ANSWER:
        raise ValueError("an answer to a write is short")
    KeptAnswer.objects.filter(pk=row.pk).update(
        status=response.status_code,
        content_type=response.headers.get("Content-Type", ""),
        body=body.decode(),
        location=response.headers.get("Location", ""),
    )


def purge() -> int:
    """Delete the answers of yesterday; returns how many."""
    return KeptAnswer.objects.filter(created_at__lte=timezone.now() - KEPT).delete()[0]

"""What a request may be: its size, its kind, how deep its JSON goes, how often a token comes."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja.parser import Parser

from tuopin.platform import uploads

from .problems import Failed

if TYPE_CHECKING:
    from django.http import HttpRequest

LARGEST_BODY = 1_000_000  # bytes of JSON
DEEPEST = 20
MOST_VALUES = 200_000
A_MINUTE = 600  # requests of one token, in each process
_BODIED = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A string, also one that never ends: looked for from each of its quotes anew, that one would cost the square of the
body's length. Nor may either expression step back."""
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_KEPT = 10_000


def check_body(request: HttpRequest, *, takes_file: bool = False) -> None:
    """Refuse a body that is too large, of another kind, or built to exhaust its reader. Raises Failed.

    The form of an operation that takes a file goes to the disk piece by piece.
    """
    if request.method not in _BODIED:
        return
    if takes_file:
        if request.content_type != "multipart/form-data":
            raise Failed(415, zh="请求体须为 multipart/form-data。", en="The body must be multipart/form-data.")
        _read_form(request)
        return
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        raise Failed(400) from None
    if length > LARGEST_BODY:
        raise _too_large()
    try:
        body = request.body
    except RequestDataTooBig:
        raise _too_large() from None
    if not body:
        return
    if len(body) > LARGEST_BODY:
        raise _too_large()
    if request.content_type != "application/json":
        raise Failed(415)
    check_depth(body)
    if _NUL.search(body):  # no name or code holds one, and PostgreSQL takes none
        raise Failed(400)


def _read_form(request: HttpRequest) -> None:
    try:
        names = (*request.FILES, *request.POST, *(text for name in request.POST for text in request.POST.getlist(name)))
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        raise Failed(400) from None
    if any("\0" in each for each in names):
        raise Failed(400)
    if refused := uploads.left_out(request):
        raise uploads.too_large(refused[0])


def _too_large() -> Failed:
    return Failed(
        413, zh=f"请求体最大 {LARGEST_BODY:,} 字节，请分批提交。", en=f"A body has at most {LARGEST_BODY:,} bytes."
    )


def check_depth(body: bytes) -> None:
    """Refuse JSON that is nested too deep or holds too many values, without building any of it. Raises Failed."""
    bare = _STRING.sub(b"", body)
    depth = 0
    for byte in bare:
        if byte in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise Failed(
                    400, "json_too_deep", f"JSON 嵌套超过 {DEEPEST} 层。", f"The JSON is nested deeper than {DEEPEST}."
                )
        elif byte in b"]}":
            depth -= 1
    if bare.count(b",") > MOST_VALUES:
        raise Failed(400, "json_too_long", "JSON 中的值过多。", "The JSON holds too many values.")


class StrictParser(Parser):
    """JSON as the standard has it: no NaN, no numbers beyond 64 bits, UTF-8 alone."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise Failed(400, "bad_json", "请求体不是合法的 JSON。", "The body is not valid JSON.") from None


class Rate:
    """A bucket for each token: so many requests a minute, filling up steadily."""

    def __init__(self, a_minute: int = A_MINUTE) -> None:
        self.a_minute = a_minute
        self._lock = threading.Lock()
        self._left: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def take(self, token_id: int) -> None:
        """Count one request. Raises Failed (429) with the seconds to wait."""
        now = time.monotonic()
        with self._lock:
            left, at = self._left.pop(token_id, (float(self.a_minute), now))
            left = min(float(self.a_minute), left + (now - at) * self.a_minute / 60)
            allowed = left >= 1
            self._left[token_id] = (left - 1 if allowed else left, now)
            while len(self._left) > _KEPT:
                self._left.popitem(last=False)
        if not allowed:
            wait = max(1, round((1 - left) * 60 / self.a_minute))
            raise Failed(429, retry_after=wait)

    def forget(self) -> None:
        """Begin anew (tests)."""
        with self._lock:
            self._left.clear()


RATE = Rate()

"""Pages travel compressed; files that are streamed do not, so that their first byte does not wait.

Django pads each compressed page by a random number of bytes, and masks the token of its forms anew on every page: what
a page holds cannot be told from its length (BREACH).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.middleware.gzip import GZipMiddleware

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_TAKEN = ("text/html", "application/json", "application/geo+json", "application/problem+json")


class CompressMiddleware(GZipMiddleware):
    """Compresses pages and JSON of some length."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if response.streaming or kind not in _TAKEN:
            return response
        return super().process_response(request, response)

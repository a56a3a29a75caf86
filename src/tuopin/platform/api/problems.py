"""Errors of the API: application/problem+json (RFC 9457) with the words for users in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from django.http import HttpResponse

from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from django.http import HttpRequest

MEDIA = "application/problem+json"
STATUSES: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "请求不正确。", "The request was not understood."),
    401: ("no_token", "请带上有效的令牌：Authorization: Bearer …。", "Bring a good token: Authorization: Bearer …."),
    403: ("refused", "没有权限。", "Not allowed."),
    404: ("not_found", "没有这个地址或对象，或者您无权查看。", "There is no such thing, or you may not see it."),
    405: ("no_such_method", "这个地址不支持这种请求方法。", "This address does not take this method."),
    409: ("conflict", "与另一请求冲突，请稍后再试。", "It conflicts with another request. Try again later."),
    413: ("too_large", "请求太大。", "The request is too large."),
    415: ("wrong_type", "请求体须为 application/json。", "The body must be application/json."),
    422: ("not_valid", "请求的内容不符合要求。", "The content of the request does not fit."),
    429: ("too_many", "请求过于频繁，请稍后再试。", "Too many requests. Try again later."),
    500: ("internal", "程序内部错误。", "Internal error."),
}
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457. `code` is stable; `zh` and `en` say what is wrong and what to do.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "zh", "en"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "zh": {"type": "string"},
        "en": {"type": "string"},
    },
}


class Failed(Problem):
    """A Problem of a status that needs no words of its own."""

    def __init__(self, status: int, code: str = "", zh: str = "", en: str = "", **details: Any) -> None:
        known = STATUSES[status]
        super().__init__(code or known[0], zh or known[1], en or known[2], **details)
        self.status = status


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A Problem as the API says it."""
    english = request.headers.get("Accept-Language", "").lower().startswith("en")
    known = STATUSES.get(problem.status, STATUSES[400])
    document = {
        **problem.details,
        "type": f"urn:tuopin:problem:{problem.code}",
        "title": known[2] if english else known[1],
        "status": problem.status,
        "detail": problem.en if english else problem.zh,
        "code": problem.code,
        "zh": problem.zh,
        "en": problem.en,
    }
    response = HttpResponse(orjson.dumps(document, default=str), status=problem.status, content_type=MEDIA)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="tuopin"'
    if problem.status == 429:
        response.headers["Retry-After"] = str(problem.details.get("retry_after", 60))
    return response

"""The first page with all its files is light; files of others travel compressed, streams do not."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from tuopin.platform.compressing import CompressMiddleware

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.test import Client

pytestmark = pytest.mark.django_db

LIMIT = 500_000  # bytes, as sent


def sent(response: HttpResponseBase) -> bytes:
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    response.close()
    return bytes(body)


def weight(client: Client, path: str) -> dict[str, int]:
    """What a browser that has nothing yet gets for a page: address → bytes."""
    page = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert page.status_code == 200
    assert page["Content-Encoding"] == "gzip"
    found = {path: len(page.content)}
    html = gzip.decompress(page.content).decode()
    for address in re.findall(r'<(?:link|script)[^>]+(?:href|src)="(/static/[^"]+)"', html):
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, address
        found[address] = len(sent(answer))
    return found


def test_the_first_page_with_all_its_files_is_light(client: Client) -> None:
    found = weight(client, "/sign-in/")
    assert any("tabler" in address for address in found)
    assert not any("echarts" in address for address in found), "charts are loaded where there are charts"
    assert sum(found.values()) < LIMIT, found


def test_vendor_files_lie_compressed_beside_the_plain_ones(client: Client) -> None:
    for name in ("tabler.min.css", "htmx.min.js", "echarts.min.js"):
        plain = finders.find(f"vendor/{name}")
        assert isinstance(plain, str), "run script/setup"
        answer = client.get(f"/static/vendor/{name}", headers={"Accept-Encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip", name
        content = Path(plain).read_bytes()
        assert gzip.decompress(sent(answer)) == content
        assert sent(client.get(f"/static/vendor/{name}", headers={"Accept-Encoding": "identity"})) == content


def middleware(response: HttpResponse | StreamingHttpResponse) -> HttpResponseBase:
    def answer(_request: HttpRequest) -> HttpResponseBase:
        return response

    request = RequestFactory().get("/", headers={"Accept-Encoding": "gzip"})
    return CompressMiddleware(answer)(request)  # type: ignore[arg-type,return-value]


def test_pages_are_compressed_with_a_length_that_varies() -> None:
    page = "<p>脱贫攻坚</p>" * 500
    answers = [middleware(HttpResponse(page)) for _ in range(12)]
    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert gzip.decompress(sent(answers[0])).decode() == page
    assert len({answer["Content-Length"] for answer in answers}) > 1


def test_streams_and_files_are_left_alone() -> None:
    for response in (
        StreamingHttpResponse((b"a" * 1000 for _ in range(3)), content_type="text/html"),
        HttpResponse(b"a" * 3000, content_type="text/csv"),
        HttpResponse(b"a" * 3000, content_type="application/pdf"),
    ):
        assert "Content-Encoding" not in middleware(response).headers

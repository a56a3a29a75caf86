"""Headers and content of every page: a strict content policy, nothing inline, nothing from outside, safe cookies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.urls.resolvers import URLResolver

    from console_city import City

PASSWORD = "a-long-password-1"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from _routes(each, route)


def _address(route: str, known: dict[str, str]) -> str | None:
    """A route with things of the city in its parameters; None where there is nothing of the kind."""
    if "(?P" in route or any(name not in known for name in _PARAMETER.findall(route)):
        return None
    return "/" + _PARAMETER.sub(lambda found: known[found[1]], route)


@pytest.fixture
def reader(city: City, db: None) -> Client:
    """Signed in as one who may see as much as one account can: what is refused still has its headers."""
    user, _password = accounts.add_user(local_admin(), "allseeing", PASSWORD, must_change=False)
    accounts.grant(local_admin(), user, "county", "all")
    client = Client(headers={"host": "localhost"}, raise_request_exception=False)
    client.force_login(user)
    return client


def _known(city: City) -> dict[str, str]:
    return {
        "area": city.township.code, "code": city.ours[0], "standard": "household_exit", "pack": "shangqiu-2018",
        "user_id": "1", "number": "1", "job_id": "1", "download_id": "1", "token_id": "1", "kind": "household",
        "key": "register.villages", "rest": "nothing", "person": "1", "sheet": "1", "what": "matched",
    }  # fmt: skip


def _pages(client: Client, city: City) -> Iterator[tuple[str, str]]:
    """Every page that is HTML, with its text; the headers of every answer are checked on the way."""
    addresses = [address for route in _routes(get_resolver()) if (address := _address(route, _known(city)))]
    assert len(addresses) > 40
    for address in [*addresses, "/no-such-page/", "/households/0000/", "/accounts/?role=x"]:
        answer = client.get(address)
        assert answer.status_code < 500, address
        _check_headers(address, answer.headers)
        moved = 300 <= answer.status_code < 400
        if not moved and answer.headers.get("Content-Type", "").startswith("text/html"):
            yield address, b"".join(answer).decode() if answer.streaming else answer.content.decode()


def _check_headers(address: str, headers: object) -> None:
    policy = headers["Content-Security-Policy"]  # type: ignore[index]
    for part in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert part in policy, address
    for weak in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*", "blob:"):
        assert weak not in policy, address
    assert headers["X-Frame-Options"] == "DENY", address  # type: ignore[index]
    assert headers["X-Content-Type-Options"] == "nosniff", address  # type: ignore[index]
    assert headers["Referrer-Policy"] == "same-origin", address  # type: ignore[index]


_INLINE = (
    re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json\")[^>]*>", re.IGNORECASE),
    re.compile(r"<style\b", re.IGNORECASE),
    re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    re.compile(r"(?:href|src|action)\s*=\s*[\"']\s*javascript:", re.IGNORECASE),
)
_ADDRESS = re.compile(r"(?:src|href|action|srcset|poster|data)\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)


def test_every_page_is_strict_and_asks_nothing_outside(reader: Client, city: City) -> None:
    seen = 0
    for address, text in _pages(reader, city):
        seen += 1
        for pattern in _INLINE:
            assert not pattern.search(text), f"{address}: {pattern.search(text)}"
        for target in _ADDRESS.findall(text):
            assert urlsplit(target).scheme in {"", "data", "tel"}, f"{address}: {target}"
            assert not target.startswith("//"), f"{address}: {target}"
    assert seen > 25


def test_pages_of_an_administrator_too(city: City, db: None) -> None:
    user, _password = accounts.add_user(local_admin(), "keeper", PASSWORD, must_change=False)
    accounts.grant(local_admin(), user, "administrator", "all")
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    for address in ("/accounts/", "/accounts/new/", f"/accounts/{user.pk}/", "/audit/", "/duties/accounts/",
                    "/security/", "/second-factor/set-up/"):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
        _check_headers(address, answer.headers)
        text = answer.content.decode()
        assert not any(pattern.search(text) for pattern in _INLINE), address


def test_pages_about_secrets_are_not_kept(city: City, db: None) -> None:
    user = User.objects.get(username="outsider")
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    for address in ("/second-factor/set-up/", "/security/", "/sign-in/"):
        assert "no-store" in client.get(address).headers["Cache-Control"], address


def test_cookies_are_for_this_site_and_no_script(city: City, db: None) -> None:
    client = Client(headers={"host": "localhost"})
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": "outsider", "password": PASSWORD})
    assert {"sessionid", "csrftoken"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        assert cookie["samesite"] in {"Lax", "Strict"}, name
        assert cookie["httponly"], name
        assert cookie["path"] == "/", name
        assert not cookie["domain"], name


def test_a_form_of_another_site_is_refused(city: City, db: None) -> None:
    strict = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    assert strict.post("/sign-in/", {"username": "outsider", "password": PASSWORD}).status_code == 403

"""The platform's own pages: signing in and out, locks, languages, errors, headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.db import DataError
from django.test import Client
from django.urls import path

from tuopin.platform import urls
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import User
from tuopin.platform.problems import Refused

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

pytestmark = pytest.mark.django_db

PASSWORD = "korrekt-pferd-batterie"
handler400, handler403, handler404, handler500 = (
    urls.handler400, urls.handler403, urls.handler404, urls.handler500
)  # fmt: skip


def refuse(_request: HttpRequest) -> HttpResponse:
    raise Refused("refused", "不许", "not allowed")


def fault(_request: HttpRequest) -> HttpResponse:
    raise KeyError("411423199001010011")


def no_text(_request: HttpRequest, code: str = "") -> HttpResponse:
    raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")


urlpatterns = [
    *urls.urlpatterns,
    path("test-refuse/", refuse),
    path("test-fault/", fault),
    path("test-text/", no_text),
    path("test-text/<str:code>/", no_text),
]


@pytest.fixture
def user() -> User:
    return accounts.add_user(local_admin(), "liwei", PASSWORD, display_name="李伟", must_change=False)[0]


@pytest.fixture
def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post("/sign-in/", {"username": "liwei", "password": password, **more})


def test_pages_need_a_signed_in_user_and_addresses_keep_no_search(client: Client) -> None:
    response = client.get("/password/?name=张三")
    assert response.status_code == 302
    assert response["Location"] == "/sign-in/?next=%2Fpassword%2F"
    assert client.get("/health/").json() == {"status": "ok"}


def test_signing_in_and_out(client: Client, user: User) -> None:
    assert "登录" in client.get("/sign-in/").content.decode()
    assert sign_in(client, next="/password/")["Location"] == "/password/"
    assert "李伟" in client.get("/password/").content.decode()
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/password/").status_code == 302


def test_no_way_to_another_site(client: Client, user: User) -> None:
    assert sign_in(client, next="https://evil.example/")["Location"] == "/"
    response = client.post("/language/", {"language": "en", "next": "//evil.example/"})
    assert response["Location"] == "/"


def test_wrong_passwords_lock_the_account_for_a_while(client: Client, user: User) -> None:
    for _ in range(accounts.TRIES):
        assert sign_in(client, "wrong").status_code == 200
    assert sign_in(client).status_code == 200, "even the right one, for now"
    User.objects.update(locked_until=None)
    assert sign_in(client).status_code == 302
    assert User.objects.get().failed_sign_ins == 0


def test_the_same_words_for_a_wrong_name_and_a_wrong_password(client: Client, user: User) -> None:
    wrong_password = sign_in(client, "wrong").content.decode()
    wrong_name = client.post("/sign-in/", {"username": "nobody", "password": "wrong"}).content.decode()
    assert "用户名或密码不正确" in wrong_password
    assert "用户名或密码不正确" in wrong_name


def test_a_password_set_by_others_is_changed_first(client: Client, user: User) -> None:
    given = accounts.set_password(local_admin(), user)
    sign_in(client, given)
    assert client.get("/")["Location"] == "/password/"
    assert client.get("/password/").status_code == 200
    new = {"old_password": given, "new_password1": PASSWORD + "!", "new_password2": PASSWORD + "!"}
    assert client.post("/password/", {**new, "new_password2": "x"}).status_code == 200
    assert client.post("/password/", new)["Location"] == "/"
    assert client.get("/").status_code != 302 or client.get("/")["Location"] != "/password/"
    assert User.objects.get().must_change_password is False


def test_chinese_first_english_by_choice_and_kept(client: Client, user: User) -> None:
    page = client.get("/sign-in/", headers={"Accept-Language": "en"})
    assert 'lang="zh-Hans"' in page.content.decode()
    assert page["Content-Language"] == "zh-hans"
    client.force_login(user)
    client.post("/language/", {"language": "en", "next": "/password/"})
    page = client.get("/password/").content.decode()
    assert 'lang="en"' in page
    assert "Change password" in page
    assert User.objects.get().language == "en"
    client.post("/language/", {"language": "fr"})
    assert 'lang="en"' in client.get("/password/").content.decode()


@pytest.mark.urls(__name__)
def test_a_problem_is_a_page_in_the_readers_language_with_its_status(signed_in: Client) -> None:
    response = signed_in.get("/test-refuse/")
    assert response.status_code == 403
    assert "不许" in response.content.decode()
    answer = signed_in.get("/test-refuse/", headers={"Accept": "application/json"})
    assert answer.json() == {"error": "refused", "zh": "不许", "en": "not allowed"}


@pytest.mark.urls(__name__)
def test_a_fault_shows_a_number_and_nothing_of_the_data(signed_in: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = signed_in.get("/test-fault/?id=411423199001010011")
    assert response.status_code == 500
    text = response.content.decode()
    number = text.partition('class="number">')[2].partition("<")[0]
    assert len(number) == 12
    assert "4114" not in text
    assert "KeyError" not in text
    own = [record.getMessage() for record in caplog.records if record.name == "tuopin.platform"]
    assert number in own[0]
    assert "4114" not in own[0]


@pytest.mark.parametrize("address", ["/no/such/page/", "/%00/", "/../etc/passwd"])
def test_pages_that_are_not_there(signed_in: Client, address: str) -> None:
    response = signed_in.get(address)
    assert response.status_code in {400, 404}
    assert "回到首页" in response.content.decode()


@pytest.mark.urls(__name__)
def test_a_zero_byte_is_refused_where_the_database_takes_none(signed_in: Client) -> None:
    assert signed_in.get("/test-text/?area=%00").status_code == 400
    assert signed_in.post("/test-text/", {"codes": "9901\0"}).status_code == 400
    assert signed_in.get("/test-text/%00/").status_code == 404
    assert signed_in.get("/test-text/?area=9901").status_code == 500, "any other fault stays one"


def test_a_form_without_its_token_is_refused(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    response = sign_in(client)
    assert response.status_code == 403
    assert "没有权限" in response.content.decode()


def test_headers_keep_other_sites_and_inline_scripts_out(client: Client) -> None:
    response = client.get("/sign-in/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    text = response.content.decode()
    assert not re.search(r"<script(?! src=\"/static/[^\"]+\" defer></script>)", text)
    assert "style=" not in text


def test_cookies_cannot_be_read_by_scripts(client: Client, user: User) -> None:
    sign_in(client)
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

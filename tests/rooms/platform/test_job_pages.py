"""The pages of one's own jobs: progress, result, failure in words, nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import jobs
from tuopin.platform.access import Actor, Limits, actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import Job, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_kinds", dict(jobs.kinds()))

    @jobs.job("test.count", title=Title("数一数", "Count"))
    def count(_run: jobs.Run, n: int) -> None: ...


@pytest.fixture
def user() -> User:
    return accounts.add_user(local_admin(), "liwei", "a-long-password-1", must_change=False)[0]


@pytest.fixture
def client(user: User) -> Client:
    made = Client(headers={"host": "localhost"})
    made.force_login(user)
    return made


def begun(user: User, **values: object) -> Job:
    row = jobs.enqueue(actor_for(user), "test.count", {"n": 3})
    Job.objects.filter(pk=row.pk).update(**values)
    return row


def text(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_running_job_says_how_far_it_is_and_asks_again_with_and_without_scripts(user: User, client: Client) -> None:
    row = begun(user, state="running", progress_done=25, progress_total=100, progress_note="第 25 行")
    page = text(client, f"/jobs/{row.pk}/")
    assert "数一数" in page
    assert "25 %" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert 'hx-trigger="every 1s"' in page
    part = text(client, f"/jobs/{row.pk}/", **{"HX-Request": "true"})
    assert "<html" not in part
    assert "第 25 行" in part


def test_a_finished_job_leads_to_its_result_and_asks_no_more(user: User, client: Client) -> None:
    row = begun(
        user, state="done", finished_at=timezone.now(),
        result={"href": "/downloads/7/", "title_zh": "下载工作簿", "title_en": "Fetch the workbook"},
    )  # fmt: skip
    page = text(client, f"/jobs/{row.pk}/")
    assert '<a class="primary" href="/downloads/7/">下载工作簿</a>' in page
    assert "hx-get" not in page
    assert "http-equiv" not in page
    assert "下载工作簿" in text(client, "/jobs/")


@pytest.mark.parametrize("href", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_a_result_leads_nowhere_else(user: User, client: Client, href: str) -> None:
    row = begun(user, state="done", result={"href": href})
    assert "evil" not in text(client, f"/jobs/{row.pk}/")
    assert "javascript:" not in text(client, "/jobs/")


def test_a_failure_is_said_in_words_and_can_be_repeated(user: User, client: Client) -> None:
    error = {"error": "no_rows", "zh": "没有行 <b>", "en": "no rows"}
    row = begun(user, state="failed", error=error, finished_at=timezone.now())
    page = text(client, f"/jobs/{row.pk}/")
    assert "没有行 &lt;b&gt;" in page
    assert f'action="/jobs/{row.pk}/again/"' in page
    client.cookies["tuopin_language"] = "en"
    assert "no rows" in text(client, f"/jobs/{row.pk}/")
    answer = client.post(f"/jobs/{row.pk}/again/")
    new = Job.objects.latest("pk")
    assert answer["Location"] == f"/jobs/{new.pk}/"
    assert (new.pk > row.pk, new.payload, new.state) == (True, {"n": 3}, "queued")


def test_what_has_not_failed_and_what_no_longer_exists_is_not_repeated(user: User, client: Client) -> None:
    assert client.post(f"/jobs/{begun(user).pk}/again/").status_code == 400
    assert client.post(f"/jobs/{begun(user, state='failed', kind='gone.job').pk}/again/").status_code == 404
    assert client.get(f"/jobs/{begun(user).pk}/again/").status_code == 405


def test_a_job_of_a_kind_that_is_gone_is_still_shown(user: User, client: Client) -> None:
    assert "gone.job" in text(client, f"/jobs/{begun(user, kind='gone.job').pk}/")


def test_anothers_job_looks_like_none(user: User, client: Client) -> None:
    other = accounts.add_user(local_admin(), "other", "a-long-password-1", must_change=False)[0]
    row = begun(other, state="failed", error={"zh": "机密", "en": "secret"})
    own = begun(user)
    for method, path in ((client.get, "/jobs/{}/"), (client.post, "/jobs/{}/again/")):
        pages = [method(path.format(key)) for key in (row.pk, own.pk + 99)]
        assert [page.status_code for page in pages] == [404, 404]
    assert "机密" not in text(client, "/jobs/")


def test_a_token_sees_its_own_jobs_alone_and_they_keep_its_limits(user: User) -> None:
    limits = Limits(5, frozenset({1}), frozenset({"register.view_household"}))
    token = Actor("user", user.pk, "liwei", limits=limits)
    mine = jobs.enqueue(token, "test.count", {"n": 1})
    theirs = jobs.enqueue(actor_for(user), "test.count", {"n": 1})
    assert jobs.Run(Job.objects.get(pk=mine.pk)).actor == token
    assert jobs.of_user(token, theirs.pk) is None
    assert list(jobs.own(token)) == [mine]
    assert list(jobs.own(actor_for(user))) == [theirs, mine]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²", ""])
def test_a_bad_place_in_the_list_is_the_first_page(user: User, client: Client, before: str) -> None:
    begun(user)
    assert "数一数" in text(client, f"/jobs/?before={before}")


def test_the_list_is_paged_and_its_queries_do_not_grow(
    user: User, client: Client, django_assert_max_num_queries: Callable[[int], DjangoAssertNumQueries]
) -> None:
    rows = [begun(user) for _ in range(60)]
    with django_assert_max_num_queries(8):
        page = text(client, "/jobs/")
    edge = rows[-50].pk
    assert f'href="/jobs/?before={edge}"' in page
    older = text(client, f"/jobs/?before={edge}")
    assert f"/jobs/{rows[9].pk}/" in older
    assert 'href="/jobs/?before=' not in older

"""Files for one person: as good as the grants they were made with, under harmless names, gone after a day."""

from __future__ import annotations

import datetime
import hashlib
import os
import shutil
import stat
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from tuopin.core.language.catalogue import Title
from tuopin.platform import downloads
from tuopin.platform.access import Actor, Limits, actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.auditing import readlog
from tuopin.platform.home import home
from tuopin.platform.models import Download, Grant, ReadEntry, User
from tuopin.platform.problems import Missing, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.django_db

EXPORT = "register.export_households"
TEXT = "户编号,户主\n1,张三\n".encode()


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    for name in ("downloads", "readlog"):
        shutil.rmtree(home() / name, ignore_errors=True)
    yield
    for name in ("downloads", "readlog"):
        shutil.rmtree(home() / name, ignore_errors=True)


@pytest.fixture
def owner() -> User:
    user = accounts.add_user(local_admin(), "owner", "a-long-password-1", must_change=False)[0]
    accounts.grant(local_admin(), user, "county", "all")
    return user


def fill(path: Path) -> int:
    path.write_bytes(TEXT)
    return 1


def made(
    user: User, name: str = "贫困户.csv", *, actor: Actor | None = None, permissions: tuple[str, ...] = (EXPORT,)
) -> Download:
    return downloads.keep(
        actor or actor_for(user), fill, name=name, title=Title("贫困户", "poor households"),
        content_type=downloads.CSV, permissions=permissions, what="register.export:list",
    )  # fmt: skip


def client_of(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def test_the_owner_fetches_the_file_and_the_reading_is_noted(owner: User) -> None:
    row = made(owner)
    assert stat.S_IMODE((home() / "downloads" / row.key).stat().st_mode) == 0o600
    answer = client_of(owner).get(f"/downloads/{row.pk}/")
    assert b"".join(answer) == TEXT
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    readlog.drain()
    entry = ReadEntry.objects.get(what="platform.download")
    assert (entry.user_id, entry.count, entry.digest) == (owner.pk, 1, hashlib.sha256(TEXT).hexdigest())


def test_nobody_else_gets_it_and_cannot_tell_it_from_none(owner: User) -> None:
    row = made(owner)
    other = accounts.add_user(local_admin(), "other", "a-long-password-1", must_change=False)[0]
    accounts.grant(local_admin(), other, "county", "all")
    client = client_of(other)
    pages = [client.get(f"/downloads/{key}/") for key in (row.pk, row.pk + 1)]
    assert [page.status_code for page in pages] == [404, 404]
    assert "贫困户" not in client.get("/jobs/").content.decode()
    assert Client(headers={"host": "localhost"}).get(f"/downloads/{row.pk}/").status_code == 302


def test_what_was_made_with_a_grant_goes_with_it(owner: User) -> None:
    row = made(owner)
    grant = Grant.objects.get(user=owner)
    accounts.revoke(local_admin(), grant.pk)
    accounts.grant(local_admin(), owner, "county", "area", 1)
    with pytest.raises(Refused):
        downloads.fetch(actor_for(owner), row.pk)
    assert client_of(owner).get(f"/downloads/{row.pk}/").status_code == 403


def test_a_role_without_the_permission_makes_nothing_that_can_be_fetched(owner: User) -> None:
    viewer = accounts.add_user(local_admin(), "viewer", "a-long-password-1", must_change=False)[0]
    accounts.grant(local_admin(), viewer, "village", "all")
    row = made(viewer)
    with pytest.raises(Refused):
        downloads.fetch(actor_for(viewer), row.pk)


def token_of(owner: User, number: int, grants: set[int], permissions: set[str]) -> Actor:
    return Actor("user", owner.pk, owner.username, limits=Limits(number, frozenset(grants), frozenset(permissions)))


@pytest.mark.parametrize("permissions", [(), ("",), (EXPORT,)])
def test_a_token_fetches_what_it_made_itself_alone(owner: User, permissions: tuple[str, ...]) -> None:
    """A list whose export needs no permission of its own names none in its basis: what the owner read it with, a token
    with all of the grants and none of the permissions must not read."""
    grant = Grant.objects.get(user=owner)
    of_owner = made(owner, permissions=permissions or ("",))
    tokens: list[tuple[set[int], set[str]]] = [(set(), {EXPORT}), ({grant.pk}, set()), ({grant.pk}, {EXPORT})]
    for number, (granted, named) in enumerate(tokens, start=1):
        token = token_of(owner, number, granted, named)
        with pytest.raises(Missing):
            downloads.fetch(token, of_owner.pk)
        assert not downloads.of_owner(token).exists()
    token = token_of(owner, 3, {grant.pk}, {EXPORT})
    own = made(owner, actor=token, permissions=(EXPORT,))
    assert downloads.fetch(token, own.pk)[0] == own
    assert downloads.fetch(actor_for(owner), own.pk)[0] == own
    with pytest.raises(Missing):
        downloads.fetch(token_of(owner, 4, {grant.pk}, {EXPORT}), own.pk)
    with pytest.raises(Refused):
        downloads.fetch(token_of(owner, 3, set(), {EXPORT}), own.pk)


def test_after_its_day_it_is_gone_even_before_the_tending_comes(owner: User) -> None:
    row = made(owner)
    Download.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    with pytest.raises(Missing):
        downloads.fetch(actor_for(owner), row.pk)
    assert downloads.purge() == 1
    assert not (home() / "downloads" / row.key).exists()
    assert not Download.objects.exists()
    assert downloads.purge() == 0


def test_a_file_that_no_row_knows_goes_once_it_is_old(owner: User) -> None:
    kept = made(owner)
    for name, age in (("a" * 32, 2), ("b" * 32, 48)):
        path = home() / "downloads" / name
        path.write_bytes(b"x")
        past = (timezone.now() - datetime.timedelta(hours=age)).timestamp()
        os.utime(path, (past, past))
    past = (timezone.now() - datetime.timedelta(hours=30)).timestamp()
    os.utime(home() / "downloads" / kept.key, (past, past))
    assert downloads.purge() == 1
    assert {path.name for path in (home() / "downloads").iterdir()} == {kept.key, "a" * 32}


def test_a_writer_that_fails_leaves_nothing(owner: User) -> None:
    def broken(path: Path) -> int:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError):
        downloads.keep(
            actor_for(owner), broken, name="x.csv", title=Title("x", "x"), content_type=downloads.CSV,
            permissions=[EXPORT], what="x",
        )  # fmt: skip
    assert not list((home() / "downloads").iterdir())
    assert not Download.objects.exists()


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd.csv", "etc_passwd.csv"),
        ("a\r\nSet-Cookie: x=1.xlsx", "aSet-Cookie_x=1.xlsx"),
        ("\u202excod.exe.csv", "xcod.exe.csv"),
        ('"; filename="evil.html', ";_filename=_evil.html"),
        ("张庄镇 贫困户 2018.xlsx", "张庄镇_贫困户_2018.xlsx"),
        ("...", "file"),
        ("x" * 300 + ".csv", "x" * 120 + ".csv"),
    ],
)
def test_names_point_nowhere_and_hide_nothing(owner: User, given: str, safe: str) -> None:
    assert downloads.safe_name(given) == safe
    answer = client_of(owner).get(f"/downloads/{made(owner, given).pk}/")
    answer.close()
    header = answer.headers["Content-Disposition"]
    assert "\r" not in header
    assert "\n" not in header

"""Files handed in: names, limits, kinds, owners, expiry, and what a full disk or a stranger leaves behind."""

from __future__ import annotations

import datetime
import errno
import hashlib
import os
import time
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.utils import timezone

from tuopin.platform import uploads, urls
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import Upload
from tuopin.platform.problems import Missing, Problem

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db

TABLE = "户编号,姓名\n1,张三\n".encode()
PURPOSE = "test.purpose"


def handed_in(request: HttpRequest) -> HttpResponse:
    """What a view sees of the files of a request."""
    from django.http import JsonResponse

    return JsonResponse(
        {
            "names": [file.name for file in request.FILES.getlist("files")],
            "left_out": uploads.left_out(request),
        }
    )


urlpatterns = [*urls.urlpatterns, path("test-files/", handed_in)]


@pytest.fixture
def actor() -> Actor:
    return actor_for(accounts.add_user(local_admin(), "liwei", "korrekt-pferd-batterie", must_change=False)[0])


def given(name: str = "名单.csv", content: bytes = TABLE) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def files() -> set[str]:
    return {path.name for path in uploads.folder().iterdir()}


def test_a_file_is_kept_under_a_random_name_with_its_digest(actor: Actor) -> None:
    kept = uploads.receive(actor, given(), PURPOSE)
    path = uploads.path_of(actor, kept.pk, PURPOSE)
    assert path.read_bytes() == TABLE
    assert path.parent == uploads.folder()
    assert path.name == kept.key != kept.name
    assert (kept.name, kept.size) == ("名单.csv", len(TABLE))
    assert kept.digest == hashlib.sha256(TABLE).hexdigest()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("..\\..\\boot.csv", "boot.csv"),
        ("名\u202egpj.csv", "名gpj.csv"),
        ("a\x00\x1b\u200bb.csv", "ab.csv"),
        ("<script>alert(1)</script>.csv", "script>.csv"),
        ("<b onclick=x>.csv", "<b onclick=x>.csv"),
        ("..", "file"),
        ("", "file"),
        ("表" * 300 + ".xlsx", "表" * 110 + "….xlsx"),
        ("x" * 300, "x" * 119 + "…"),
        (" a \t b.csv", "a b.csv"),
    ],
)
def test_names_are_shown_and_never_lead_anywhere(written: str, shown: str) -> None:
    assert uploads.shown_name(written) == shown


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7 ", "wrong_type"),
        (b"\x7fELF\x00\x01", "wrong_type"),
        (b"<svg></svg>", "wrong_type"),
    ],
)
def test_only_what_the_reader_may_read_is_kept(actor: Actor, content: bytes, code: str) -> None:
    before = files()
    with pytest.raises(Problem) as refusal:
        uploads.receive(actor, given("表.xlsx", content), PURPOSE)
    assert refusal.value.code == code
    assert "表.xlsx" in refusal.value.zh
    assert files() == before
    assert not Upload.objects.exists()


def test_nothing_of_a_too_large_file_stays(actor: Actor) -> None:
    before = files()
    with override_settings(UPLOAD_MAX_BYTES=10), pytest.raises(uploads.TooLarge) as refusal:
        uploads.receive(actor, given(content=b"a,b\n" * 10), PURPOSE)
    assert refusal.value.status == 413
    assert files() == before


def test_a_set_has_a_limit(actor: Actor) -> None:
    with override_settings(UPLOAD_MAX_FILES=1):
        uploads.receive(actor, given(), PURPOSE)
        with pytest.raises(Problem, match="too_many_files"):
            uploads.receive(actor, given(), PURPOSE)
        uploads.receive(actor, given(), "test.other")  # another set


def test_a_full_disk_is_a_message(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = files()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem, match="disk_full"):
        uploads.receive(actor, given(), PURPOSE)
    assert files() == before


def test_only_the_owner_for_the_same_purpose(actor: Actor) -> None:
    kept = uploads.receive(actor, given(), PURPOSE)
    other = actor_for(accounts.add_user(local_admin(), "wangfang", "korrekt-pferd-batterie", must_change=False)[0])
    for reader, number, purpose in (
        (other, kept.pk, PURPOSE),
        (actor, kept.pk, "other"),
        (actor, kept.pk + 1, PURPOSE),
    ):
        with pytest.raises(Missing):
            uploads.path_of(reader, number, purpose)
    assert uploads.discard(other, [kept.pk], PURPOSE) == 0
    assert uploads.of(other, PURPOSE) == []
    assert uploads.discard(actor, [kept.pk], PURPOSE) == 1
    assert kept.key not in files()


def test_files_expire_and_leftovers_are_swept(actor: Actor) -> None:
    old, new = uploads.receive(actor, given(), PURPOSE), uploads.receive(actor, given(), PURPOSE)
    past = timezone.now() - datetime.timedelta(seconds=1)
    Upload.objects.filter(pk=old.pk).update(expires_at=past)
    abandoned, fresh = uploads.folder() / "abandoned", uploads.folder() / "fresh"
    abandoned.write_bytes(b"x")
    fresh.write_bytes(b"x")
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(abandoned, (long_ago, long_ago))
    with pytest.raises(Missing):
        uploads.path_of(actor, old.pk, PURPOSE)
    assert uploads.purge() == 2
    assert {new.key, "fresh"} <= files()
    assert not {old.key, "abandoned"} & files()
    fresh.unlink()


@pytest.mark.urls(__name__)
def test_a_request_is_cut_while_it_comes_in(actor: Actor) -> None:
    client = Client()
    client.force_login(accounts.User.objects.get(pk=actor.user_id))
    with override_settings(UPLOAD_MAX_BYTES=100):
        answer = client.post("/test-files/", {"files": [given("大.csv", b"x" * 101), given("小.csv")]})
    assert answer.json() == {"names": ["小.csv"], "left_out": ["大.csv"]}


def test_a_stranger_hands_in_nothing() -> None:
    request = RequestFactory().post("/", {"files": given(content=b"x" * 1000)})
    assert not request.FILES

"""A list written out: exactly its rows, text that stays text, what it is above them, one entry of the read log."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import shutil
import threading
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.test import Client, RequestFactory
from django.urls import path
from django.utils import timezone, translation

from tuopin.core.language.catalogue import Title
from tuopin.platform import urls, worker
from tuopin.platform.access import actor_for, local_admin, require
from tuopin.platform.accounts import services as accounts
from tuopin.platform.auditing import readlog
from tuopin.platform.home import home
from tuopin.platform.lists import ChoiceFilter, Column, Listing, Reader, export_pages, exporting, registry
from tuopin.platform.models import Download, Job, ReadEntry, User

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

pytestmark = pytest.mark.django_db(transaction=True)

CHINESE = Title("中文", "Chinese")
DAY = datetime.date(2018, 12, 1)
HOSTILE = ["=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\t=1", "＝1+1", "<script>", 'a,b"c\n d']


class Place:
    code, name, path = "411400", "示范市", "00000001"


def rows(_reader: Reader) -> Any:
    return User.objects.all()


def reader_of(actor: Any, area: str, given: Any) -> Reader:
    return Reader(actor, DAY, Place if area else None, frozenset({"general"}), given)


LISTING = Listing(
    key="test.people",
    title=Title("人员名单", "People"),
    noun=Title("人", "persons"),
    rows=rows,
    may_open=lambda reader: require(reader.actor, "platform.manage_users"),
    address=lambda _reader: "/test-list/",
    order=("username",),
    first="username",
    columns=(
        Column("username", Title("账号", "Account"), "code", "username", sort=("username",)),
        Column("name", Title("姓名", "Name"), "text", "display_name"),
        Column("money", Title("收入", "Income"), "amount", "failed_sign_ins", scale=2, unit=Title("元", "yuan")),
        Column("day", Title("日期", "Day"), "date", "created_at", pick=lambda value: value.date()),
        Column("open", Title("启用", "Open"), "flag", "is_active"),
        Column("lang", Title("语言", "Language"), "choice", "language", choices={"zh-hans": CHINESE}),
        Column("size", Title("长度", "Length"), "amount", load=lambda _reader, found: {
            row["pk"]: len(row["username"]) for row in found}, needs=("username",)),
        Column("health", Title("健康", "Health"), "text", "display_name", classes=("health",)),
    ),
    filters=(ChoiceFilter("language", Title("语言", "Language"), "language", choices=(("zh-hans", CHINESE),)),),
    reader=reader_of,
    export="platform.manage_users",
    notes=lambda _reader: [Title("草案，未确认：测试", "Draft, unconfirmed: test")],
)  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("downloads", "readlog"):
        shutil.rmtree(home() / name, ignore_errors=True)
    monkeypatch.setattr(registry, "listings", lambda: {LISTING.key: LISTING})
    yield
    for name in ("downloads", "readlog"):
        shutil.rmtree(home() / name, ignore_errors=True)


@pytest.fixture
def user() -> User:
    made = accounts.add_user(local_admin(), "admin", "a-long-password-1", must_change=False)[0]
    accounts.grant(local_admin(), made, "administrator", "all")
    User.objects.filter(pk=made.pk).update(display_name="admin")
    people = [
        User(username=f"{number:013d}", display_name=name, failed_sign_ins=number * 1234 + 5, created_at=timezone.now())
        for number, name in enumerate([*HOSTILE, ""])
    ]
    User.objects.bulk_create(people)
    return made


def request_of(user: User, query: str, export: str) -> HttpRequest:
    request = RequestFactory().post(f"/test-list/?{query}", {"export": export})
    request.user = user
    return request


def asked(user: User, export: str, query: str = "") -> HttpResponseBase:
    request = request_of(user, query, export)
    return export_pages.answer(request, LISTING, reader_of(actor_for(user), "411400", {}))


def content(response: Any) -> bytes:
    found = b"".join(response) if response.streaming else response.content
    response.close()
    return bytes(found)


def table(response: Any) -> list[list[str]]:
    text = content(response).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def entry() -> ReadEntry:
    readlog.drain()
    return ReadEntry.objects.get()


def test_a_csv_holds_what_is_shown_and_no_formula(user: User) -> None:
    response = asked(user, "csv")
    raw = content(response)
    assert raw.startswith("\ufeff示范市 人员名单".encode())
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response.headers["Cache-Control"]
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [line[0] for line in lines[1:3]] == ["条件：无", "草案，未确认：测试"]
    assert "区域：示范市（411400）" in lines[3][0]
    assert "admin 导出于" in lines[3][0]
    assert lines[4] == ["账号", "姓名", "收入（元）", "日期", "启用", "语言", "长度"]
    body = lines[5:]
    assert len(body) == 10
    assert body[0] == [
        "0000000000000\t", "'=cmd|' /C calc'!A0", "0.05", str(timezone.now().date()), "是", "中文", "13"
    ]  # fmt: skip
    assert [line[1] for line in body[1:9]] == [
        "'+1", "'-1+2", "'@SUM(A1)", "'\t=1", "'＝1+1", "<script>", 'a,b"c\n d', ""
    ]  # fmt: skip
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "\t"))]
    noted = entry()
    assert (noted.what, noted.count, noted.digest) == ("test.export:people", 10, hashlib.sha256(raw).hexdigest())
    assert json.loads(noted.filter)["area"] == "411400"
    assert "broken_off" not in noted.filter


def test_a_workbook_opens_with_text_numbers_and_dates(user: User) -> None:
    raw = content(asked(user, "xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(raw)).active
    assert sheet is not None
    assert sheet["A1"].value == "示范市 人员名单"
    assert sheet["A5"].value == "账号"
    assert sheet["C5"].value == "收入（元）"
    first = sheet[7]
    assert [cell.data_type for cell in first] == ["s", "s", "n", "d", "s", "s", "n"]
    assert (first[0].value, first[1].value, first[2].value) == ("0000000000001", "+1", 12.39)
    texts = [sheet.cell(row, 2).value for row in range(6, 14)]
    assert texts == HOSTILE
    assert {sheet.cell(row, 2).data_type for row in range(6, 14)} == {"s"}, "no formula"
    assert sheet.cell(14, 2).value is None, "unknown is an empty cell"
    assert (entry().count, entry().digest) == (10, hashlib.sha256(raw).hexdigest())


def test_conditions_order_and_columns_are_those_of_the_page(user: User) -> None:
    User.objects.filter(username="0000000000003").update(language="en")
    lines = table(asked(user, "csv", "language=zh-hans&sort=-username&column=name&after=ignored"))
    assert lines[1] == ["条件：语言：中文"]
    assert lines[4] == ["账号", "姓名"]
    codes = [line[0].strip() for line in lines[5:]]
    assert codes == sorted(codes, reverse=True)
    assert "0000000000003" not in codes
    assert len(codes) == 9
    assert json.loads(entry().filter)["language"] == "zh-hans"


def test_in_english(user: User) -> None:
    with translation.override("en"):
        response = asked(user, "csv")
    lines = table(response)
    assert lines[4][2] == "Income (yuan)"
    assert lines[5][4:6] == ["yes", "Chinese"]
    assert "as of 2018-12-01" in lines[3][0]


def test_an_empty_list_keeps_its_header(user: User) -> None:
    User.objects.update(language="en")
    raw = content(asked(user, "xlsx", "language=zh-hans"))
    sheet = openpyxl.load_workbook(io.BytesIO(raw)).active
    assert sheet is not None
    assert sheet["A5"].value == "账号"
    assert (sheet["A6"].value, entry().count) == (None, 0)


def test_without_the_permission_to_export_there_is_no_export(user: User) -> None:
    other = accounts.add_user(local_admin(), "other", "a-long-password-1", must_change=False)[0]
    accounts.grant(local_admin(), other, "county", "all")
    reader = reader_of(actor_for(other), "411400", {})
    assert not exporting.allowed(LISTING, reader)
    assert exporting.allowed(LISTING, reader_of(actor_for(user), "411400", {}))
    with pytest.raises(exporting.Problem):
        asked(other, "csv")


def test_fields_that_the_export_permission_does_not_open_stay_out(user: User) -> None:
    wide = Reader(actor_for(user), DAY, Place, frozenset({"general", "health"}))
    narrowed = exporting.may_export(LISTING, wide)
    assert narrowed.classes is not None
    assert "health" not in narrowed.classes


@pytest.mark.parametrize("kind", ["", "pdf", "csv;"])
def test_other_formats_are_refused(user: User, kind: str) -> None:
    with pytest.raises(exporting.Problem) as refused:
        asked(user, kind)
    assert refused.value.code == "no_such_format"


def test_a_reader_who_goes_away_is_noted_and_frees_the_place(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 2)
    free = export_pages._streams._value
    response: Any = asked(user, "csv")
    pieces = iter(response)
    next(pieces), next(pieces)
    assert export_pages._streams._value == free - 1
    response.close()
    assert export_pages._streams._value == free
    noted = entry()
    assert (noted.count, json.loads(noted.filter)["broken_off"]) == (2, True)


def test_too_many_streams_at_once_are_asked_to_wait(user: User) -> None:
    held = [asked(user, "csv") for _ in range(export_pages.STREAMS)]
    with pytest.raises(export_pages.Busy):
        asked(user, "csv")
    for response in held:
        response.close()
    assert len(table(asked(user, "csv"))) == 15


def test_a_stream_sees_one_state_of_the_database(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "CHUNK", 2)
    response: Any = asked(user, "csv")
    pieces = iter(response)
    found = [next(pieces), next(pieces)]

    def change() -> None:
        User.objects.exclude(username="admin").update(display_name="later")
        User.objects.create(username="9999")
        from django.db import connection

        connection.close()

    other = threading.Thread(target=change)
    other.start()
    other.join()
    text = b"".join([*found, *pieces]).decode()
    response.close()
    assert "later" not in text
    assert "9999" not in text
    assert User.objects.filter(display_name="later").count() == 9, "and the writer did not wait"


def test_a_large_workbook_is_a_job_that_ends_in_a_file(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_pages, "AT_ONCE", 5)
    response = asked(user, "xlsx", "sort=-username")
    row = Job.objects.get()
    assert response.headers["Location"] == f"/jobs/{row.pk}/"
    worker.work(threading.Event(), until_empty=True)
    row.refresh_from_db()
    assert (row.state, row.result["rows"], row.progress_total) == ("done", 10, 10), row.error
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    raw = b"".join(client.get(row.result["href"]))
    sheet = openpyxl.load_workbook(io.BytesIO(raw)).active
    assert sheet is not None
    assert sheet["A6"].value == "admin"
    assert "10 人" in sheet["A4"].value
    made = Download.objects.get()
    readlog.drain()
    noted = {each.what: each for each in ReadEntry.objects.all()}
    assert noted["test.export:people"].digest == made.digest == hashlib.sha256(raw).hexdigest()
    assert noted["platform.download"].count == 10


def test_a_job_writes_what_its_reader_may_see_when_it_runs(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_pages, "AT_ONCE", 5)
    asked(user, "xlsx")
    user.grants.update(valid_to=timezone.localdate())
    worker.work(threading.Event(), until_empty=True)
    row = Job.objects.get()
    assert (row.state, row.error["error"]) == ("failed", "refused")
    assert not Download.objects.exists()
    assert not list((home() / "downloads").glob("*"))


def test_a_list_longer_than_a_sheet_is_said_before_the_work(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_pages, "AT_ONCE", 5)
    monkeypatch.setattr(exporting, "LAST_ROW", 9)
    with pytest.raises(exporting.Problem) as refused:
        asked(user, "xlsx")
    assert refused.value.code == "too_many_rows"
    assert not Job.objects.exists()


def page(request: HttpRequest) -> HttpResponseBase:
    from tuopin.platform.lists.pages import list_page

    return list_page(request, LISTING, reader_of(actor_for(request.user), "", {}), "platform/home.html")  # type: ignore[arg-type]


urlpatterns = [*urls.urlpatterns, path("test-list/", page)]


@pytest.mark.urls(__name__)
def test_from_the_page_with_its_token_against_forgery(user: User) -> None:
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post("/test-list/", {"export": "csv"}).status_code == 403
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    response = client.post("/test-list/?language=zh-hans", {"export": "csv"})
    assert len(table(response)) == 15
    assert client.post("/test-list/?nonsense=1", {"export": "csv"}).status_code == 400

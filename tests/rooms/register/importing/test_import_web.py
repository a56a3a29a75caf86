"""Imports on the web: handing in, looking, naming headers, preview, import, history; and bad files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from county import household, households, person, write
from rooms.register.importing.steps import hand_in, press, shown, upload, work
from tuopin.platform.access import actor_for
from tuopin.platform.models import Job, Upload, User
from tuopin.platform.problems import Problem
from tuopin.register.importing import maps, prepared
from tuopin.register.models import (
    Household,
    Import,
    ImportSet,
    RejectedRow,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("maps_of_its_own")]


def test_from_the_file_to_the_result(client: Client, county: Path) -> None:
    rows = households(county, household("9901"), household("9903", person("990301"), 村="没有的村"))
    number = hand_in(client, upload(rows))
    page = shown(client, f"/register/imports/sets/{number}/")
    assert "户人信息.csv" in page
    assert "表头第 2 行" in page
    assert "2018-12-01" in page
    assert press(client, number, "preview").status_code == 302
    page = shown(client, f"/register/imports/sets/{number}/")
    assert "找不到所填的村" in page
    assert "开始导入" in page
    assert not Household.objects.exists()
    press(client, number, "import")
    assert Household.objects.count() == 1
    page = shown(client, f"/register/imports/sets/{number}/")  # leads to the import
    assert "收进了什么" in page
    assert "9903" in page
    assert not Upload.objects.exists()
    made = ImportSet.objects.get(pk=number)
    assert (made.inspection, made.preview) == (None, None)
    record = Import.objects.get(prepared=made)
    assert record.user_id == User.objects.get(username="county").pk
    assert f"/register/imports/{record.pk}/" in shown(client, "/register/imports/")
    sheet = RejectedRow.objects.get().sheet_id
    workbook = client.get(f"/register/imports/{record.pk}/rejects/{sheet}/")
    assert workbook.status_code == 200
    assert b"".join(workbook.streaming_content).startswith(b"PK")


def test_the_page_undoes_the_import(client: Client, county: Path) -> None:
    number = hand_in(client, upload(households(county, household("9901"))))
    press(client, number, "preview")
    press(client, number, "import")
    record = Import.objects.get(prepared=number)
    assert "撤销这次导入" in shown(client, f"/register/imports/{record.pk}/")
    page = client.post(f"/register/imports/{record.pk}/undo/", follow=True).content.decode()
    assert "已撤销" in page
    assert not Household.objects.exists()


def test_unknown_headers_are_named_and_kept(client: Client, county: Path) -> None:
    rows = [
        {("本户代号" if key == "户编号" else key): value for key, value in row.items()} for row in household("9901")
    ]
    path = write(county / "怪.csv", rows, titles=["导出时间：2018-12-01"])
    number = hand_in(client, upload(path))
    made = ImportSet.objects.get(pk=number)
    [file] = made.inspection["files"]
    [sheet] = file["sheets"]
    assert (sheet["kind"], sheet["closest"], sheet["lacking"]) == ("", "household_person", ["户编号"])
    assert "不知道是什么表" in shown(client, f"/register/imports/sets/{number}/")
    place = sheet["unknown_headers"].index("本户代号")
    press(client, number, "inspect", **{f"h-{file['upload']}-0-{place}": "household_code"})
    assert maps.titles_in_force() == {"household_person": {"本户代号": "household_code"}}
    press(client, number, "preview")
    press(client, number, "import")
    assert Household.objects.get().code == "9901"
    assert "本户代号" in shown(client, "/register/imports/headers/")
    client.post("/register/imports/headers/", {"kind": "household_person", "header": "本户代号"})
    assert maps.titles_in_force() == {"household_person": {}}


def test_a_chosen_kind_and_a_file_left_out(client: Client, county: Path) -> None:
    other = write(county / "别的.csv", [{"甲": "1", "乙": "2"}])
    number = hand_in(client, upload(households(county, household("9901"))), upload(other))
    good, bad = (file["upload"] for file in ImportSet.objects.get(pk=number).inspection["files"])
    press(client, number, "preview")
    assert ImportSet.objects.get(pk=number).job.state == Job.State.FAILED
    page = shown(client, f"/register/imports/sets/{number}/")
    assert "别的.csv" in page
    assert "--map" not in page
    press(client, number, "inspect", **{f"kind-{bad}": "household_check", f"out-{bad}": "1"})
    found = ImportSet.objects.get(pk=number)
    assert found.choices == {str(bad): {"kind": "household_check", "leave_out": True}}
    assert found.inspection["files"][1]["sheets"][0]["closest"] == "household_check"
    press(client, number, "preview", **{f"out-{bad}": "1", f"kind-{good}": ""})
    press(client, number, "preview", **{f"out-{bad}": "1"})
    press(client, number, "import")
    assert Household.objects.count() == 1


def test_a_day_is_asked_for_where_none_stands(client: Client, county: Path) -> None:
    number = hand_in(client, upload(write(county / "x.csv", household("9901"))))
    press(client, number, "preview")
    assert "数据日期" in shown(client, f"/register/imports/sets/{number}/")
    error = ImportSet.objects.get(pk=number).job.error
    assert error["error"] == "no_as_of"
    assert "--" not in error["zh"] + error["en"]
    press(client, number, "preview", as_of="2018-11-30", year="2018")
    assert ImportSet.objects.get(pk=number).preview["as_of"] == "2018-11-30"


@pytest.mark.parametrize(
    "bad",
    [{"as_of": "morgen"}, {"year": "12"}, {"year": "x"}, {"remove": "1e9"}, {"then": "drop table"}, {"as_of": "\x00"}],
)
def test_nonsense_in_the_form_is_a_message(client: Client, county: Path, bad: dict[str, str]) -> None:
    number = hand_in(client, upload(households(county, household("9901"))))
    answer = client.post(f"/register/imports/sets/{number}/", {"then": "preview", **bad}, follow=True)
    assert answer.status_code == 200


def test_a_kind_that_does_not_exist_is_refused(client: Client, county: Path) -> None:
    number = hand_in(client, upload(households(county, household("9901"))))
    [file] = Upload.objects.all()
    press(client, number, "preview", **{f"kind-{file.pk}": "__proto__"})
    assert ImportSet.objects.get(pk=number).choices == {}


@pytest.mark.parametrize(
    "name", ["../../etc/x.csv", "\u202egpj.csv", "<script>alert(1)</script>.csv", "表" * 300 + ".csv"]
)
def test_hostile_names_are_shown_as_text(client: Client, county: Path, name: str) -> None:
    path = households(county, household("9901"), household("9903", 村="无"))
    number = hand_in(client, upload(path, name))
    press(client, number, "preview")
    page = shown(client, f"/register/imports/sets/{number}/")
    assert "<script>alert" not in page
    assert "\u202e" not in page
    press(client, number, "import")
    page = shown(client, f"/register/imports/{Import.objects.get(prepared=number).pk}/")
    assert "<script>alert" not in page


def test_html_named_xlsx_is_read_and_no_rows_are_no_import(client: Client, county: Path) -> None:
    cells = household("9901")[0] | {"导出": ""}
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (cells, cells.values()))
    html = SimpleUploadedFile(
        "表.xlsx", f"<html><body>导出时间：2018-12-01<table>{table}</table></body></html>".encode()
    )
    number = hand_in(client, html)
    [sheet] = ImportSet.objects.get(pk=number).inspection["files"][0]["sheets"]
    assert (sheet["kind"], sheet["rows"]) == ("household_person", 1)
    bare = SimpleUploadedFile("空.csv", (",".join(household("9901")[0]) + "\n").encode())
    number = hand_in(client, bare)
    press(client, number, "preview", as_of="2018-12-01")
    shown(client, f"/register/imports/sets/{number}/")


def test_empty_and_foreign_files_are_refused_at_once(client: Client) -> None:
    bad = [SimpleUploadedFile("空.xlsx", b""), SimpleUploadedFile("图.xlsx", b"\x89PNG\r\n")]
    answer = client.post("/register/imports/new/", {"files": bad})
    assert answer.status_code == 400
    assert "空.xlsx" in answer.content.decode()
    assert not ImportSet.objects.exists()
    assert client.post("/register/imports/new/", {}).status_code == 400
    with override_settings(UPLOAD_MAX_BYTES=10):
        answer = client.post("/register/imports/new/", {"files": [SimpleUploadedFile("大.csv", b"x" * 11)]})
    assert "大.csv" in answer.content.decode()


def test_a_damaged_workbook_is_named(client: Client, county: Path) -> None:
    number = hand_in(client, SimpleUploadedFile("坏.xlsx", b"PK\x03\x04 nothing"))
    assert "坏.xlsx" in shown(client, f"/register/imports/sets/{number}/")
    press(client, number, "preview")
    assert not Import.objects.filter(prepared=number).exists()


def test_files_come_one_by_one_for_the_script(client: Client, county: Path) -> None:
    begun = client.post("/register/imports/new/", headers={"Accept": "application/json"}).json()
    good = client.post(
        begun["files"], {"files": upload(households(county, household("9901")))}, headers={"Accept": "application/json"}
    )
    assert (good.status_code, good.json()) == (200, {"refused": []})
    bad = client.post(
        begun["files"], {"files": SimpleUploadedFile("x.pdf", b"%PDF-1")}, headers={"Accept": "application/json"}
    )
    assert bad.status_code == 400
    assert "x.pdf" in bad.json()["refused"][0]
    assert client.post(begun["files"])["Location"] == begun["page"]
    work()
    number = ImportSet.objects.get().pk
    [file] = Upload.objects.all()
    assert client.post(begun["page"], {"remove": file.pk})["Location"] == "/register/imports/new/"
    assert not Upload.objects.exists()
    with pytest.raises(Problem):
        prepared.begin(actor_for(User.objects.get(username="county")), number, ImportSet.Step.PREVIEW)

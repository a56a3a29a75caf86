"""Imports on the web: handing in, looking, naming headers, preview, import, history; and who may do what where."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from county import AREAS, areas, household, households, person, take, write
from tuopin.platform import jobs, worker
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import Job, Upload, User
from tuopin.platform.problems import Missing, Problem
from tuopin.register.importing import maps, prepared
from tuopin.register.importing.grants import common
from tuopin.register.importing.services import import_paths
from tuopin.register.models import (
    AreaVersion,
    DataIssue,
    Household,
    HouseholdCheck,
    Import,
    ImportSet,
    Membership,
    RejectedRow,
    Residence,
    WaitingRow,
)

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse

pytestmark = pytest.mark.django_db(transaction=True)

EAST, WEST, COUNTY = "990101100000", "990101101000", "990101000000"


@pytest.fixture(autouse=True)
def _maps_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "maps-home"
    home.mkdir()
    monkeypatch.setattr("tuopin.register.importing.maps.make_home", lambda: home)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """The areas, already imported."""
    take(areas(tmp_path))
    return tmp_path


def clerk(name: str, role: str, area: str) -> User:
    user = accounts.add_user(local_admin(), name, "korrekt-pferd-batterie", must_change=False)[0]
    accounts.grant_by_code(local_admin(), user, role, "area", area)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def user(county: Path) -> User:
    return clerk("county", "county", COUNTY)


@pytest.fixture
def client(user: User) -> Client:
    return signed_in(user)


def work() -> None:
    worker.work(threading.Event(), until_empty=True)


def upload(path: Path, name: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name or path.name, path.read_bytes())


def hand_in(client: Client, *files: SimpleUploadedFile) -> int:
    answer = client.post("/register/imports/new/", {"files": list(files)})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    work()
    return int(answer["Location"].rstrip("/").rpartition("/")[2])


def press(client: Client, number: int, then: str, **more: Any) -> HttpResponse:
    answer = client.post(f"/register/imports/sets/{number}/", {"then": then, **more})
    work()
    return answer


def shown(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def two(folder: Path, **cells: str) -> Path:
    """A household in the east, one in the west."""
    return households(
        folder,
        household("9901", **cells),
        household("9902", person("990201"), 镇="西乡", 村="丙村委会"),
    )


# -- the way through ----------------------------------------------------------------------------------------------


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


# -- bad files ----------------------------------------------------------------------------------------------------


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


# -- twice, together, half-way ------------------------------------------------------------------------------------


def test_a_double_click_begins_one_import(client: Client, county: Path) -> None:
    number = hand_in(client, upload(households(county, household("9901"))))
    press(client, number, "preview")
    for _ in range(3):
        client.post(f"/register/imports/sets/{number}/", {"then": "import"})
    assert Job.objects.filter(kind="register.run_import").count() == 1
    work()
    assert Import.objects.filter(prepared=number).count() == 1
    assert client.post(f"/register/imports/sets/{number}/", {"then": "import"}).status_code == 302
    assert Job.objects.filter(kind="register.run_import").count() == 1


def test_what_changed_since_the_preview_is_previewed_again(client: Client, county: Path) -> None:
    number = hand_in(client, upload(households(county, household("9901"))))
    press(client, number, "preview")
    take(households(county, household("9905", person("990501")), name="andere.csv"))
    page = client.post(f"/register/imports/sets/{number}/", {"then": "import"}, follow=True).content.decode()
    assert "重新预览" in page
    assert not Import.objects.filter(prepared=number).exists()


def test_two_clerks_at_once(client: Client, user: User, county: Path) -> None:
    other = signed_in(clerk("other", "county", COUNTY))
    mine = hand_in(client, upload(households(county, household("9901"))))
    theirs = hand_in(other, upload(households(county, household("9902", person("990201")), name="b.csv")))
    for who, number in ((client, mine), (other, theirs)):
        press(who, number, "preview")
    for who, number in ((client, mine), (other, theirs)):
        who.post(f"/register/imports/sets/{number}/", {"then": "import"})
    work()
    assert Household.objects.count() == 2
    assert other.get(f"/register/imports/sets/{mine}/").status_code == 404
    assert other.post(f"/register/imports/sets/{mine}/files/", {}).status_code == 404
    assert other.get(f"/register/imports/sets/{mine}/progress/").status_code == 404


def test_a_worker_killed_half_way_leaves_nothing_and_the_next_does_it(
    client: Client, county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuopin.register.importing import services

    number = hand_in(client, upload(households(county, household("9901"))))
    press(client, number, "preview")
    client.post(f"/register/imports/sets/{number}/", {"then": "import"})
    row = jobs.claim("dead-worker")
    assert row is not None

    class Killed(BaseException):
        """As a kill: nothing catches it."""

    def killed(*_given: Any) -> None:
        raise Killed

    monkeypatch.setattr(services.audit, "record", killed)  # the last step of the transaction
    with pytest.raises(Killed):
        worker.attempt(row)
    monkeypatch.undo()
    assert not Household.objects.exists()
    assert not Import.objects.filter(prepared=number).exists()
    jobs.reap()
    work()
    assert Household.objects.count() == 1
    assert Import.objects.filter(prepared=number).count() == 1


def test_an_attempt_after_the_import_was_written_finds_it(client: Client, county: Path) -> None:
    number = hand_in(client, upload(households(county, household("9901"))))
    press(client, number, "preview")
    press(client, number, "import")
    record = Import.objects.get(prepared=number)
    Job.objects.filter(kind="register.run_import").update(state=Job.State.QUEUED)  # killed before it could say so
    work()
    job = Job.objects.get(kind="register.run_import")
    assert (job.state, job.result["href"]) == (Job.State.DONE, f"/register/imports/{record.pk}/")


# -- who may import what where ------------------------------------------------------------------------------------


def test_a_township_takes_its_own_part_of_the_countys_export(county: Path) -> None:
    actor = actor_for(clerk("east", "township", EAST))
    report = import_paths(actor, [two(county)])
    assert (report.rows["created"], report.rows["rejected"]) == (1, 1)
    assert list(Household.objects.values_list("code", flat=True)) == ["9901"]
    refused = RejectedRow.objects.get()
    assert (refused.reason, refused.subject, refused.cells) == ("outside_grants", "", [])
    assert report.rejected_households == []
    assert report.reject_workbooks == []
    assert Import.objects.get(pk=report.import_id).path == AreaVersion.objects.get(code="990101100201").path


def test_nothing_is_moved_out_of_another_township(county: Path) -> None:
    take(two(county, 脱贫属性="不认识"))
    issues = set(DataIssue.objects.filter(closed_at=None).values_list("code", "subject"))
    assert issues
    actor = actor_for(clerk("west", "township", WEST))
    stolen = households(
        county,
        household("9901", 镇="西乡", 村="丙村委会"),  # lives in the east now
        household("9907", person("990101", 姓名="张三"), 镇="西乡", 村="丙村委会"),  # lists a person of the east
        household("9908", person("990801"), 镇="西乡", 村="丙村委会"),
        day="2019-01-01",
        name="c.csv",
    )
    report = import_paths(actor, [stolen])
    assert (report.rows["created"], report.rows["rejected"]) == (1, 2)
    home = Residence.objects.get(household__code="9901", valid_to=None)
    assert home.area.versions.get(valid_to=None).name == "甲村委会"
    assert Membership.objects.get(person__code="990101", valid_to=None).household.code == "9901"
    assert issues <= set(DataIssue.objects.filter(closed_at=None).values_list("code", "subject"))
    county_clerk = actor_for(clerk("county", "county", COUNTY))
    assert import_paths(county_clerk, [stolen]).rows["rejected"] == 0


def test_other_workbooks_and_areas_keep_to_the_grants(county: Path) -> None:
    take(two(county))
    actor = actor_for(clerk("east", "township", EAST))
    checks = write(
        county / "核查.csv",
        [
            {"户编号": code, "是否不愁吃": "是", "是否不愁穿": "是", "核查日期": "2018-12-02"}
            for code in ("9901", "9902")
        ],
    )
    report = import_paths(actor, [checks])
    assert (report.rows["created"], report.rows["rejected"]) == (1, 1)
    assert HouseholdCheck.objects.get().household.code == "9901"
    villages = write(
        county / "村.csv",
        [
            {"县": "示范县", "镇": town, "村": name, "总户数": "3", "总人口数": "9"}
            for town, name in (("东乡", "甲村"), ("西乡", "丙村"))
        ],
    )
    report = import_paths(actor, [villages], as_of=HouseholdCheck.objects.get().as_of)
    assert (report.rows["created"], report.rows["rejected"]) == (1, 1)
    listed = [(code, f"{name}改" if level == "village" else name, level, parent) for code, name, level, parent in AREAS]
    listed += [("990101100299", "新村", "village", EAST), ("990101101299", "别村", "village", WEST)]
    renamed = write(
        county / "d.csv", (dict(zip(("code", "name", "level", "parent"), row, strict=True)) for row in listed)
    )
    report = import_paths(actor, [renamed])
    assert report.rows["rejected"] == 2
    names = set(AreaVersion.objects.filter(level="village", valid_to=None).values_list("name", flat=True))
    assert names == {"甲村委会改", "乙村委会改", "丙村委会", "新村"}


def test_a_waiting_row_does_not_wake_outside_its_importers_place(county: Path) -> None:
    actor = actor_for(clerk("east", "township", EAST))
    checks = write(
        county / "核查.csv",
        [
            {"户编号": code, "是否不愁吃": "是", "是否不愁穿": "是", "核查日期": "2018-12-02"}
            for code in ("9901", "9902")
        ],
    )
    assert import_paths(actor, [checks]).rows["waiting"] == 2
    take(two(county))
    assert HouseholdCheck.objects.get().household.code == "9901"
    assert WaitingRow.objects.get(applied_at=None).household_code == "9902"


def test_imports_are_seen_over_ones_own_place(county: Path) -> None:
    take(two(county))
    whole = Import.objects.latest("pk").pk
    east, west = clerk("east", "township", EAST), clerk("west", "township", WEST)
    own = import_paths(actor_for(east), [two(county, 工资性收入="1")]).import_id
    above = clerk("county", "county", COUNTY)
    helper = clerk("village", "village", "990101100201")
    seen = {
        user.username: {
            number: signed_in(user).get(f"/register/imports/{number}/").status_code for number in (whole, own)
        }
        for user in (east, west, above, helper)
    }
    assert seen == {
        "east": {whole: 404, own: 200},
        "west": {whole: 404, own: 404},
        "county": {whole: 200, own: 200},
        "village": {whole: 403, own: 403},
    }
    assert f"/register/imports/{own}/" not in shown(signed_in(west), "/register/imports/")
    assert signed_in(helper).get("/register/imports/new/").status_code == 403
    assert signed_in(west).post(f"/register/imports/{own}/undo/").status_code == 404


def test_a_common_place_is_made_of_whole_levels() -> None:
    assert common("0000000100000012", "0000000100000013") == "00000001"
    assert common("00000001", "0000000100000013") == "00000001"
    assert common("", "") == ""
    assert common("00000001", "00000002") == ""


def test_pages_ask_little(client: Client, county: Path, django_assert_max_num_queries: Any) -> None:
    number = hand_in(client, upload(households(county, household("9901"), household("9903", 村="无"))))
    press(client, number, "preview")
    with django_assert_max_num_queries(20):
        client.get(f"/register/imports/sets/{number}/")
    press(client, number, "import")
    record = Import.objects.get(prepared=number)
    for address in ("/register/imports/", f"/register/imports/{record.pk}/", "/register/imports/new/"):
        with django_assert_max_num_queries(20):
            client.get(address)


def test_what_was_never_imported_is_forgotten(client: Client, user: User, county: Path) -> None:
    import datetime

    number = hand_in(client, upload(households(county, household("9901"))))
    later = ImportSet.objects.get().created_at + datetime.timedelta(days=8)
    assert prepared.purge() == 0
    assert prepared.purge(later) == 1
    with pytest.raises(Missing):
        prepared.set_of(actor_for(user), number)

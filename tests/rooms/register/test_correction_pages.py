"""Pages of corrections, data issues, bulk edits and edited workbooks, as a clerk and as somebody hostile."""

from __future__ import annotations

import io
import re
import threading
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from county import areas, household, households, person, take, write
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import AuditEntry, User
from tuopin.platform.worker import work
from tuopin.register.correcting.services import Change, Why, correct
from tuopin.register.exporting import export_workbook
from tuopin.register.models import (
    AreaVersion,
    CorrectedValue,
    Correction,
    DataIssue,
    Draft,
    DraftLine,
    Household,
    HouseholdIncome,
    HouseholdLiving,
    IssueWaiver,
    Person,
    PersonCondition,
    PersonIdentity,
    VillageCondition,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


pytestmark = pytest.mark.django_db(transaction=True)

DAY = date(2018, 12, 1)
PASSWORD = "a-long-password-1"
WHY = {"as_of": "2018-12-01", "source": "by_hand", "reason": "入户核对"}
EAST, WEST = "990101100000", "990101101000"


@pytest.fixture
def county(tmp_path: Path) -> None:
    village = {"县": "示范县", "镇": "东乡", "村": "甲村委会", "总户数": "100", "总人口数": "400"}
    take(
        areas(tmp_path),
        households(
            tmp_path / "a",
            household("9901", person("990101"), person("990102", 姓名="张小", 与户主关系="之子")),
            household("9902", person("990201", 姓名="李四"), 户主姓名="李四", 工资性收入="一万多"),
            household("9903", person("990301", 姓名="王五", 证件号码="123"), 户主姓名="王五", 镇="西乡", 村="丙村委会"),
        ),
    )
    take(write(tmp_path / "村信息.csv", [village], titles=["导出时间：2018-12-01"]))


def user(name: str, role: str = "township", area: str = EAST, *classes: str) -> User:
    made, _password = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)
    place = AreaVersion.objects.get(code=area)
    accounts.grant(local_admin(), made, role, "area", place.area_id, field_classes=classes)
    return made


@pytest.fixture
def clerk(county: None) -> Client:
    client = Client()
    client.force_login(user("clerk"))
    return client


def the(code: str = "9901") -> int:
    return Household.objects.get(code=code).pk


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send of the form: inputs and chosen options, in the order of the page."""
    found = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    found |= dict(re.findall(r'<input id="[^"]+" name="([^"]+)" value="([^"]*)"', html))
    for name, options in re.findall(r'<select id="[^"]+" name="([^"]+)">(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


# -- the form -------------------------------------------------------------------------------------------------------


def test_a_form_sent_back_untouched_changes_nothing_and_one_value_changes_one(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    page = clerk.get(address)
    html = page.content.decode()
    assert page.status_code == 200
    sent = fields_of(html)
    answer = clerk.post(address, sent | WHY)
    assert answer.status_code == 400
    assert "没有任何改动" in answer.content.decode()
    assert not Correction.objects.exists()
    name = f"h{the()}-wage"
    answer = clerk.post(address, sent | WHY | {name: "1.3万元"})
    assert answer.status_code == 302
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_300_000
    line = CorrectedValue.objects.get()
    assert (line.field, line.old, line.new) == ("wage", "1200000", "1300000")
    html = clerk.get(address).content.decode()
    assert "更正 1 项" in html
    assert "入户核对" in html
    assert "撤销这次更正" in html


def test_closed_classes_are_neither_shown_nor_taken(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    html = clerk.get(address).content.decode()
    assert "resident_insurance" not in html
    assert PersonIdentity.objects.get(person__code="990101").id_number not in html
    key = Person.objects.get(code="990101").pk
    answer = clerk.post(address, fields_of(html) | WHY | {f"p{key}-resident_insurance": "否"})
    assert answer.status_code == 400
    assert not Correction.objects.exists()


def test_faults_are_named_at_their_field_and_nothing_is_written(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    sent = fields_of(clerk.get(address).content.decode())
    name = f"h{the()}"
    answer = clerk.post(address, sent | WHY | {f"{name}-wage": "约一万", f"{name}-house_area": "80"})
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "不是可读的数字" in html
    assert 'value="约一万"' in html
    assert 'value="80"' in html
    assert not Correction.objects.exists()
    assert clerk.post(address, sent | WHY | {"reason": "", f"{name}-wage": "1"}).status_code == 400
    assert clerk.post(address, sent | WHY | {"as_of": "2018-02-30", f"{name}-wage": "1"}).status_code == 400
    assert clerk.post(address, sent | WHY | {"source": "national_export", f"{name}-wage": "1"}).status_code == 400


def test_the_second_clerk_sees_both_values_and_decides(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    sent = fields_of(clerk.get(address).content.decode())
    correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], Why(DAY))
    name = f"h{the()}-wage"
    answer = clerk.post(address, sent | WHY | {name: "14000"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "local administrator" in html
    assert "13,000.00" in html
    assert "14,000.00" in html
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_300_000
    again = fields_of(html)
    assert f"{name}-now" in again
    kept = clerk.post(address, again | WHY | {name: "14000", f"{name}-decide": "theirs"})
    assert kept.status_code == 400  # nothing is left to change
    taken = clerk.post(address, again | WHY | {name: "14000", f"{name}-decide": "mine"})
    assert taken.status_code == 302
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_400_000


def test_versions_of_others_are_not_looked_into(clerk: Client) -> None:
    address = "/register/corrections/household/9901/"
    sent = fields_of(clerk.get(address).content.decode())
    theirs = HouseholdIncome.objects.get(household=the("9903")).pk
    answer = clerk.post(address, sent | WHY | {f"h{the()}-seen-household_income": str(theirs)})
    assert answer.status_code in {302, 400, 409}
    assert not Correction.objects.exists()


def test_undo_from_the_history(clerk: Client) -> None:
    act = correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], Why(DAY)).correction
    assert act is not None
    address = f"/register/corrections/{act.pk}/undo/"
    assert clerk.get(address).status_code == 405
    answer = clerk.post(address, {"next": "//evil.example/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/register/corrections/"
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_200_000
    west = correct(local_admin(), [Change("household", the("9903"), "wage", 1)], Why(DAY)).correction
    assert west is not None
    assert clerk.post(f"/register/corrections/{west.pk}/undo/").status_code == 404


def test_a_village_is_corrected(clerk: Client) -> None:
    address = "/register/corrections/village/990101100201/"
    sent = fields_of(clerk.get(address).content.decode())
    key = AreaVersion.objects.get(code="990101100201").area_id
    assert clerk.post(address, sent | WHY | {f"v{key}-population": "401人"}).status_code == 302
    assert VillageCondition.objects.get(superseded_at=None).population == 401
    assert clerk.get("/register/corrections/village/990101101201/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/register/corrections/household/9903/",
        "/register/corrections/household/none/",
        "/register/corrections/household/%00/",
        "/register/corrections/village/990101101201/",
        "/register/corrections/drafts/1/",
        "/register/issues/nonsense/correct/",
    ],
)
def test_outside_and_not_existing_look_alike(clerk: Client, address: str) -> None:
    assert clerk.get(address).status_code == 404
    assert clerk.post(address, WHY).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/register/corrections/", "/register/corrections/household/9901/", "/register/corrections/workbook/",
     "/register/corrections/bulk/households/", "/register/issues/bad_number/correct/"],
)  # fmt: skip
def test_who_may_only_look_may_not_correct(county: None, address: str) -> None:
    client = Client()
    client.force_login(user("viewer", "village", "990101100201"))
    assert client.get(address).status_code == 403
    assert client.post(address, WHY).status_code == 403
    assert client.get("/register/issues/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/register/corrections/household/9901/",
        "/register/corrections/village/990101100201/",
        "/register/corrections/",
        "/register/corrections/workbook/",
        "/register/corrections/bulk/households/",
        "/register/corrections/bulk/persons/",
        "/register/issues/",
        "/register/issues/list/",
        "/register/issues/bad_number/correct/",
    ],
)
def test_pages_ask_little(clerk: Client, address: str, django_assert_max_num_queries: Any) -> None:
    correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], Why(DAY))
    with django_assert_max_num_queries(20):
        assert clerk.get(address).status_code == 200


# -- issues -------------------------------------------------------------------------------------------------------


def test_counts_equal_the_lists_behind_them_and_stay_inside_the_grants(clerk: Client) -> None:
    html = clerk.get("/register/issues/").content.decode()
    rows = re.findall(r'href="(/register/issues/list/[^"]+waived=0)">([\d,]+)</a>', html)
    assert rows
    for address, count in rows:
        listed = clerk.get(address.replace("&amp;", "&")).content.decode()
        assert f"<strong>{count}</strong>" in listed, address
    assert "id_length" not in html, "of the other township"
    assert "金额" not in html


def test_issues_are_corrected_many_at_once_with_a_preview(clerk: Client) -> None:
    issue = DataIssue.objects.get(code="bad_number", closed_at=None)
    address = "/register/issues/bad_number/correct/"
    page = clerk.get(address).content.decode()
    assert f'name="v-{issue.pk}"' in page
    assert clerk.post(address, WHY | {"shown": str(issue.pk)}).status_code == 400
    for given in (
        {f"v-{issue.pk}": "10000"},
        {"i": str(issue.pk), "one": "10000"},
        {"column": "10000\r\n"},
        {"scope": "all", "one": "10000"},
    ):
        answer = clerk.post(address, WHY | {"shown": str(issue.pk)} | given)
        assert answer.status_code == 302, given
        draft = Draft.objects.order_by("-pk")[0]
        preview = clerk.get(answer["Location"]).content.decode()
        assert "10,000.00" in preview
        assert "影响判定" in preview
    done = clerk.post(f"/register/corrections/drafts/{draft.pk}/", {"do": "apply"})
    assert done.status_code == 302
    assert HouseholdIncome.objects.get(household=the("9902"), superseded_at=None).wage == 1_000_000
    issue.refresh_from_db()
    assert issue.closed_at is not None
    assert clerk.post(f"/register/corrections/drafts/{draft.pk}/", {"do": "apply"}).status_code == 400


def test_a_waiver_is_kept_listed_audited_and_ends_by_itself(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = DataIssue.objects.get(code="bad_number", closed_at=None)
    address = "/register/issues/bad_number/correct/"
    until = timezone.localdate() + timedelta(days=30)
    given = {"do": "waive", "i": str(issue.pk), "waiver_reason": "已核对原表", "until": until.isoformat()}
    assert clerk.post(address, given | {"until": "2001-01-01"}).status_code == 400
    assert clerk.post(address, given | {"waiver_reason": ""}).status_code == 400
    theirs = DataIssue.objects.get(code="id_length", closed_at=None)
    assert clerk.post(address, given | {"i": str(theirs.pk)}).status_code == 404
    assert clerk.post(address, given).status_code == 302
    assert IssueWaiver.objects.get().reason == "已核对原表"
    assert AuditEntry.objects.filter(action="register.waive_issues").count() == 1
    listed = "/register/issues/list/?code=bad_number&waived="
    assert "<strong>1</strong>" in clerk.get(listed + "1").content.decode()
    monkeypatch.setattr(timezone, "localdate", lambda *_a: until + timedelta(days=1))
    assert "<strong>1</strong>" in clerk.get(listed + "0").content.decode()
    monkeypatch.undo()
    assert clerk.post(address, {"do": "unwaive", "i": str(issue.pk)}).status_code == 302
    assert "<strong>1</strong>" in clerk.get(listed + "0").content.decode()


# -- bulk ---------------------------------------------------------------------------------------------------------


def test_a_list_is_corrected_in_bulk(clerk: Client) -> None:
    address = "/register/corrections/bulk/households/"
    assert "符合条件 2" in clerk.get(address).content.decode()
    given = WHY | {"field": "water_safe", "value": "否", "scope": "all"}
    answer = clerk.post(address, given)
    with CaptureQueriesContext(connection) as queries:
        preview = clerk.get(answer["Location"]).content.decode()
    assert len(queries) <= 20
    assert "<strong>2</strong>" in preview
    draft = Draft.objects.get()
    clerk.post(f"/register/corrections/drafts/{draft.pk}/", {"do": "apply"})
    assert set(HouseholdLiving.objects.filter(superseded_at=None, household__in=[the(), the("9902")]).values_list(
        "water_safe", flat=True)) == {False}  # fmt: skip
    west = HouseholdLiving.objects.get(superseded_at=None, household=the("9903"))
    assert west.water_safe is True
    for bad in (
        {"field": "resident_insurance"},
        {"field": "none"},
        {"value": ""},
        {"value": "也许"},
        {"scope": ""},
        {"scope": "ticked"},
        {"scope": "ticked", "i": str(the("9903"))},
        {"scope": "codes", "codes": "9903"},
        {"as_of": "2199-01-01"},
    ):
        assert clerk.post(address, given | bad).status_code in {302, 400}, bad
        assert not DraftLine.objects.filter(subject=the("9903")).exists()
    assert clerk.get(address + "?nonsense=1").status_code == 400


def test_drafts_are_their_owners_alone(clerk: Client) -> None:
    clerk.post("/register/corrections/bulk/households/", WHY | {"field": "wage", "value": "1", "scope": "all"})
    draft = Draft.objects.get()
    other = Client()
    other.force_login(user("other"))
    for what in ("apply", "drop", "decide"):
        assert other.post(f"/register/corrections/drafts/{draft.pk}/", {"do": what}).status_code == 404
    assert other.get(f"/register/corrections/drafts/{draft.pk}/").status_code == 404
    assert clerk.post(f"/register/corrections/drafts/{draft.pk}/", {"do": "drop"}).status_code == 302
    assert not DraftLine.objects.exists()


def test_a_draft_ends_with_a_grant_that_it_was_prepared_with(clerk: Client) -> None:
    """It quotes names and values; what remains of the grants may open none of them."""
    clerk.post("/register/corrections/bulk/households/", WHY | {"field": "wage", "value": "1", "scope": "all"})
    address = f"/register/corrections/drafts/{Draft.objects.get().pk}/"
    owner = User.objects.get(username="clerk")
    former = [each.pk for each in owner.grants.all()]
    accounts.grant(local_admin(), owner, "township", "area", AreaVersion.objects.get(code=WEST).area_id)
    clerk.force_login(owner)  # a change of grants has ended the session
    assert clerk.get(address).status_code == 200, "a further grant takes nothing away"
    owner.grants.filter(pk__in=former).update(valid_from=date(2018, 1, 1), valid_to=DAY)
    assert clerk.get(address).status_code == 404
    assert clerk.post(address, {"do": "apply"}).status_code == 404


def test_what_changed_after_the_preview_is_decided_not_overwritten(clerk: Client) -> None:
    clerk.post("/register/corrections/bulk/households/", WHY | {"field": "wage", "value": "1", "scope": "all"})
    draft = Draft.objects.get()
    correct(local_admin(), [Change("household", the(), "wage", 1_300_000)], Why(DAY))
    address = f"/register/corrections/drafts/{draft.pk}/"
    answer = clerk.post(address, {"do": "apply"})
    assert answer.status_code == 409
    assert "13,000.00" in answer.content.decode()
    assert HouseholdIncome.objects.filter(superseded_at=None, wage=100).count() == 0
    assert clerk.post(address, {"do": "apply"}).status_code == 400
    line = DraftLine.objects.get(fate="conflict")
    assert clerk.post(address, {"do": "look", "d-²": "mine"}).status_code == 302, "no number of a line"
    assert clerk.post(address, {"do": "apply", f"d-{line.number}": "theirs"}).status_code == 302
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_300_000
    assert HouseholdIncome.objects.get(household=the("9902"), superseded_at=None).wage == 100


# -- edited workbooks ---------------------------------------------------------------------------------------------


Edit = "Callable[[Any, dict[str, int]], None]"


def edited(path: Path, edit: Callable[[Any, dict[str, int]], None]) -> bytes:
    """The workbook as another program writes it after an edit; columns by header, rows from ``first``."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    header = next(row for row in sheet.iter_rows(max_row=10) if any(cell.value == "户编号" for cell in row))
    columns = {str(cell.value): cell.column for cell in header}
    edit(sheet, columns | {"first": header[0].row + 1})
    made = openpyxl.Workbook()  # another program: neither properties nor styles survive
    copy = made.active
    assert copy is not None
    for row in sheet.iter_rows(values_only=True):
        copy.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def hand_in(client: Client, content: bytes, **given: str) -> Any:
    file = SimpleUploadedFile("户人信息.xlsx", content)
    return client.post("/register/corrections/workbook/", {"file": file, "source": "by_hand", "reason": "改表"} | given)


def test_an_edited_workbook_makes_corrections_of_what_was_edited_alone(clerk: Client, tmp_path: Path) -> None:
    actor = actor_for(accounts.find_user("clerk"))
    export_workbook(actor, tmp_path / "out.xlsx", kind="household_person", on=DAY, area_code=EAST)
    # somebody else corrects two values meanwhile: one that is edited too, one that is not
    correct(
        local_admin(),
        [Change("household", the("9902"), "transfer", 7_700), Change("household", the(), "house_area", 9_900)],
        Why(DAY),
    )

    def edit(sheet: Any, at: dict[str, int]) -> None:
        first = at["first"]
        sheet.cell(first, at["工资性收入"]).value = "13000"  # on one of the household's two rows
        sheet.cell(first + 1, at["文化程度"]).value = "初中"
        sheet.cell(first + 2, at["转移性收入"]).value = "88"
        sheet.cell(first + 2, at["饮水是否安全"]).value = "也许"
        sheet.cell(first, at["脱贫属性"]).value = "未脱贫"

    answer = hand_in(clerk, edited(tmp_path / "out.xlsx", edit))
    assert answer.status_code == 302
    draft = Draft.objects.get()
    assert draft.as_of == DAY
    lines = {line.field: line for line in draft.lines.all()}
    assert {name: line.fate for name, line in lines.items()} == {
        "wage": "change", "education": "change", "transfer": "conflict", "water_safe": "error",
    }  # fmt: skip
    assert (lines["transfer"].base, lines["transfer"].theirs, lines["transfer"].mine) == ("0", "7700", "8800")
    assert draft.note["ignored"] == "脱贫属性"
    page = clerk.get(answer["Location"]).content.decode()
    assert "77.00" in page
    address = f"/register/corrections/drafts/{draft.pk}/"
    clerk.post(address, {"do": "all-mine"})
    assert clerk.post(address, {"do": "apply"}).status_code == 302
    assert HouseholdIncome.objects.get(household=the(), superseded_at=None).wage == 1_300_000
    assert HouseholdIncome.objects.get(household=the("9902"), superseded_at=None).transfer == 8_800
    assert HouseholdLiving.objects.get(household=the(), superseded_at=None).house_area == 9_900
    assert PersonCondition.objects.get(person__code="990102", superseded_at=None).education == "junior"
    again = hand_in(clerk, edited(tmp_path / "out.xlsx", edit))
    assert again.status_code == 302
    assert set(Draft.objects.order_by("-pk")[0].lines.values_list("fate", flat=True)) == {"nothing", "error"}


def test_deleted_and_added_rows_change_nothing_and_are_reported(clerk: Client, tmp_path: Path) -> None:
    export_workbook(local_admin(), tmp_path / "out.xlsx", kind="household_person", on=DAY, area_code=EAST)

    def edit(sheet: Any, at: dict[str, int]) -> None:
        new = [cell.value for cell in sheet[at["first"]]]
        new[at["人编号"] - 1] = "990199"
        sheet.delete_rows(at["first"] + 1)
        sheet.append(new)

    hand_in(clerk, edited(tmp_path / "out.xlsx", edit))
    draft = Draft.objects.get()
    assert (draft.note["missing"], draft.note["added"]) == (1, 1)
    assert not draft.lines.exists()
    page = clerk.get(f"/register/corrections/drafts/{draft.pk}/").content.decode()
    assert "删去的 1 行" in page
    assert clerk.post(f"/register/corrections/drafts/{draft.pk}/", {"do": "apply"}).status_code == 400


def test_an_untouched_workbook_says_nothing(clerk: Client, tmp_path: Path) -> None:
    export_workbook(local_admin(), tmp_path / "out.xlsx", kind="household_person", on=DAY)
    hand_in(clerk, (tmp_path / "out.xlsx").read_bytes())
    assert not Draft.objects.get().lines.exists()
    assert set(Draft.objects.get().note) == {"basis"}, "nothing was missing, added or ignored"


def test_rows_of_others_in_a_workbook_are_refused_line_by_line(clerk: Client, tmp_path: Path) -> None:
    export_workbook(local_admin(), tmp_path / "out.xlsx", kind="household_person", on=DAY)

    def edit(sheet: Any, at: dict[str, int]) -> None:
        for row in range(at["first"], sheet.max_row + 1):
            sheet.cell(row, at["工资性收入"]).value = "1"

    hand_in(clerk, edited(tmp_path / "out.xlsx", edit))
    fates = dict(Draft.objects.get().lines.values_list("code", "fate"))
    assert fates["9901"] == "change"
    assert "9903" not in fates
    wrong = Draft.objects.get().lines.get(fate="error")
    assert (wrong.error, wrong.theirs, wrong.subject) == ("no_such_subject", "null", None)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"a,b\n1,2\n", "户编号,姓名\n1,2\n".encode() * 3])
def test_files_that_are_no_export_are_refused_in_words(clerk: Client, content: bytes) -> None:
    answer = hand_in(clerk, content)
    assert answer.status_code in {400, 404}
    assert "problem" in answer.content.decode()
    assert not Draft.objects.exists()


def test_an_export_imported_again_is_still_unchanged(county: None, tmp_path: Path) -> None:
    export_workbook(local_admin(), tmp_path / "户人信息.xlsx", kind="household_person", on=DAY)
    report = take(tmp_path / "户人信息.xlsx")
    assert report.rows["updated"] == report.rows["created"] == 0


# -- many ---------------------------------------------------------------------------------------------------------


def test_twenty_thousand_rows_go_by_a_job(county: None, tmp_path: Path) -> None:
    rows = [
        row
        for at in range(20_000)
        for row in household(f"80{at:06d}", person(f"81{at:06d}", 证件号码=""), 户主姓名="赵")
    ]
    take(write(tmp_path / "many" / "户人信息.csv", rows, titles=["导出时间：2018-12-01"]))
    client = Client()
    client.force_login(user("clerk"))
    address = "/register/corrections/bulk/households/"
    given = WHY | {"field": "house_area", "value": "80", "scope": "all"}
    assert client.post(address, given).status_code == 400, "two more than the limit"
    answer = client.post(address + "?code=80", given)
    assert answer.status_code == 302
    draft = Draft.objects.get()
    assert draft.lines.count() == 20_000
    assert client.get(answer["Location"]).status_code == 200
    job = client.post(answer["Location"], {"do": "apply"})
    assert job["Location"].startswith("/jobs/")
    work(threading.Event(), until_empty=True)
    draft.refresh_from_db()
    assert draft.state == "applied"
    assert HouseholdLiving.objects.filter(superseded_at=None, house_area=8000).count() == 20_000
    assert CorrectedValue.objects.filter(state="open").count() == 20_000
    assert client.get("/register/corrections/").status_code == 200

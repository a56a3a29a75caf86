"""An exported workbook that comes back edited, and files that are none."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from county import take
from rooms.register.correcting.steps import DAY, EAST, the
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.register.correcting.services import Change, Why, correct
from tuopin.register.exporting import export_workbook
from tuopin.register.models import (
    Draft,
    HouseholdIncome,
    HouseholdLiving,
    PersonCondition,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


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

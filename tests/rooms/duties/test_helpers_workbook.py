"""The helpers' workbook and officials: whose the rows are, what was ended here stays ended, what can be undone."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, person, take, write
from tuopin.duties.assigning import services as assigning
from tuopin.duties.helpers import accounts as helper_accounts
from tuopin.duties.models import Assignment, Official, OfficialName
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import AreaVersion, Import

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    take(areas(tmp_path), households(tmp_path, *(household(f"99{at:02}", person(f"99{at:02}01")) for at in range(3))))
    return tmp_path


def helpers(folder: Path, *rows: tuple[str, str, str, str], day: str = "2018-12-01", name: str = "帮.csv") -> Path:
    """Rows of household, name, unit and telephone, all since 2018-01-01."""
    titles = ("户编号", "帮扶人姓名", "单位名称", "联系电话")
    cells = ({**dict(zip(titles, row, strict=True)), "帮扶开始时间": "2018-01-01"} for row in rows)
    return write(folder / name, cells, titles=[f"导出时间：{day}"])


def held() -> dict[str, tuple[str, int]]:
    rows = Assignment.objects.order_by("pk").values_list("household__code", "name", "official_id")
    return {code: (name, official) for code, name, official in rows}


def test_the_same_three_are_one_official_and_a_changed_telephone_too(folder: Path) -> None:
    rows = [("9900", "李干部", "财政局", "1"), ("9901", "李干部", "财政局", "1"), ("9902", "李干部", "水利局", "2")]
    take(helpers(folder, *rows))
    before = held()
    assert before["9900"][1] == before["9901"][1] != before["9902"][1]
    changed = [("9900", "李干部", "财政局", "138"), ("9901", "李干部", "财政局", "138"), rows[2]]
    take(helpers(folder, *changed, day="2019-01-01", name="新.csv"))
    assert held() == before
    assert set(Assignment.objects.values_list("phone", flat=True)) == {"138", "2"}
    assert (Official.objects.count(), OfficialName.objects.count()) == (2, 3)
    assert helper_accounts.people()[1] == [], "nothing is in doubt: the term says who it is"


def test_what_was_ended_here_no_export_opens_again(folder: Path) -> None:
    rows = [("9900", "李干部", "财政局", "1"), ("9901", "李干部", "财政局", "1")]
    take(helpers(folder, *rows))
    area = AreaVersion.objects.get(level="county").area_id
    [other] = officials.add_officials(local_admin(), [("王干部", "水利局", "2")], area_id=area, day=DAY)
    old = Assignment.objects.get(household__code="9900")
    assigning.hand_over(local_admin(), {old.pk: other}, day=DAY)
    take(helpers(folder, *rows, day="2019-01-01", name="新.csv"))
    live = Assignment.objects.filter(household__code="9900").order_by("pk").values_list("name", "role", "valid_to")
    assert list(live) == [("李干部", "helper", DAY), ("王干部", "helper", None)]


def test_an_export_writes_what_was_assigned_here(folder: Path) -> None:
    from openpyxl import load_workbook

    area = AreaVersion.objects.get(level="county").area_id
    [who] = officials.add_officials(local_admin(), [("王干部", "水利局", "2")], area_id=area, day=DAY)
    home = household_id("9900")
    assigning.begin(local_admin(), {home: who}, role="helper", day=DAY)
    office = organisations.found_organisation(local_admin(), "县委", "party_committee", area_id=area, day=DAY)
    post = organisations.add_post(local_admin(), office, "副书记", day=DAY, level="county")
    officials.appoint(local_admin(), who, post, day=DAY)
    assigning.begin(local_admin(), {home: who}, role="watcher", day=DAY)
    target = folder / "out.xlsx"
    assert export_workbook(local_admin(), target, kind="helper", on=DAY) == 1
    cells = [cell for row in load_workbook(target).active.iter_rows(values_only=True) for cell in row]
    assert {"9900", "王干部", "水利局"} <= set(cells)


def household_id(code: str) -> int:
    from tuopin.register.models import Household

    return Household.objects.get(code=code).pk


def test_undoing_takes_officials_back_unless_they_have_accounts(folder: Path) -> None:
    take(helpers(folder, ("9900", "李干部", "财政局", "1")))
    undo_import(local_admin(), Import.objects.latest("pk").pk)
    assert not Official.objects.exists()
    take(helpers(folder, ("9900", "李干部", "财政局", "1")))
    helper_accounts.make(local_admin())
    with pytest.raises(Problem) as raised:
        undo_import(local_admin(), Import.objects.latest("pk").pk)
    assert "账号" in raised.value.zh
    assert Official.objects.count() == 1

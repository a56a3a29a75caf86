"""The pages of the rectification ledger: colours, sums, pace, “件件有落实”, nodes; who sees what."""

from __future__ import annotations

import csv
import datetime
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from people import signed_in
from rooms.orders.office import Offices, at
from tuopin.core.language.catalogue import Title
from tuopin.orders import nodes as own_nodes
from tuopin.orders import panels
from tuopin.orders.ledger import colours, report, selectors
from tuopin.orders.models import Matter
from tuopin.platform import nodes
from tuopin.platform.access import local_admin
from tuopin.platform.models import User
from tuopin.register.importing.services import import_paths
from tuopin.register.models import Import

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)
HEADS = ["序号", "问题来源", "存在问题", "县", "责任单位", "病根", "整改措施", "整改时限", "整改进展", "佐证材料",
         "验收人", "销号时间", "回头看结果"]  # fmt: skip


def days(count: int) -> str:
    return (timezone.localdate() + datetime.timedelta(days=count)).isoformat()


@pytest.fixture
def city(tmp_path: Path) -> Offices:
    made = Offices()
    for area, name in ((made.county, "宁县"), (made.other, "睢县")):
        area.name = name
        area.save()
    rows = [
        ["1", "省委巡视", "甲：三名学生未在校", "宁县", "县教育局", "控辍责任不清", "逐人劝返", days(-3), "已劝返两名",
         "", "", "", ""],
        ["2", "审计", "乙：补助未发", "宁县", "县教育局", "", "", days(10), "", "", "", "", ""],
        ["3", "审计", "丙：档案不全", "宁县", "县教育局", "", "", days(11), "", "", "", "", ""],
        ["4", "审计", "丁：<script>alert(1)</script>", "宁县", "县教育局", "", "", days(21), "", "", "", "", ""],
        ["5", "暗访", "戊：危房未改", "宁县", "县政府", "", "", days(-40), "已改造", "验收表", "赵主任", days(-5),
         "属实"],
        ["6", "暗访", "己：外县的问题", "睢县", "邻县教育局", "", "", days(-3), "", "", "", "", ""],
        ["7", "暗访", "庚：没有时限", "宁县", "县教育局", "", "", "", "", "", "", "", ""],
    ]  # fmt: skip
    path = tmp_path / "台账.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADS, *rows])
    import_paths(local_admin(), [path], as_of=timezone.localdate())
    return made


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


def test_a_colour_is_the_same_by_row_and_by_statement(city: Offices) -> None:
    now = timezone.now()
    rows = list(selectors.problems(local_admin()))
    for key in colours.COLOURS:
        by_row = {row.label for row in rows if colours.of(row.state, row.limit_at, now) == key}
        by_statement = set(
            selectors.problems(local_admin()).filter(colours.within(key, now)).values_list("label", flat=True)
        )
        assert by_row == by_statement
    found = {row.label: colours.of(row.state, row.limit_at, now) for row in rows}
    assert found == {
        "1": "late", "2": "ten", "3": "twenty", "4": "later", "5": "closed", "6": "late", "7": "undated",
    }  # fmt: skip


def test_sums_say_who_holds_what_is_left(city: Offices) -> None:
    now = timezone.now()
    whole = selectors.whole(local_admin(), city.city, now)
    assert (whole.line.left, whole.line.total, whole.closed, whole.opened) == (6, 7, 1, 0)
    assert whole.zero.day is not None
    assert whole.zero.earliest is not None
    assert whole.zero.earliest < whole.zero.day
    assert whole.zero.latest is None, "one closing says little"
    by_area = {each.title.zh: each.left for each in selectors.lines(local_admin(), city.city, "area", now)}
    assert by_area == {"宁县": 5, "睢县": 1}
    by_unit = {each.title.zh: each.left for each in selectors.lines(local_admin(), city.city, "unit", now)}
    assert by_unit == {"县教育局": 5, "县政府": 0, "邻县教育局": 1}


def test_the_page_stays_within_the_county(city: Offices, django_assert_max_num_queries: object) -> None:
    client = signed_in(city.user())
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        shown = text(client, f"/orders/ledger/?area={city.county.code}")
    assert "甲：三名学生未在校" in shown
    assert "逐人劝返" in shown
    assert "己：外县的问题" not in shown
    assert "邻县" not in shown
    assert "<script>alert(1)" not in shown
    for by in ("source", "unit", "area", "%00"):
        sums = text(client, f"/orders/ledger/sums/?area={city.county.code}&by={by}")
        assert "邻县" not in sums
        assert "睢县" not in sums
    assert "县教育局" in text(client, f"/orders/ledger/sums/?area={city.county.code}&by=unit")
    late = text(client, f"/orders/ledger/?area={city.county.code}&colour=late")
    assert "甲：三名学生未在校" in late
    assert "乙：补助未发" not in late
    assert client.get(f"/orders/ledger/?area={city.other.code}").status_code == 404
    assert client.get(f"/orders/ledger/report/?area={city.other.code}").status_code == 404
    assert client.get(f"/orders/ledger/report/pdf/?area={city.other.code}").status_code == 404


def test_the_report_tells_of_each_problem(city: Offices, django_assert_max_num_queries: object) -> None:
    client = signed_in(city.user())
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        shown = text(client, f"/orders/ledger/report/?area={city.county.code}")
    for said in ("控辍责任不清", "已劝返两名", "验收表", "赵主任", "属实", "未填"):
        assert said in shown
    assert "己：外县" not in shown
    only = text(client, f"/orders/ledger/report/?area={city.county.code}&colour=closed&source=unannounced")
    assert "戊：危房未改" in only
    assert "乙：补助未发" not in only
    for odd in ("&from=-1", "&from=9999999999999999999999", "&from=abc", "&colour=%00", "&source=x"):
        assert client.get(f"/orders/ledger/report/?area={city.county.code}{odd}").status_code in {200, 400, 404}


def test_what_was_done_here_stands_in_the_report(city: Offices) -> None:
    row = Matter.objects.get(label="2")
    now = timezone.now()
    city.act(local_admin(), "receive", row, now)
    city.act(local_admin(), "done", row, now, note="补发到位", reference="发放表第3页")
    row.refresh_from_db()
    [told] = report.settled(local_admin(), [row], now)
    assert (told.done, told.evidence, told.colour) == ("补发到位", "发放表第3页", "checking")
    assert told.unit == "县教育局"


def test_a_print_is_a_pdf_and_bounded(city: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(city.user())
    answer = client.get(f"/orders/ledger/report/pdf/?area={city.county.code}")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert "attachment" in answer["Content-Disposition"]
    monkeypatch.setattr(report, "MOST", 2)
    assert client.get(f"/orders/ledger/report/pdf/?area={city.county.code}").status_code == 400


def test_nodes_count_what_is_left(city: Offices) -> None:
    day = timezone.localdate()
    wanted = {
        key: nodes.Target(key, day, Title("", ""), Title("", ""), "", room="orders")
        for key in ("inspection_rectified", "problems_cleared")
    }
    below = [city.county, city.other]
    found = {key: own_nodes.nodes_left(local_admin(), city.city, below, each) for key, each in wanted.items()}
    inspected, every = found["inspection_rectified"], found["problems_cleared"]
    assert inspected is not None
    assert every is not None
    assert (inspected.sure, inspected.total) == (1, 1)
    assert (every.sure, every.total) == (6, 7)
    assert dict(every.below) == {city.county.area_id: (5, 0), city.other.area_id: (1, 0)}
    clerk = city.clerk()
    assert own_nodes.nodes_left(clerk, city.other, [], wanted["problems_cleared"]) is None


def test_a_native_problem_stands_in_the_ledger_once_issued(city: Offices) -> None:
    row = city.issued(at(datetime.date(2018, 6, 11)))
    assert row.pk in set(selectors.problems(local_admin()).values_list("pk", flat=True))


def test_a_native_problem_bears_the_number_that_it_is_known_by(city: Offices) -> None:
    """Whatever number its writer gave it: an import knows it by the product's own, which list and report show too."""
    row = city.issued(at(datetime.date(2018, 6, 11)), label="市3")
    page = signed_in(city.user()).get("/orders/ledger/", {"area": city.county.code}).content.decode()
    assert f"系统{row.pk}" in page
    assert "市3" not in page
    assert [each.number for each in report.settled(local_admin(), [row], timezone.now())] == [f"系统{row.pk}"]


def test_from_the_ledger_to_an_import_and_back(city: Offices) -> None:
    city.actor("clerk", "county", "area", city.county.area_id)
    clerk, new = signed_in(User.objects.get(username="clerk")), reverse("register:new_import")
    ledger = reverse("orders:ledger", query={"area": city.county.code})
    assert f'href="{new}"' in text(clerk, ledger)
    city.actor("auditor", "auditor", "area", city.county.area_id)
    assert f'href="{new}"' not in text(signed_in(User.objects.get(username="auditor")), ledger)
    record = Import.objects.get()
    [link] = panels.after_import(local_admin(), record)
    assert link.href == reverse("orders:ledger")
    Import.objects.update(undone_at=timezone.now())
    assert panels.after_import(local_admin(), Import.objects.get()) == []
    record.sheets.update(kind="household")
    assert panels.after_import(local_admin(), record) == []


def test_where_more_come_than_are_closed_no_day_of_zero_is_promised(city: Offices) -> None:
    browser = signed_in(User.objects.get(pk=city.city_office().user_id))
    ledger = reverse("orders:ledger", query={"area": city.county.code})
    assert "照此进度清零：" in text(browser, ledger)
    for _each in range(2):
        city.issued(timezone.now())
    assert "新增不少于销号，照此进度不会清零" in text(browser, ledger)

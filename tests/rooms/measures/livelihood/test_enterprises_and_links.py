"""Enterprises and links taken in: who is the same, what is a new version, what goes back, what rules then know."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone

from county import AREAS, household, households, person, take, write
from people import account
from rooms.measures.livelihood.lists import credit, dividend, enterprise, link, sheet
from tuopin.measures.livelihood import services
from tuopin.measures.models import Dividend, Enterprise, EnterpriseLink, EnterpriseRisk, EnterpriseVersion
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.problems import Missing
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import DataIssue, RejectedRow, WaitingRow

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("register")]


def enterprises(folder: Path, *rows: dict[str, str], day: str = "2018-12-01") -> None:
    take(sheet(folder / "主体.csv", *rows, title="带贫主体名册", day=day))


def links(folder: Path, *rows: dict[str, str], day: str = "2018-12-01") -> int:
    report = take(sheet(folder / "联结.csv", *rows, title="带贫联结台账", day=day))
    assert report.import_id is not None
    return report.import_id


def standing() -> list[tuple[str, str, str, str, int | None]]:
    found = EnterpriseLink.objects.filter(superseded_at=None).order_by("pk")
    return [(row.household.code, row.form, str(row.valid_from), str(row.valid_to), row.agreed) for row in found]


def refused() -> list[str]:
    return sorted(RejectedRow.objects.values_list("reason", flat=True))


def channels(household: str) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CAST(as_of AS text), income_channels FROM measures_household_channels WHERE household_id = "
            "(SELECT id FROM register_household WHERE code = %s) ORDER BY 1",
            [household],
        )
        return cursor.fetchall()


def leading() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(as_of AS text), leading_enterprises FROM measures_county_enterprises ORDER BY 1")
        return cursor.fetchall()


def test_enterprises_are_found_again_by_code_or_by_name_in_the_county(tmp_path: Path) -> None:
    enterprises(
        tmp_path / "a", enterprise(), enterprise("大业公司", 主体类型="龙头企业", 统一社会信用代码=credit(1), 村="")
    )
    enterprises(tmp_path / "b", enterprise(统一社会信用代码=credit(2)), enterprise("大业集团", 主体类型="龙头企业",
                统一社会信用代码=credit(1), 村=""), day="2018-12-10")  # fmt: skip
    assert Enterprise.objects.count() == 2
    newest = EnterpriseVersion.objects.filter(as_of=date(2018, 12, 10)).order_by("enterprise_id")
    assert [(row.name, row.credit_code, row.kind) for row in newest] == [
        ("丰收合作社", credit(2), "cooperative"), ("大业集团", credit(1), "leading"),
    ]  # fmt: skip
    assert EnterpriseVersion.objects.count() == 4


def test_the_same_list_again_writes_nothing(tmp_path: Path) -> None:
    for day in ("2018-12-01", "2018-12-05"):
        enterprises(tmp_path / day, enterprise(经营状况="正常"), day=day)
    assert (EnterpriseVersion.objects.count(), EnterpriseRisk.objects.count()) == (1, 1)


def test_enterprises_that_cannot_be_taken_go_back_with_a_reason(tmp_path: Path) -> None:
    enterprises(
        tmp_path,
        enterprise("甲", 统一社会信用代码="91350100M000100Y44"),
        enterprise("乙", 主体类型="神秘组织"),
        enterprise("丙", 村="火星村"),
        enterprise("丁"),
        enterprise("丁"),
        enterprise("戊", 经营状况="停产", 认定日期="2019-05-01"),
    )
    assert refused() == [
        "enterprise_code_wrong", "enterprise_kind_unknown", "enterprise_place_unknown", "enterprise_twice",
        "risk_in_future",
    ]  # fmt: skip
    assert sorted(EnterpriseVersion.objects.values_list("name", flat=True)) == ["丁", "戊"]


def test_links_are_taken_once_and_ended_by_a_later_list(tmp_path: Path) -> None:
    enterprises(tmp_path, enterprise())
    links(tmp_path / "a", link(合同到期日=""))
    links(tmp_path / "b", link(合同到期日=""))
    assert EnterpriseLink.objects.count() == 1
    links(tmp_path / "c", link(合同到期日="2018-11-30"))
    assert standing() == [("9901", "shares", "2018-01-01", "2018-12-01", 120_000)]
    assert EnterpriseLink.objects.count() == 2


def test_a_link_without_a_first_day_is_the_one_that_stands(tmp_path: Path) -> None:
    enterprises(tmp_path, enterprise())
    links(tmp_path / "a", link(开始日期="", 合同到期日=""))
    links(tmp_path / "b", link(开始日期="", 合同到期日="", **{"约定年收益（元）": "1500"}), day="2019-02-01")
    assert standing() == [("9901", "shares", "2018-12-01", "None", 150_000)]
    assert not EnterpriseLink.objects.get(superseded_at=None).since_known


def test_the_same_household_twice_is_refused_with_a_reason(tmp_path: Path) -> None:
    enterprises(tmp_path, enterprise())
    short = {"合同到期日": "2019-03-31"}
    links(tmp_path / "a", link(**short), link(**short), link(开始日期="2018-06-01"), link(联结方式="订单"))
    assert refused() == ["link_overlaps", "link_twice"]
    assert [form for _code, form, *_rest in standing()] == ["shares", "orders"]
    links(tmp_path / "b", link(开始日期="2019-01-01", 合同到期日=""), link(开始日期="2019-06-01", 合同到期日=""))
    assert refused() == ["link_overlaps", "link_overlaps", "link_twice"]
    assert [since for _code, _form, since, *_rest in standing()] == ["2018-01-01", "2018-01-01", "2019-06-01"]
    found = DataIssue.objects.filter(kind="enterprise_link", closed_at=None)
    assert set(found.values_list("code", "subject")) == {("link_overlaps", "9901"), ("link_twice", "9901")}


def test_links_that_name_nobody_or_nothing_known_go_back_and_those_of_others_wait(tmp_path: Path) -> None:
    enterprises(tmp_path, enterprise())
    links(
        tmp_path / "a",
        link(name="无名公司"),
        link(联结方式="友谊"),
        link(开始日期="2018-06-01", 合同到期日="2018-05-01"),
        link(开始日期="1918-06-01", 合同到期日=""),
        link("9999"),
    )
    assert refused() == ["day_out_of_range", "ends_before_start", "enterprise_unknown", "link_form_unknown"]
    assert (standing(), WaitingRow.objects.get().household_code) == ([], "9999")


def test_undoing_takes_exactly_the_list_back(tmp_path: Path) -> None:
    enterprises(tmp_path, enterprise())
    links(tmp_path / "a", link(合同到期日=""))
    before = standing()
    made = links(tmp_path / "b", link(合同到期日="2018-11-30"), link("9902", 联结方式="土地流转"))
    undo_import(local_admin(), made)
    assert standing() == before
    assert EnterpriseLink.objects.count() == 1


def test_what_a_person_entered_stays_and_is_reported(tmp_path: Path) -> None:
    enterprises(tmp_path, enterprise())
    links(tmp_path / "a", link(合同到期日=""))
    EnterpriseLink.objects.update(by_hand=True)
    links(tmp_path / "b", link(合同到期日="2018-11-30"))
    assert standing() == [("9901", "shares", "2018-01-01", "None", 120_000)]
    assert list(DataIssue.objects.filter(kind="enterprise_link").values_list("code", flat=True)) == ["kept_by_hand"]


def test_dividends_need_their_link_and_are_paid_by_a_later_list(tmp_path: Path) -> None:
    enterprises(tmp_path, enterprise())
    links(tmp_path / "a", link())
    take(sheet(tmp_path / "b" / "分红.csv", dividend(), dividend("9902"), dividend(), title="分红"))
    paid = {"实际分红日期": "2018-12-20", "实际分红金额（元）": "1100"}
    take(sheet(tmp_path / "c" / "分红.csv", dividend(**paid), title="分红", day="2018-12-31"))
    assert refused() == ["dividend_twice", "dividend_without_link"]
    row = Dividend.objects.get(superseded_at=None)
    assert (row.due, row.paid, row.paid_on, row.due_on) == (120_000, 110_000, date(2018, 12, 20), date(2018, 10, 31))


def test_channels_follow_links_and_the_fate_of_the_enterprise(tmp_path: Path) -> None:
    enterprises(tmp_path / "a", enterprise(主体类型="龙头企业"))
    links(tmp_path / "a", link(), link(联结方式="土地流转", 开始日期="2018-05-01", 合同到期日=""))
    assert channels("9901") == [("2018-01-01", 1), ("2018-05-01", 2), ("2021-01-01", 1)]
    assert channels("9902") == []
    assert leading() == [("2018-01-01", 0), ("2018-05-01", 0), ("2018-12-01", 1), ("2021-01-01", 1)]
    enterprises(tmp_path / "b", enterprise(主体类型="龙头企业", 经营状况="停产", 认定日期="2018-09-01"))
    assert channels("9901") == [("2018-01-01", 1), ("2018-05-01", 2), ("2018-09-01", 0), ("2021-01-01", 0)]
    assert [count for day, count in leading() if day >= "2018-09-01"] == [0, 0, 0]


def test_two_counties_may_have_an_enterprise_of_one_name(tmp_path: Path) -> None:
    other = (
        ("990102000000", "邻县", "county", "990100000000"),
        ("990102100000", "南乡", "township", "990102000000"),
        ("990102100201", "丁村委会", "village", "990102100000"),
    )
    rows = [*AREAS, *other]
    columns = ("code", "name", "level", "parent")
    take(write(tmp_path / "n" / "divisions.csv", (dict(zip(columns, row, strict=True)) for row in rows)))
    there = household("9911", person("991101", 姓名="赵六"), 县="邻县", 镇="南乡", 村="丁村委会")
    both = [enterprise(), enterprise(县="邻县", 乡镇="南乡", 村="丁村")]
    listed = [
        sheet(tmp_path / "主体.csv", *both, title="带贫主体名册"),
        sheet(tmp_path / "联结.csv", link(), link("9911"), title="带贫联结台账"),
    ]
    take(households(tmp_path / "n", there), *listed)
    assert (refused(), Enterprise.objects.count()) == ([], 2)
    named = {row.household.code: row.enterprise_id for row in EnterpriseLink.objects.all()}
    areas = dict(EnterpriseVersion.objects.values_list("enterprise_id", "area__versions__code"))
    assert {code: areas[key] for code, key in named.items()} == {"9901": "990101100201", "9911": "990102100201"}
    take(*listed)
    assert (refused(), EnterpriseLink.objects.count(), EnterpriseVersion.objects.count()) == ([], 2, 2)


def test_a_code_alone_draws_no_enterprise_out_of_another_township(tmp_path: Path) -> None:
    enterprises(tmp_path / "a", enterprise(统一社会信用代码=credit(1)))
    west = actor_for(account("west", "township", "990101101000"))
    mine = sheet(
        tmp_path / "b" / "主体.csv",
        enterprise(统一社会信用代码=credit(1), 乡镇="西乡", 村="丙村"),
        title="带贫主体名册",
    )
    import_paths(west, [mine])
    assert (refused(), EnterpriseVersion.objects.count()) == (["outside_grants"], 1)


def test_links_that_ended_are_written_out_and_come_in_again(tmp_path: Path) -> None:
    enterprises(tmp_path / "a", enterprise())
    links(tmp_path / "a", link(合同到期日="2018-06-30"), link(开始日期="2018-08-01", 合同到期日=""))
    links(tmp_path / "b", link(联结方式="订单", 开始日期="", 合同到期日="2018-03-31"))
    take(sheet(tmp_path / "c" / "分红.csv", dividend(), title="分红"))
    before = standing()
    assert ("9901", "orders", "2018-03-31", "2018-04-01", 120_000) in before  # known of its last day alone
    for kind, rows in (("enterprise_link", 3), ("dividend", 1)):
        assert export_workbook(local_admin(), tmp_path / f"{kind}.xlsx", kind=kind, on=date(2018, 12, 1)) == rows
    take(tmp_path / "enterprise_link.xlsx", tmp_path / "dividend.xlsx")
    assert (standing(), refused(), EnterpriseLink.objects.count()) == (before, [], 3)
    Dividend.objects.all().delete()
    EnterpriseLink.objects.all().delete()  # as where it was never taken in
    take(tmp_path / "enterprise_link.xlsx", tmp_path / "dividend.xlsx")
    assert sorted(standing()) == sorted(before)
    assert (Dividend.objects.count(), refused()) == (1, [])


def test_whoever_ends_a_link_ends_what_stands_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    enterprises(tmp_path / "a", enterprise())
    links(tmp_path / "a", link(合同到期日=""))
    number = EnterpriseLink.objects.get().pk
    real, waited = services.hold_data, []

    def after_somebody_else() -> None:
        """Another office says something of the link before the lock is ours."""
        if not waited:
            waited.append(True)
            EnterpriseLink.objects.filter(pk=number).update(superseded_at=timezone.now())
        real()

    monkeypatch.setattr(services, "hold_data", after_somebody_else)
    with pytest.raises(Missing):
        services.end_rows(local_admin(), EnterpriseLink, [number], date(2018, 11, 30))
    assert [row[3] for row in standing()] == ["None"]

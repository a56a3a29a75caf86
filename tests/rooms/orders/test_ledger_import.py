"""The rectification ledger as a workbook: taken in, taken in again, written out, taken back; what it may not do."""

from __future__ import annotations

import csv
import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from rooms.orders.office import Offices
from tuopin.orders import services
from tuopin.orders.changes import Given
from tuopin.orders.clock.tick import tick
from tuopin.orders.models import LeadProposal, LedgerEntry, Matter, MatterEvent, MatterSubject, MatterText, MatterUnit
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import DataIssue, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor
    from tuopin.register.importing.report import Report

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.date
ON = DAY(2018, 6, 11)
HEADS = ["序号", "问题来源", "交办单位", "存在问题", "县", "乡镇", "村", "涉及乡村户", "牵头单位", "责任单位", "责任人",
         "整改措施", "整改时限", "整改进展", "佐证材料", "验收人", "销号时间", "回头看结果"]  # fmt: skip


@pytest.fixture
def city() -> Offices:
    made = Offices()
    for area, name in ((made.county, "宁县"), (made.other, "睢县"), (made.village, "郑楼村"), (made.away, "李庄村")):
        area.name = name
        area.save()
    made.official("王局长", made.education)
    made.official("赵主任", made.government, "主任")
    return made


def row(label: str, **more: str) -> list[str]:
    values = {
        "序号": label, "问题来源": "审计", "存在问题": f"第{label}号：三名学生未在校。另有补助未发。", "县": "宁县",
        "责任单位": "县教育局", "责任人": "王局长", "整改时限": "2018-07-31",
    } | more  # fmt: skip
    return [values.get(each, "") for each in HEADS]


def take(tmp_path: Path, *rows: list[str], actor: Actor | None = None, on: datetime.date = ON, **more: Any) -> Report:
    path = tmp_path / "整改台账.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        writer.writerows(rows)
    return import_paths(actor or local_admin(), [path], as_of=on, **more)


def told(code: str) -> list[tuple[str, str]]:
    return sorted(DataIssue.objects.filter(code=code, closed_at=None).values_list("column", "value"))


def test_states_follow_from_the_columns(city: Offices, tmp_path: Path) -> None:
    done = {"销号时间": "2018-05-02", "验收人": "赵主任", "牵头单位": "县政府"}
    take(
        tmp_path, row("1"), row("2", 整改进展="已劝返两名"), row("3", **done), row("4", **done, 回头看结果="属实"),
        row("5", 销号时间="2018-05-02"), row("6", 责任单位="不存在局"), row("7", 整改时限=""),
        row("8", 销号时间="2018-05-02", 验收人="王局长"),
    )  # fmt: skip
    rows = {each.label: each for each in Matter.objects.select_related("text", "ledger")}
    assert {key: each.state for key, each in rows.items()} == {
        "1": "issued", "2": "working", "3": "closed", "4": "final", "5": "reported", "6": "draft", "7": "draft",
        "8": "reported",
    }  # fmt: skip
    first, third = rows["1"], rows["3"]
    assert (first.kind, first.source, first.title) == ("problem", "audit", "第1号：三名学生未在校")
    assert first.area_id == city.county.area_id
    assert first.holder_id == city.education
    assert first.official is not None
    assert first.official.name == "王局长"
    assert first.limit_at == datetime.datetime(2018, 7, 31, 16, tzinfo=datetime.UTC), "midnight after it, local time"
    assert third.closed_at == datetime.datetime(2018, 5, 1, 16, tzinfo=datetime.UTC)
    assert third.look_back_on == DAY(2018, 6, 1)
    assert third.verifier is not None
    assert third.verifier.name == "赵主任"
    assert third.units.get().organisation_id == city.government
    assert rows["2"].text.progress == "已劝返两名"
    assert rows["6"].ledger.unit == "不存在局", "the name is kept as written"
    assert told("ledger_unit_unknown") == [("责任单位", "6")]
    assert told("ledger_unverified") == [("验收人", "5"), ("验收人", "8")]
    assert told("ledger_no_limit") == [("整改时限", "7")]


def test_places_in_words_find_villages_and_households(city: Offices, tmp_path: Path) -> None:
    code = city.here[0].code
    foreign = city.there[0].code
    take(
        tmp_path, row("1", 县="", 涉及乡村户=f"郑楼村、{code}"), row("2", 县="", 涉及乡村户=f"郑楼村委会，{foreign}9"),
        row("3", 县="宁县", 村="没有的村"), row("4", 县="没有的县"), row("5", 县="", 责任单位="没有的局"),
    )  # fmt: skip
    rows = {each.label: each for each in Matter.objects.all()}
    assert set(rows) == {"1", "2", "3"}
    assert rows["1"].area_id == rows["2"].area_id == city.village.area_id
    assert rows["3"].area_id == city.county.area_id
    about = set(MatterSubject.objects.filter(matter=rows["1"]).values_list("household__code", "area_id"))
    assert about == {(code, None), (None, city.village.area_id)}
    assert told("ledger_place_unknown") == [("村", "3"), ("涉及乡村户", "2")]
    assert list(RejectedRow.objects.values_list("reason", flat=True)) == ["ledger_no_place"] * 2


def test_again_opens_nothing_and_leaves_what_was_done_here(city: Offices, tmp_path: Path) -> None:
    take(tmp_path, row("1"), row("2"))
    take(tmp_path, row("1"), row("2"))
    assert list(Matter.objects.values_list("version", flat=True)) == [1, 1]
    acted = Matter.objects.get(label="1")
    services.act(local_admin(), "receive", [acted.pk], Given(), datetime.datetime(2018, 6, 12, 1, tzinfo=datetime.UTC))
    take(
        tmp_path,
        row("1", 整改时限="2018-08-31", 销号时间="2018-06-01", 验收人="赵主任"),
        row("2", 整改时限="2018-08-31"),
    )
    acted.refresh_from_db()
    assert acted.state == "received"
    assert acted.limit_at == datetime.datetime(2018, 7, 31, 16, tzinfo=datetime.UTC)
    assert Matter.objects.get(label="2").limit_at == datetime.datetime(2018, 8, 31, 16, tzinfo=datetime.UTC)
    assert len(told("kept_by_hand")) == 1
    assert Matter.objects.count() == 2


def test_an_act_between_planning_and_writing_is_not_lost(city: Offices, tmp_path: Path) -> None:
    take(tmp_path, row("1"))
    [made] = Matter.objects.all()
    now = datetime.datetime(2018, 6, 12, 1, tzinfo=datetime.UTC)
    with pytest.raises(Problem) as refused:
        take(
            tmp_path,
            row("1", 整改进展="正在整改"),
            look=lambda _run, _found: services.act(local_admin(), "receive", [made.pk], Given(), now),
        )
    assert refused.value.code == "changed_meanwhile"
    made.refresh_from_db()
    assert made.state == "received"
    assert MatterText.objects.get().progress == ""


def test_a_number_is_of_its_county_source_and_batch(city: Offices, tmp_path: Path) -> None:
    take(tmp_path, row("1"), row("1", 问题来源="暗访"), row("1", 县="睢县", 责任单位="邻县教育局", 责任人=""), row("1"))
    assert Matter.objects.count() == 3
    assert list(RejectedRow.objects.values_list("reason", flat=True)) == ["ledger_twice"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"存在问题": ""}, "ledger_blank"),
        ({"序号": "系统1"}, "ledger_not_ours"),
        ({"销号时间": "2018-06-12"}, "ledger_closed_ahead"),
        ({"整改时限": "2031-12-31"}, "ledger_odd_day"),
        ({"整改时限": "1899-12-31"}, "ledger_odd_day"),
    ],
)
def test_rows_go_back_with_a_reason(city: Offices, tmp_path: Path, more: dict[str, str], reason: str) -> None:
    take(tmp_path, row("1", **more), row("2"))
    assert list(Matter.objects.values_list("label", flat=True)) == ["2"]
    assert list(RejectedRow.objects.values_list("reason", flat=True)) == [reason]


def test_what_is_written_out_comes_in_unchanged(city: Offices, tmp_path: Path) -> None:
    done = {"销号时间": "2018-05-02", "验收人": "赵主任", "牵头单位": "县政府"}
    take(
        tmp_path, row("1", 存在问题="=cmd|calc!A1"), row("3", **done), row("4", **done, 回头看结果="属实"),
        row("6", 责任单位="不存在局"), row("8", 县="", 涉及乡村户=f"郑楼村、{city.here[0].code}"),
        row("9", 问题来源="信访", 村="郑楼村", 涉及乡村户=city.here[1].code),
    )  # fmt: skip
    native = city.issued(datetime.datetime(2018, 6, 11, 1, tzinfo=datetime.UTC))
    before = (dict(Matter.objects.values_list("pk", "changed_at")), Matter.objects.count())
    out = tmp_path / "out.xlsx"
    assert export_workbook(local_admin(), out, kind="rectification", on=ON) == 7
    import_paths(local_admin(), [out], as_of=ON)
    assert (dict(Matter.objects.values_list("pk", "changed_at")), Matter.objects.count()) == before
    assert not told("kept_by_hand")
    assert native.pk in before[0]
    assert Matter.objects.get(label="1").title == "=cmd|calc!A1"


def test_petitions_of_a_ledger_name_no_household(city: Offices, tmp_path: Path) -> None:
    take(tmp_path, row("9", 问题来源="信访", 村="郑楼村", 涉及乡村户=city.here[1].code))
    made = Matter.objects.get()
    assert made.area_id == city.county.area_id
    assert not made.subjects.exists()
    assert not made.ledger.places


def test_only_within_the_grants(city: Offices, tmp_path: Path) -> None:
    clerk = city.clerk()
    take(tmp_path, row("1"), row("2", 县="睢县", 责任单位="邻县教育局"),
         row("3", 县="", 责任单位="邻县教育局", 涉及乡村户=city.there[0].code), row("4", 责任单位="邻县教育局"),
         actor=clerk)  # fmt: skip
    assert sorted(Matter.objects.values_list("label", "holder_id")) == [("1", city.education), ("4", None)]
    foreign = city.issued(
        datetime.datetime(2018, 6, 11, 1, tzinfo=datetime.UTC), area_id=city.other.area_id, holder_id=city.elsewhere
    )
    take(tmp_path, row(f"系统{foreign.pk}"), actor=clerk)
    assert RejectedRow.objects.filter(reason="ledger_not_ours").count() == 1


def test_history_reminds_nobody(city: Offices, tmp_path: Path) -> None:
    today = timezone.localdate()
    limits = [(today + datetime.timedelta(days=days)).isoformat() for days in (-90, 2)]
    take(tmp_path, row("1", 整改时限=limits[0]), row("2", 整改时限=limits[1]), on=today)
    tick(local_admin(), timezone.now() + datetime.timedelta(days=20), force=True)
    assert not LeadProposal.objects.filter(matter__label="1").exists()
    assert set(MatterEvent.objects.values_list("matter__label", flat=True)) == {"2"}


def test_it_is_taken_back_until_somebody_acts(city: Offices, tmp_path: Path) -> None:
    first = take(tmp_path, row("1"), row("2"))
    second = take(tmp_path, row("1", 整改进展="正在整改", 涉及乡村户="郑楼村"), row("3"))
    assert first.import_id
    assert second.import_id
    undo_import(local_admin(), second.import_id)
    assert sorted(Matter.objects.values_list("label", "state", "version")) == [("1", "issued", 1), ("2", "issued", 1)]
    assert MatterText.objects.get(matter__label="1").progress == ""
    assert LedgerEntry.objects.count() == 2
    assert not MatterSubject.objects.exists()
    made = Matter.objects.get(label="1")
    services.act(local_admin(), "receive", [made.pk], Given(), datetime.datetime(2018, 6, 12, 1, tzinfo=datetime.UTC))
    with pytest.raises(Problem) as refused:
        undo_import(local_admin(), first.import_id)
    assert "办理" in refused.value.zh
    assert Matter.objects.count() == 2


def test_a_whole_import_goes_without_a_trace(city: Offices, tmp_path: Path) -> None:
    made = take(tmp_path, *(row(str(at), 牵头单位="县政府", 涉及乡村户="郑楼村") for at in range(600)))
    assert Matter.objects.count() == 600
    assert made.import_id
    undo_import(local_admin(), made.import_id)
    for model in (Matter, MatterText, MatterUnit, MatterSubject, LedgerEntry):
        assert not model._default_manager.exists()

"""Implementing opinions: asked for, issued, missing; the workbook in, out and taken back; who sees what."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from officials import assigned
from people import signed_in
from rooms.duties.headquarters_city import DAY, TODAY, City
from tuopin.duties.headquarters import opinions, selectors, services
from tuopin.duties.headquarters.models import Opinion
from tuopin.duties.headquarters.opinions import Asked
from tuopin.platform import nodes
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.problems import Missing, Problem
from tuopin.register.areas import ids
from tuopin.register.exporting import export_workbook
from tuopin.register.importing.services import import_paths
from tuopin.register.importing.undo import undo_import
from tuopin.register.models import Import, RejectedRow

if TYPE_CHECKING:
    import datetime
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> City:
    made = City()
    for area, name in ((made.county, "宁县"), (made.other, "睢县")):
        area.name = name
        area.save()
    return made


def text(client: Client, address: str, status: int = 200, **given: object) -> str:
    answer = client.post(address, given) if given else client.get(address)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


DUE = DAY(2018, 6, 1)


def asked(city: City, *departments: str, due: datetime.date | None = DUE, **more: object) -> int:
    wanted = [Asked(city.office, area.area_id, name) for area in (city.county, city.other) for name in departments]
    return opinions.ask(local_admin(), wanted, due=due, today=TODAY, **more)  # type: ignore[arg-type]


def state(row: Opinion | None) -> str:
    return opinions.state_of(row, TODAY)


def test_a_matrix_tells_missing_from_not_required_and_not_said(city: City) -> None:
    assert asked(city, "教育局", "水利局") == 4
    assert asked(city, "教育局", "水利局") == 0, "said before"
    opinions.ask(local_admin(), [Asked(city.office, city.county.area_id, "水利局")], required=False, today=TODAY)
    opinions.ask(local_admin(), [Asked(city.office, city.county.area_id, "交通局")], due=DAY(2018, 7, 1), today=TODAY)
    row = Opinion.objects.get(area_id=city.other.area_id, department="教育局", superseded_at=None)
    opinions.issue(local_admin(), row.pk, day=DAY(2018, 5, 30), document="睢教〔2018〕7号", today=TODAY)
    rows = list(selectors.opinions(local_admin()))
    found = opinions.matrix(rows, [city.county, city.other], TODAY)
    assert found.departments == ("交通局", "教育局", "水利局")
    assert [[cell.state for cell in line.cells] for line in found.lines] == [
        ["missing", "late", "not_required"], ["unknown", "issued", "late"],
    ]  # fmt: skip
    assert [line.missing for line in found.lines] == [2, 1]
    assert Opinion.objects.count() == 7, "what was said before is kept"


def test_the_missing_name_who_sees_to_it(city: City) -> None:
    chief = assigned("李县长", area_id=city.county.area_id, role="first_responsible")
    who = city.official("赵局长")
    asked(city, "教育局")
    opinions.ask(
        local_admin(),
        [Asked(city.office, city.other.area_id, "教育局")],
        due=DAY(2018, 6, 1),
        official_id=who,
        today=TODAY,
    )
    found = opinions.lacking(list(selectors.opinions(local_admin())), TODAY)
    told = {each.opinion.area_id: (each.late, each.holder and each.holder.official.pk, each.first) for each in found}
    assert told == {city.county.area_id: (14, None, chief.name), city.other.area_id: (14, who, "")}
    assert not any(each.holder and each.holder.live for each in found), "no post, no duty"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"document": ""}, "no_text"),
        ({"day": DAY(2018, 6, 16)}, "in_future"),
        ({"document": "文\0号"}, "bad_text"),
        ({"day": DAY(1, 1, 1)}, "bad_date"),
    ],
)
def test_issuing_is_refused(city: City, given: dict[str, object], code: str) -> None:
    asked(city, "教育局")
    row = Opinion.objects.first()
    assert row is not None
    values = {"day": DAY(2018, 5, 1), "document": "一号", "today": TODAY} | given
    with pytest.raises(Problem) as problem:
        opinions.issue(local_admin(), row.pk, **values)  # type: ignore[arg-type]
    assert problem.value.code == code
    assert state(Opinion.objects.get(pk=row.pk)) == "late"


def test_what_was_issued_is_not_called_unneeded(city: City) -> None:
    asked(city, "教育局")
    row = Opinion.objects.get(area_id=city.county.area_id)
    made = opinions.issue(local_admin(), row.pk, day=TODAY, document="一号", today=TODAY)
    with pytest.raises(Problem) as problem:
        opinions.issue(local_admin(), row.pk, day=TODAY, document="二号", today=TODAY)
    assert problem.value.code == "changed_meanwhile"
    with pytest.raises(Problem) as problem:
        asked(city, "教育局", required=False)
    assert problem.value.code == "issued_already"
    assert state(Opinion.objects.get(pk=made.pk)) == "issued"


def test_counties_keep_their_own_and_see_no_other(city: City) -> None:
    asked(city, "教育局")
    clerk = city.clerk()
    [own] = selectors.opinions(clerk)
    assert own.area_id == city.county.area_id
    opinions.issue(clerk, own.pk, day=TODAY, document="宁教 1 号", today=TODAY)
    theirs = Opinion.objects.get(area_id=city.other.area_id)
    for act in (
        lambda: opinions.issue(clerk, theirs.pk, day=TODAY, document="x", today=TODAY),
        lambda: opinions.ask(clerk, [Asked(city.office, city.other.area_id, "水利局")], today=TODAY),
        lambda: selectors.opinion(clerk, theirs.pk),
    ):
        with pytest.raises(Missing):
            act()
    [elsewhere] = services.take_over(local_admin(), city.other, ["water"], DAY(2018, 1, 1))
    with pytest.raises(Missing):
        opinions.ask(clerk, [Asked(elsewhere, city.county.area_id, "水利局")], today=TODAY)


def test_days_due_are_nodes(city: City) -> None:
    asked(city, "教育局", "水利局", due=timezone.localdate())
    [node] = [each for each in nodes.of_area(city.city, ids(city.city.path), TODAY) if each.room == "duties"]
    left = nodes.left(local_admin(), city.city, [city.county, city.other], node)
    assert left is not None
    assert (left.sure, left.total, left.below) == (4, 4, {city.county.area_id: (2, 0), city.other.area_id: (2, 0)})
    mine = nodes.left(city.clerk(), city.county, [], node)
    assert mine is not None
    assert mine.total == 2
    assert nodes.of_area(city.village, ids(city.village.path), TODAY) == []


# -- the workbook -------------------------------------------------------------------------------------------------


HEADS = ("县", "指挥部", "责任部门", "是否需要", "应印发日期", "印发日期", "文号")


def workbook(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        writer.writerows(rows)
    return path


def test_a_workbook_fills_the_matrix_and_can_be_taken_back(city: City, tmp_path: Path) -> None:
    asked(city, "教育局")
    file = workbook(
        tmp_path / "意见.csv",
        ("宁县", "产业扶贫指挥部", "教育局", "", "", "2018-05-30", "宁教〔2018〕1号"),
        ("睢县", "产业扶贫", "教育局", "否", "", "", ""),
        ("睢", "产业扶贫指挥部", "水利局", "是", "2018-07-01", "", ""),
        ("睢县", "产业扶贫指挥部", "水利局", "是", "", "", ""),
        ("无县", "产业扶贫指挥部", "水利局", "", "", "", ""),
        ("宁县", "太空指挥部", "水利局", "", "", "", ""),
        ("宁县", "产业扶贫指挥部", "水利局", "", "", "2019-01-01", "一号"),
        ("宁县", "产业扶贫指挥部", "=cmd|'/c calc'!A1", "", "", "", ""),
    )
    import_paths(local_admin(), [file], as_of=DAY(2018, 6, 15))
    rows = selectors.opinions(local_admin()).order_by("area__versions__code", "department")
    told = [(row.area_id == city.county.area_id, row.department, state(row), row.due) for row in rows]
    assert told == [
        (True, "=cmd|'/c calc'!A1", "missing", None),
        (True, "教育局", "issued", DAY(2018, 6, 1)),
        (False, "教育局", "not_required", DAY(2018, 6, 1)),
        (False, "水利局", "missing", DAY(2018, 7, 1)),
    ]
    assert sorted(RejectedRow.objects.values_list("reason", flat=True)) == [
        "opinion_in_future", "opinion_twice", "unknown_county", "unknown_headquarters",
    ]  # fmt: skip
    again = import_paths(local_admin(), [file], as_of=DAY(2018, 6, 15))
    assert Opinion.objects.filter(superseded_at=None).count() == 4
    assert again is not None
    undo_import(local_admin(), Import.objects.order_by("-pk")[0].pk)
    undo_import(local_admin(), Import.objects.order_by("pk")[0].pk)
    left = list(selectors.opinions(local_admin()).values_list("department", "document"))
    assert left == [("教育局", ""), ("教育局", "")], "as it was before"


def test_an_export_can_be_imported_again(city: City, tmp_path: Path) -> None:
    asked(city, "教育局", "水利局")
    row = Opinion.objects.filter(department="水利局").first()
    assert row is not None
    opinions.issue(local_admin(), row.pk, day=DAY(2018, 5, 1), document="=1+1", today=TODAY)
    before = Opinion.objects.filter(superseded_at=None).count()
    target = tmp_path / "贯彻落实意见.xlsx"
    assert export_workbook(local_admin(), target, kind="opinion", on=TODAY) == 4
    total = Opinion.objects.count()
    import_paths(local_admin(), [target], as_of=TODAY)
    assert (Opinion.objects.count(), Opinion.objects.filter(superseded_at=None).count()) == (total, before)
    clerk = actor_for(city.user())
    assert export_workbook(clerk, tmp_path / "本县.xlsx", kind="opinion", on=TODAY) == 2


def test_a_county_takes_in_its_own_rows_alone(city: City, tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "意见.csv",
        ("宁县", "产业扶贫指挥部", "教育局", "", "", "", ""),
        ("睢县", "产业扶贫指挥部", "教育局", "", "", "", ""),
    )
    import_paths(city.clerk(), [file], as_of=DAY(2018, 6, 15))
    assert [row.area_id for row in Opinion.objects.all()] == [city.county.area_id]
    assert list(RejectedRow.objects.values_list("reason", flat=True)) == ["outside_grants"]


# -- pages --------------------------------------------------------------------------------------------------------


def test_from_what_is_required_to_what_is_issued(city: City) -> None:
    client = city.client()
    page = f"/duties/opinions/?area={city.city.code}"
    given = {"headquarters": city.office, "departments": "教育局、<b>水利局</b>", "required": "1", "due": "2018-06-01"}
    text(client, page, 302, **given)
    shown = text(client, page)
    assert "&lt;b&gt;水利局" in shown
    assert "<b>水利局" not in shown
    assert "逾期未印发" in shown
    row = Opinion.objects.filter(area_id=city.county.area_id, department="教育局").get()
    one = f"/duties/opinions/{row.pk}/"
    text(client, one, 400, document="", day="2018-05-01")
    text(client, one, 302, document="宁教 1 号", day="2018-05-01", reference="档案")
    text(client, one)
    new = Opinion.objects.get(superseded_at=None, document="宁教 1 号")
    assert "档案" in text(client, f"/duties/opinions/{new.pk}/")
    assert "宁教 1 号" in text(client, one), "an old address leads to what counts now"
    assert "别人刚改过" in text(client, one, 400, document="二号", day="2018-05-01")
    for bad in ({"headquarters": "x"}, {"departments": ""}, {"departments": "长" * 101}, {"due": "9999-99-99"}):
        text(client, page, 400, **(given | bad))
    village = signed_in(city.user("village"))
    text(village, f"/duties/opinions/{new.pk}/")
    text(village, f"/duties/opinions/{new.pk}/", 403, document="二号", day="2018-05-01")
    text(village, f"/duties/opinions/?area={city.other.code}", 404)

"""Who may import what where, and who sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from county import AREAS, household, households, person, take, write
from people import account, signed_in
from rooms.register.importing.steps import COUNTY, EAST, WEST, hand_in, press, shown, two, upload
from tuopin.platform.access import actor_for
from tuopin.platform.problems import Missing
from tuopin.register.importing import prepared
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

    from django.test import Client

    from tuopin.platform.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("maps_of_its_own")]


def test_a_township_takes_its_own_part_of_the_countys_export(county: Path) -> None:
    actor = actor_for(account("east", "township", EAST))
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
    actor = actor_for(account("west", "township", WEST))
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
    county_clerk = actor_for(account("county", "county", COUNTY))
    assert import_paths(county_clerk, [stolen]).rows["rejected"] == 0


def test_other_workbooks_and_areas_keep_to_the_grants(county: Path) -> None:
    take(two(county))
    actor = actor_for(account("east", "township", EAST))
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
    actor = actor_for(account("east", "township", EAST))
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
    east, west = account("east", "township", EAST), account("west", "township", WEST)
    own = import_paths(actor_for(east), [two(county, 工资性收入="1")]).import_id
    above = account("county", "county", COUNTY)
    helper = account("village", "village", "990101100201")
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

"""Workbooks of the national form from the web: for an area of one's own, as a job, fetched by the one who asked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest

from console_city import DAY
from tuopin.platform import jobs
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import Job, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.importing.services import import_paths
from tuopin.register.workbook_exports import JOB, begin_export, export_for_area, kinds

if TYPE_CHECKING:
    from pathlib import Path

    from console_city import City
    from rooms.console.conftest import Login

pytestmark = pytest.mark.django_db

PAGE = "/register/workbooks/"


def actor(name: str):  # type: ignore[no-untyped-def]
    return actor_for(User.objects.get(username=name))


def test_from_the_form_to_the_file(login: Login, city: City) -> None:
    client = login("clerk")
    page = client.get(PAGE)
    assert "户人信息" in page.content.decode()
    begun = client.post(f"{PAGE}?area={city.township.code}", {"kind": "household_check", "on": DAY.isoformat()})
    row = Job.objects.get(kind=JOB)
    assert begun["Location"] == f"/jobs/{row.pk}/"
    result = export_for_area(jobs.Run(row), **row.payload)
    answer = client.get(result["href"])
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).active
    assert sheet is not None
    codes = {cell.value for cell in sheet["A"][3:]}
    assert codes
    assert codes <= set(city.ours)
    assert login("county").get(result["href"]).status_code == 404


@pytest.mark.parametrize(
    ("kind", "on", "status"),
    [("household_check", "2018-13-01", 400), ("nothing", "2018-12-01", 400), ("", "", 400), ("x" * 9999, "", 400)],
)
def test_what_cannot_be_is_said(login: Login, city: City, kind: str, on: str, status: int) -> None:
    answer = login("clerk").post(f"{PAGE}?area={city.township.code}", {"kind": kind, "on": on})
    assert answer.status_code == status
    assert not Job.objects.filter(kind=JOB).exists()


def test_another_area_looks_like_none_and_who_may_not_export_is_refused(login: Login, city: City) -> None:
    assert login("clerk").get(f"{PAGE}?area={city.other.code}").status_code == 404
    for name in ("counter", "helper"):
        assert login(name).get(PAGE).status_code in {403, 404}
    with pytest.raises(Missing):
        begin_export(actor("clerk"), "household_check", city.other.code, DAY)
    with pytest.raises(Problem):
        begin_export(actor("counter"), "village", city.township.code, DAY)
    assert kinds(actor("counter")) == {}


def test_a_grant_lost_meanwhile_ends_the_job(city: City, db: None) -> None:
    row = begin_export(actor("clerk"), "household_check", city.township.code, DAY)
    User.objects.get(username="clerk").grants.update(role="department")
    with pytest.raises((Refused, Problem)):
        export_for_area(jobs.Run(row), **row.payload)


def test_helpers_leave_and_come_back_unchanged(city: City, db: None, tmp_path: Path) -> None:
    from tuopin.register.exporting import export_workbook

    path = tmp_path / "helper.xlsx"
    count = export_workbook(local_admin(), path, kind="helper", on=DAY)
    report = import_paths(local_admin(), [path], as_of=DAY, dry_run=True)
    assert count > 0
    assert report.rows == {"created": 0, "updated": 0, "unchanged": count, "rejected": 0, "waiting": 0}

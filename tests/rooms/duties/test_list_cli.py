"""`tuopin teams` and `tuopin incidents`: what the pages show, on the screen, as JSON or into a new file."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from django.utils import timezone

from officials import assigned
from rooms.duties.place import Place
from tuopin.duties.incidents import services as incidents
from tuopin.duties.list_cli import incidents_command, teams_command
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    made = Place()
    assigned("=cmd|王强", "市审计局", area=made.village.area, role="first_secretary")
    assigned("远方", "市审计局", area=made.away.area, role="first_secretary")
    today = timezone.localdate()
    wanted = [incidents.Opening(home.code, "fallback", today, "village") for home in (made.here[0], made.there[0])]
    incidents.open_incidents(local_admin(), wanted)
    return made


def said(command: object, *arguments: str) -> dict[str, object]:
    found = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)  # type: ignore[arg-type]
    assert found.exit_code == 0, found.output
    return json.loads(found.output)  # type: ignore[no-any-return]


def test_lists_of_one_county(place: Place) -> None:
    month = timezone.localdate()
    teams = said(teams_command, "--area", place.county.code, "--month", f"{month:%Y-%m}")
    assert teams["count"] == 1
    assert "王强" in str(teams["rows"])
    found = said(incidents_command, "--area", place.county.code, "--open")
    assert found["count"] == 1
    assert place.here[0].code in str(found["rows"])
    assert said(incidents_command, "--area", place.city.code)["count"] == 2


def test_into_a_file_that_is_new_and_safe(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "队员.csv"
    assert said(teams_command, "--area", place.county.code, "--file", str(path))["count"] == 1
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    assert any("'=cmd|王强" in cell for row in rows for cell in row)
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(Problem):
        CliRunner().invoke(teams_command, ["--area", place.county.code, "--file", str(path)], catch_exceptions=False)

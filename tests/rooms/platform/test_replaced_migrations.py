"""Homes of before the migrations were made one per room: whole ones go on, others are told which source they need."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tuopin.platform.replaced import LAST_SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    from installation import Installation

# What a home of before has written down: the replaced migrations, not those that replace them.
BEFORE = """
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from tuopin.platform.models import Marker
replacing = {key: each.replaces for key, each in MigrationLoader(None).disk_migrations.items() if each.replaces}
recorder = MigrationRecorder(connection)
for key in replacing:
    recorder.record_unapplied(*key)
Marker.objects.filter(name="schema").update(text="before")
"""
# The home is made ready again, as by the next command, and looked at before and after.
AGAIN = """
import contextlib, io, json
from tuopin.platform.cli import run
def held():
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor, include_views=True)
    marker = Marker.objects.get(name="schema").text
    return {"migrations": sorted(map(list, recorder.applied_migrations())), "tables": tables, "marker": marker}
before, out, err = held(), io.StringIO(), io.StringIO()
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    status = run(["migrate"])
print(json.dumps([status, before, held(), out.getvalue(), err.getvalue()]))
"""
NO_CYCLE = """
for key in replacing["cycle", "0001_cycle_tables"]:
    recorder.record_unapplied(*key)
with connection.cursor() as cursor:
    for table in ("cycle_plan_item", "cycle_closing_proposal", "cycle_opening"):
        cursor.execute("DROP TABLE " + table)
"""
# the last one of a room; one in the middle; all but the first of every room
PARTS = [
    "lost = [('orders', '0014_inbox_and_heat_indexes')]",
    "lost = [('register', '0007_cards')]",
    "lost = [key for old in replacing.values() for key in old[1:]]",
]
LOSE = "\nfor key in lost: recorder.record_unapplied(*key)\n"


def again(installed: Installation, state: str = "") -> Any:
    return json.loads(installed.run(code=BEFORE + state + AGAIN))


def test_a_home_that_has_all_of_them_goes_on(installed: Installation) -> None:
    status, before, after, *said = again(installed)
    assert (status, said) == (0, ["", ""])
    assert after["tables"] == before["tables"]
    added = [key for key in after["migrations"] if key not in before["migrations"]]
    assert ["register", "0001_register_tables"] in added
    assert all(name == f"0001_{room}_tables" for room, name in added)
    assert after["marker"] != "before"
    assert installed.document("audit", "verify")["status"] == "ok"


def test_a_room_that_a_home_has_nothing_of_is_made(installed: Installation) -> None:
    status, before, after, *_ = again(installed, NO_CYCLE)
    assert status == 0
    assert set(after["tables"]) - set(before["tables"]) == {
        "cycle_plan_item", "cycle_closing_proposal", "cycle_opening",
    }  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_home_that_has_some_of_them_is_refused_and_left_alone(installed: Installation, part: str) -> None:
    status, before, after, _, said = again(installed, part + LOSE)
    assert status == 2
    assert LAST_SOURCE in said
    assert "tuopin migrate" in said
    assert after == before


def test_backups_of_such_homes(installed: Installation, tmp_path: Path) -> None:
    """One of a whole home comes back and goes on; one of a home in between is refused before anything is replaced."""
    whole, part = str(tmp_path / "whole"), str(tmp_path / "part")
    installed.run("user", "add", "liwei")
    backup = "\nfrom tuopin.platform.cli import run\nassert run(['backup', {!r}]) == 0\n"
    unmarked = BEFORE.replace("Marker.objects", "# ")  # so that the command that backs up leaves them as they are
    installed.run(code=unmarked + backup.format(whole) + PARTS[0] + LOSE + backup.format(part))
    installed.run("restore", whole, "--replace")
    _, kept = installed.commands(["user", "add", "zhang"], ["user", "list", "--json"])
    assert len(kept.document["users"]) == 2
    assert LAST_SOURCE in installed.run("restore", part, "--replace", expect=2)
    assert len(installed.document("user", "list")["users"]) == 2
    assert again(installed)[0] == 0

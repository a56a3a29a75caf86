"""The demo city from its workbooks to verdicts: what was planted is what is found, no more and no less."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import county
import migrated
from installation import Installation, installation
from tuopin.duties.selectors import without_live_helper
from tuopin.platform.access import local_admin
from tuopin.register.demo import CitySummary, write_city
from tuopin.register.importing.services import import_paths
from tuopin.standards.selectors import subjects_document
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tuopin.register.importing.report import Report

IDENTITY = ("id_check_digit", "id_length", "id_missing", "birth_mismatch", "no_head", "two_heads", "two_live_helpers")


@pytest.fixture
def city(tmp_path: Path) -> CitySummary:
    return write_city(tmp_path / "city", counties=2, townships=6, villages=30, households=1500)


def take_in(city: CitySummary) -> Report:
    return import_paths(local_admin(), city.files)


def verdicts(standard: str, city: CitySummary) -> dict[str, dict[str, Any]]:
    found = evaluate(local_admin(), standard, day=city.day, pack="shangqiu-2018")
    document: dict[str, dict[str, Any]] = orjson.loads(orjson.dumps(subjects_document(local_admin(), found)))
    return document


def codes(document: dict[str, dict[str, Any]], item: str, verdict: str) -> set[str]:
    return {code for code, found in document.items() if found[item] == verdict}


@pytest.mark.django_db(transaction=True)
def test_what_was_planted_is_found(city: CitySummary) -> None:
    report = take_in(city)
    assert (report.households_imported, report.persons_imported) == (city.households, city.persons)
    assert report.rejected_households == []
    assert report.issues == {name: list(city.faults[name]) for name in sorted(IDENTITY) if city.faults[name]}
    assert [found.code for found in without_live_helper(local_admin(), city.day)] == sorted(
        city.faults["without_live_helper"]
    )

    households = verdicts("household_exit", city)
    assert len(households) == city.households
    assert codes(households, "income", "unknown") == set(city.faults["blank_wage"])
    assert codes(households, "medical", "not_met") == set(city.faults["uninsured"])
    assert codes(households, "medical", "unknown") == set(city.faults["blank_insurance"])
    assert codes(households, "education", "not_met") == set(city.faults["out_of_school"])
    assert codes(households, "education", "unknown") == set(city.faults["study_unknown"])
    assert codes(households, "water", "unknown") == set(city.faults["blank_water"])
    assert codes(households, "housing", "unknown") == set(city.faults["blank_housing"])
    assert codes(households, "food", "unknown") == {*city.faults["no_check_row"], *city.faults["blank_food"]}
    assert codes(households, "clothing", "unknown") == set(city.faults["no_check_row"])
    for name, expected in (
        ("exactly_on_line", "not_met"),
        ("one_fen_below_line", "not_met"),
        ("one_fen_above_line", "met"),
    ):
        assert {households[code]["income"] for code in city.faults[name]} <= {expected}

    villages = verdicts("village_exit", city)
    assert len(villages) == city.villages
    assert codes(villages, "incidence", "not_met") == set(city.faults["village_above_2"])


@pytest.mark.django_db(transaction=True)
def test_the_second_export_updates_the_first(city: CitySummary, tmp_path: Path) -> None:
    take_in(city)
    later = write_city(tmp_path / "later", counties=2, townships=6, villages=30, households=1500, later=True)
    report = take_in(later)
    assert (report.households_imported, report.persons_imported) == (later.households, later.persons)
    assert report.rows["rejected"] == report.rows["waiting"] == 0
    assert report.rows["created"] > 0
    again = take_in(later)
    assert again.rows["created"] == again.rows["updated"] == 0
    still = [code for code in city.faults["no_head"] if code not in later.changes["corrected"]]
    assert report.issues.get("no_head", []) == still


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path / "home", like=migrated.made()) as made:
        yield made


def test_the_command_can_be_run_again(installed: Installation, tmp_path: Path) -> None:
    first = installed.document("demo", "--households", "60", "--keep-files", str(tmp_path / "books"))
    assert [account["username"] for account in first["accounts"]] == [
        "admin", "headquarters", "keeper", "county", "township", "village", "discipline", "petitions", "auditor",
        "helper",
    ]  # fmt: skip
    assert (tmp_path / "books" / "divisions.csv").is_file()
    mark = installed.home / "DEMO"
    assert mark.stat().st_mode & 0o077 == 0
    assert json.loads(mark.read_text())["password"] == first["accounts"][0]["password"]
    assert installed.document("demo") == first, "the data and the password are kept"
    listed = {user["username"]: user["grants"] for user in installed.document("user", "list")["users"]}
    assert {held["role"] for held in listed.pop("helper")} == {"helper"}
    assert {name: [held["role"] for held in held_grants] for name, held_grants in listed.items()} == {
        "admin": ["administrator"], "headquarters": ["headquarters"],
        "keeper": ["standards_keeper"], "county": ["county"],
        "township": ["township"], "village": ["village"], "discipline": ["discipline"],
        "petitions": ["petition_office"],
        "auditor": ["auditor"],
    }  # fmt: skip
    assert listed["village"][0]["over"].startswith("area:")


def test_invented_people_are_not_mixed_with_others(installed: Installation, tmp_path: Path) -> None:
    county.areas(tmp_path / "set")
    county.households(tmp_path / "set", county.household())
    installed.document("import", str(tmp_path / "set"))
    message = installed.run("demo", "--households", "60", expect=2)
    assert "TUOPIN_HOME" in message
    assert not (installed.home / "DEMO").exists()

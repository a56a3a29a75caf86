"""The county set: every count of the answer key that reading alone decides."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

COUNTY = Path(__file__).parents[2] / "data" / "ningling-2018"
KEY = json.loads((COUNTY / "expected.json").read_text(encoding="utf-8"))


def test_persons(read: Any) -> None:
    (staged,) = read(COUNTY / "户人信息.xlsx")
    sheet = staged.sheet
    assert (sheet.kind, sheet.sheet, sheet.header_row) == ("household_person", "贫困户信息", KEY["header_row"])
    assert sheet.rows == KEY["person_rows"]
    assert sheet.skipped == KEY["skipped"]
    assert len(set(staged.column("household_code"))) == KEY["households_in_file"]
    assert sheet.title_date == date.fromisoformat(KEY["on"])
    assert sheet.unknown_headers == ()
    assert "employee_insurance" in sheet.missing
    households = {row["row"]: row["household_code"] for row in staged.data}
    found: dict[str, set[str]] = {}
    for row, _field, _header, _value, code in staged.faults:
        found.setdefault(code, set()).add(households[row])
    rejected = set(KEY["rejected_households"])
    identity = ("id_precision_lost", "id_length", "id_check_digit")
    assert {code: sorted(codes - rejected) for code, codes in found.items()} == {
        code: KEY["issues"][code] for code in identity
    }


def test_amounts_are_those_of_the_key(read: Any) -> None:
    (staged,) = read(COUNTY / "户人信息.xlsx")
    members: dict[str, list[dict[str, Any]]] = {}
    for row in staged.data:
        members.setdefault(row["household_code"], []).append(row)
    checked = 0
    for code, household in KEY["households"].items():
        first = members[code][0]
        parts = [first[name] for name in ("wage", "business", "property", "transfer", "business_cost")]
        expected = household["facts"]["income_per_head"] if "facts" in household else household["income_per_head"]
        if None in parts:
            assert expected is None
            continue
        fen, persons = sum(parts[:4]) - parts[4], len(members[code])
        cents = (2 * abs(fen) + persons) // (2 * persons) * (1 if fen >= 0 else -1)
        assert expected == f"{cents / 100:.2f}"
        checked += 1
    assert checked > 2000


@pytest.mark.parametrize(
    ("name", "kind", "header_row", "rows"),
    [
        ("村信息.xlsx", "village", 1, 171),
        ("脱贫核查.xlsx", "household_check", 2, 2333),
        ("帮扶责任人.xlsx", "helper", 1, 2382),
        ("divisions.csv", "areas", 1, 381),
    ],
)
def test_other_files(read: Any, name: str, kind: str, header_row: int, rows: int) -> None:
    (staged,) = read(COUNTY / name)
    sheet = staged.sheet
    assert (sheet.kind, sheet.header_row, sheet.rows) == (kind, header_row, rows)
    assert staged.faults == []
    assert sheet.unknown_headers == ()


def test_year_and_dates_of_the_checks(read: Any) -> None:
    (staged,) = read(COUNTY / "脱贫核查.xlsx")
    assert (staged.sheet.title_year, staged.sheet.title_date) == (2018, None)
    assert max(staged.column("check_date")) == date(2018, 11, 23)


def test_villages(read: Any) -> None:
    (staged,) = read(COUNTY / "村信息.xlsx")
    assert set(staged.column("work_2")) == {"yes", "no", "not_applicable", None}
    assert set(staged.column("collective_income")) == {None, 0, 1_500_000, 3_000_000, 5_000_000, 8_200_000}

"""The calendar that an office adds a year to."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from tuopin.platform import checks, working_days

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime.date
NEW_YEAR = 'off = [2097-01-01, 2097-01-02, 2097-01-03]\nworked = [2097-01-05]\nsource = "国办发明电"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(working_days, "folder", lambda: tmp_path)
    return tmp_path


def test_a_year_counts_as_soon_as_it_lies_there(folder: Path) -> None:
    before = working_days.calendar().after(DAY(2096, 12, 31), 1)
    assert (before.day, before.provisional) == (DAY(2097, 1, 1), True)  # a Tuesday: by weekday alone
    (folder / "2097.toml").write_text(NEW_YEAR, "utf-8")
    after = working_days.calendar()
    assert after.after(DAY(2096, 12, 31), 1).day == DAY(2097, 1, 4)
    assert after.is_working(DAY(2097, 1, 5))
    assert 2097 in after.years
    (folder / "2097.toml").unlink()
    assert 2097 not in working_days.calendar().years


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("2097.toml", "off = [2096-01-01]"),
        ("2097.toml", "off = []"),
        ("2097.toml", 'off = ["2097-01-01"]'),
        ("2097.toml", "off = [2097-01-01T00:00:00]"),
        ("2097.toml", "off = [2097-01-01]\nworked = [2097-01-01]"),
        ("2097.toml", "off = 2097"),
        ("2097.toml", "off = ["),
        ("2097.toml", "off = " + "[" * 30_000),
        ("soon.toml", "off = [2097-01-01]"),
        ("2097.toml", "off = [2097-01-01]" + "\n# long" * 20_000),
    ],
)
def test_a_file_that_cannot_be_read_counts_for_nothing_and_is_named(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8")
    assert 2097 not in working_days.calendar().years
    assert working_days.faults() == (name,)
    assert [found.id for found in checks.check_calendar()][:1] == ["tuopin.E010"]


def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "2097.toml").write_bytes(b"\xff\xfe\x00")
    assert working_days.faults() == ("2097.toml",)


def test_a_year_that_is_missing_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for today, expected in (
        (DAY(2097, 5, 1), ["tuopin.W006"]), (DAY(2026, 12, 1), ["tuopin.I002"]), (DAY(2026, 11, 30), []),
    ):  # fmt: skip
        monkeypatch.setattr(checks.timezone, "localdate", lambda today=today: today)
        assert [found.id for found in checks.check_calendar()] == expected

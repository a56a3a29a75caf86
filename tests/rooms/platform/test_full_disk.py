"""A full disk is a message, whichever library meets it first."""

from __future__ import annotations

import errno
import sqlite3

import click
import pytest
from click.testing import CliRunner

from tuopin.platform import cli
from tuopin.platform.problems import disk_is_full
from tuopin.register.cli import export_command
from tuopin.standards.cli import check_command


def _caused(error: Exception) -> Exception:
    outer = RuntimeError("the engine failed")
    outer.__cause__ = error
    return outer


FULL = [
    OSError(errno.ENOSPC, "no words"),
    sqlite3.OperationalError("database or disk is full"),
    RuntimeError("IO Error: Could not write file: No space left on device"),
    _caused(OSError(errno.EDQUOT, "no words")),
]


@pytest.mark.parametrize("error", FULL, ids=lambda error: type(error).__name__)
def test_a_full_disk_ends_a_command_with_a_message_and_status_2(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def broken() -> None:
        raise error

    monkeypatch.setattr(cli, "tuopin", broken)
    monkeypatch.setattr(cli, "_finish", lambda: None)
    assert cli.run([]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "disk is full" in shown.err


def test_other_faults_are_no_full_disk() -> None:
    assert not disk_is_full(OSError(errno.EACCES, "no words"))
    assert not disk_is_full(_caused(ValueError("the list is full")))


@pytest.mark.parametrize(
    ("command", "call"),
    [
        (export_command, ["/nowhere/a.xlsx", "--on", "2018-12-01"]),
        (check_command, ["household_exit", "--on", "2018-12-01", "--xlsx", "/nowhere/a.xlsx"]),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_the_work(command: click.Command, call: list[str]) -> None:
    result = CliRunner().invoke(command, call)
    assert result.exit_code == 2
    assert "cannot be written" in result.output

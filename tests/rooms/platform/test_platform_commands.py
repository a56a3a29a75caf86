"""The command line as a user meets it: an empty home, problems, faults, JSON, users."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from installation import Installation


def test_an_empty_home_becomes_usable_and_is_closed_to_others(empty: Installation) -> None:
    assert empty.document("audit", "verify")["status"] == "ok"
    assert stat.S_IMODE(empty.home.stat().st_mode) == 0o700
    for path in (empty.home / "keys").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_five_commands_at_once_on_an_empty_home(empty: Installation) -> None:
    processes = [empty.start("user", "add", f"user{number}", "--json") for number in range(5)]
    for process in processes:
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
        assert json.loads(out)["password"]
    assert len(empty.document("user", "list")["users"]) == 5
    report = empty.document("audit", "verify")
    assert (report["status"], report["chained"], report["pending"]) == ("ok", 5, 0)


def test_help_makes_no_folder(empty: Installation) -> None:
    assert "audit" in empty.run("--help")
    empty.run("audit", "verify", "--help")
    assert not empty.home.exists()


def test_a_problem_is_said_in_the_terminals_language_with_exit_2(installed: Installation) -> None:
    installed.run("user", "add", "liwei")
    assert "There is already a user “liwei”" in installed.run("user", "add", "liwei", expect=2)
    installed.env["TUOPIN_LANGUAGE"] = "zh"
    assert "用户“liwei”已存在" in installed.run("user", "add", "liwei", expect=2)
    installed.env |= {"TUOPIN_LANGUAGE": "", "LC_ALL": "C"}
    message = installed.run("user", "add", "liwei", expect=2)
    assert "已存在" in message
    assert "already" in message


def test_a_wrong_call_is_exit_2(installed: Installation) -> None:
    assert "no-such" in installed.run("no-such", expect=2)
    installed.run("user", "add", expect=2)


def test_a_fault_shows_a_number_and_places_but_no_text(installed: Installation) -> None:
    installed.run("audit", "verify")
    code = """
import sys, tuopin.platform.cli as cli, tuopin.platform.commands.user
from tuopin.platform.accounts import services as accounts
def broken(*_arguments, **_options): raise KeyError("411423199001010011")
accounts.add_user = broken
sys.exit(cli.run(["user", "add", "x"]))
"""
    message = installed.run(code=code, expect=1)
    assert "411423199001010011" not in message
    assert "KeyError" in message
    assert "Internal error" in message


def test_grants_and_their_end(installed: Installation) -> None:
    wrong = (
        ["user", "grant", "liwei", "emperor", "--all"],
        ["user", "grant", "liwei", "county"],
        ["user", "grant", "liwei", "county", "--all", "--area", "1"],
        ["user", "grant", "liwei", "county", "--all", "--field-class", "secrets"],
        ["user", "grant", "liwei", "county", "--area", "999999999999"],
        ["user", "grant", "nobody", "county", "--all"],
        ["user", "revoke", "4711"],
    )
    _, granted, *refused = installed.commands(
        ["user", "add", "liwei"],
        ["user", "grant", "liwei", "headquarters", "--all", "--field-class", "health", "--json"],
        *wrong,
    )
    assert [done.status for done in refused] == [2] * len(wrong)
    grant = granted.document
    assert (grant["over"], grant["field_classes"]) == ("all", ["health"])
    revoked, listed = installed.commands(["user", "revoke", str(grant["id"])], ["user", "list", "--json"])
    assert revoked.status == 0
    (user,) = listed.document["users"]
    assert user["grants"][0]["to"] == user["grants"][0]["from"], "ended on the day it began"


@pytest.mark.parametrize("password", ["short", "1234567890", "password123", ""])
def test_weak_passwords_are_refused(installed: Installation, password: str) -> None:
    status = 0 if not password else 2  # an empty line: a random one is made
    installed.run("user", "add", "liwei", "--password-stdin", text=password + "\n", expect=status)


def test_a_wrong_database_url_is_a_problem(installed: Installation) -> None:
    installed.env["DATABASE_URL"] = "mysql://root:secret@host/x"
    message = installed.run("audit", "verify", expect=2)
    assert "postgresql://" in message
    assert "secret" not in message


def test_an_unreachable_database_is_a_problem(installed: Installation) -> None:
    installed.env["DATABASE_URL"] = "postgresql://nobody:secret@127.0.0.1:1/x"
    message = installed.run("audit", "verify", expect=2)
    assert "cannot be opened" in message
    assert "secret" not in message


def test_a_database_of_a_newer_version_is_refused(installed: Installation) -> None:
    installed.run("audit", "verify")
    installed.run(
        code="""
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from tuopin.platform.models import Marker
MigrationRecorder(connection).record_applied("platform", "9999_from_the_future")
Marker.objects.filter(name="schema").update(text="another")
"""
    )
    assert "newer version" in installed.run("audit", "verify", expect=2)

"""Migrations have names that say what they do, stand alone, and none is missing."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command

from architecture.sources import PACKAGE, files, imported, place, tree

NAME = re.compile(r"\d{4}_(?!auto_|migration)[a-z][a-z0-9_]+\.py")


def test_every_migration_has_a_name() -> None:
    paths = [
        path for path in files(PACKAGE, ".py") if path.parent.name == "migrations" and not path.name.startswith("_")
    ]
    assert [place(path) for path in paths if not NAME.fullmatch(path.name)] == []


def test_migrations_use_no_application_code() -> None:
    """Code changes, a migration must not: it would then do another thing on the next machine. A module of constants
    and SQL made for migrations (``*.migrations.*``) may be shared; model classes that a state names are allowed."""
    wrong = [
        f"{place(path, node)}: {name}"
        for path in files(PACKAGE, ".py")
        if path.parent.name == "migrations"
        for name, node in imported(tree(path))
        if name.startswith("tuopin.") and "migrations" not in name and "models" not in name
    ]
    assert not wrong


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    output = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=output, stderr=output)
    except SystemExit:
        pytest.fail(output.getvalue())

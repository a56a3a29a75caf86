"""The tables that all migrations make, made once: it takes some seconds, and every worker of every run, and every
installation of a test, would do it again.

On SQLite the file is kept beside the interpreter (in ``.venv``) until a migration changes; on PostgreSQL as a database
of the server, until the run that made it ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import django

from installation import Installation, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(sys.prefix) / "tuopin-migrated"
SOURCES = Path(__file__).parent.parent / "src" / "tuopin"
PREFIX = "tuopin_migrated_"


@cache
def made() -> Installation:
    """An installation that was migrated and never used, to be copied and otherwise left alone."""
    home = FOLDER / _digest()
    env = environment(home)
    server = os.environ.get("DATABASE_URL")
    if server:
        env["DATABASE_URL"] = urlunsplit(urlsplit(server)._replace(path=f"/{database()}"))
    with _alone():
        (_make_database if server else _make_file)(home, env)
    return Installation(home, env)


def database() -> str:
    """The name of the database on the server."""
    return PREFIX + _digest()


def forget() -> None:
    """Remove the databases that were made on the server: this run's, and those of runs that were killed."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for (name,) in connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]
        ).fetchall():
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _digest() -> str:
    """Of all that migrating depends on."""
    whole = hashlib.sha256(f"{django.get_version()} {sys.version}".encode())
    for path in (*sorted(SOURCES.glob("**/migrations/*.py")), SOURCES / "platform" / "models" / "fields.py"):
        whole.update(str(path.relative_to(SOURCES)).encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:16]


def _make_file(home: Path, _env: dict[str, str]) -> None:
    if home.exists():
        return
    for old in FOLDER.glob("*/"):
        shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="being-made-") as folder:
        making = Path(folder) / "home"
        Installation(making, environment(making)).run("migrate")
        making.rename(home)  # whole or not at all, however this process ends


def _make_database(_home: Path, env: dict[str, str]) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        names = [database(), f"{database()}_making"]
        there = {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}
        if names[0] in there:
            return
        connection.execute(f"DROP DATABASE IF EXISTS {names[1]} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {names[1]}")
        with tempfile.TemporaryDirectory() as folder:
            address = urlunsplit(urlsplit(env["DATABASE_URL"])._replace(path=f"/{names[1]}"))
            Installation(Path(folder), env | {"TUOPIN_HOME": folder, "DATABASE_URL": address}).run("migrate")
        connection.execute(f"ALTER DATABASE {names[1]} RENAME TO {names[0]}")


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time; the others wait and find what it made."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

"""An installation of its own for tests that run commands as separate processes: a data folder and a database."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Installation:
    """``home`` is the data folder; ``env`` what its commands find in their environment."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, code: str = "", **options: Any) -> subprocess.Popen[str]:
        """Start ``tuopin ARGUMENTS``, or Python ``code`` after Django was set up and the home prepared."""
        prelude = "import django; django.setup()\nfrom tuopin.platform.prepare import prepare; prepare()\n"
        command = ["-c", prelude + code] if code else ["-m", "tuopin.platform.cli", *arguments]
        return subprocess.Popen(
            [sys.executable, *command],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            **options,
        )

    def run(self, *arguments: str, code: str = "", expect: int = 0, text: str | None = None) -> str:
        """Run a command (or code) to its end and return what it printed; fails on another exit status."""
        process = self.start(*arguments, code=code, stdin=subprocess.PIPE)
        out, err = process.communicate(text, timeout=600)
        assert process.returncode == expect, f"{arguments or code}: {process.returncode}\n{out}\n{err}"
        return out if expect == 0 else err

    def document(self, *arguments: str, expect: int = 0) -> Any:
        """What a command prints with ``--json``."""
        process = self.start(*arguments, "--json")
        out, err = process.communicate(timeout=600)
        assert process.returncode == expect, f"{arguments}: {process.returncode}\n{out}\n{err}"
        return json.loads(out)

    def commands(self, *commands: tuple[str, ...] | list[str]) -> list[Done]:
        """Run several commands one after the other in one process (starting Python takes longer than most of them)."""
        listed = json.dumps([list(command) for command in commands])
        process = subprocess.run(
            [sys.executable, "-m", "installation", listed],
            env=self.env,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert process.returncode == 0, process.stderr
        return [Done(*entry) for entry in json.loads(process.stdout)]


class Done(NamedTuple):
    """What one command left: its exit status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)


def _run_all(commands: list[list[str]]) -> None:
    from tuopin.platform.cli import run

    done = []
    for command in commands:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(command)
        done.append((status, out.getvalue(), err.getvalue()))
    print(json.dumps(done))


def environment(home: Path) -> dict[str, str]:
    """What the commands of an installation find in their environment, on whatever database this process has."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TUOPIN_", "LC_", "LANG"))}
    return env | {
        "TUOPIN_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "tuopin.platform.settings",
        "TUOPIN_LANGUAGE": "en",
        "TUOPIN_SECOND_FACTOR_ROLES": "none",
        "PYTHONWARNINGS": "error",
        "PYTHONPATH": str(Path(__file__).parent),
    }


@contextmanager
def installation(home: Path, like: Installation | None = None) -> Iterator[Installation]:
    """An installation on the database that DATABASE_URL names the server of, else on SQLite: empty, or with a copy of
    the database of ``like`` (which nobody may use meanwhile)."""
    env = environment(home)
    server = os.environ.get("DATABASE_URL")
    if not server:
        if like is not None:
            home.mkdir(mode=0o700)
            shutil.copy(like.home / "tuopin.sqlite3", home)
        yield Installation(home, env)
        return
    import psycopg

    name = f"tuopin_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        template = f" TEMPLATE {urlsplit(like.env['DATABASE_URL']).path.lstrip('/')}" if like is not None else ""
        connection.execute(f"CREATE DATABASE {name}{template}")
        try:
            yield Installation(home, env | {"DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}"))})
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


if __name__ == "__main__":
    _run_all(json.loads(sys.argv[1]))

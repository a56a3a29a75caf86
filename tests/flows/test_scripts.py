"""The scripts that a newcomer meets first: what they say when something is missing or taken, and what they leave."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = ROOT / "script" / "postgres.py"


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TUOPIN_", "DATABASE_URL"))}
    return subprocess.run(command, env=clean | environment, capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture
def bare_machine(tmp_path: Path) -> dict[str, str]:
    """A PATH with git and a few tools, an old python3, and a home without pyenv."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "git", "dirname", "find", "sort", "cat", "env"):
        (tools / name).symlink_to(str(shutil.which(name)))
    old = tools / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)
    return {"PATH": str(tools), "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path / "pyenv")}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The parts of a checkout that set-up reads, without .venv."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "script", folder / "script")
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_setup_says_that_python_is_too_old_and_what_to_do(checkout: Path, bare_machine: dict[str, str]) -> None:
    done = run(checkout / "script" / "setup", **bare_machine)
    assert done.returncode == 1
    assert "Python 3.12 or newer is needed; python3 is Python 3.9.2" in done.stderr
    assert "TUOPIN_PYTHON=" in done.stderr
    assert not (checkout / ".venv").exists()


def test_setup_finds_a_newer_python_of_pyenv(checkout: Path, bare_machine: dict[str, str]) -> None:
    found = Path(bare_machine["PYENV_ROOT"]) / "versions" / "3.99.0" / "bin" / "python"
    found.parent.mkdir(parents=True)
    found.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    found.chmod(0o755)
    done = run(checkout / "script" / "setup", **bare_machine, PIP_NO_INDEX="1")  # no package: it ends after the venv
    assert f"Making .venv with {Path(sys.executable).resolve()}" in done.stderr


def test_setup_refuses_a_profile_it_does_not_know() -> None:
    done = run(ROOT / "script" / "setup", "everything")
    assert done.returncode == 1
    assert "everything" in done.stderr


def test_server_refuses_a_taken_port_before_it_loads_anything(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(ROOT / "script" / "server", "--port", str(port), TUOPIN_HOME=str(home))
    assert done.returncode == 1
    assert f"port {port} of this machine is in use" in done.stderr
    assert not home.exists()


@pytest.mark.parametrize("port", ["", "eight", "99999"])
def test_server_refuses_what_is_no_port(port: str, tmp_path: Path) -> None:
    done = run(ROOT / "script" / "server", "--port", port, TUOPIN_HOME=str(tmp_path / "home"))
    assert done.returncode == 1
    assert "port" in done.stderr
    assert not (tmp_path / "home").exists()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that ``nobody`` can reach: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="tuopin-scripts-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_the_tests_postgresql_is_gone_with_the_command(open_folder: Path) -> None:
    program = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']).execute('select 1'); raise SystemExit(7)"
    done = run(sys.executable, POSTGRES, sys.executable, "-c", program, TMPDIR=str(open_folder))
    assert done.returncode == 7, done.stderr
    assert list(open_folder.iterdir()) == []

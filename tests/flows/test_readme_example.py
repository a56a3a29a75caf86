"""What the READMEs show is what the program prints: their commands are run, and every line shown must come out."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TUOPIN = ".venv/bin/tuopin "


def squeezed(line: str) -> str:
    return " ".join(line.split())


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...]], set[str]]:
    """The lines that commands print one after the other, from an empty data folder: run once for both guides."""

    @cache
    def run(commands: tuple[str, ...]) -> set[str]:
        environment = os.environ | {"TUOPIN_HOME": str(tmp_path_factory.mktemp("example") / "home")}
        environment.pop("DATABASE_URL", None)
        found: set[str] = set()
        for command in commands:
            words = shlex.split(command.removeprefix(TUOPIN))
            call = [sys.executable, "-m", "tuopin.platform.cli", *words]
            done = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
            found |= {squeezed(line) for line in done.stdout.splitlines()}
        return found

    return run


@pytest.mark.parametrize("guide", ["README.md", "README.zh-CN.md"])
def test_the_main_job_prints_what_the_readme_shows(guide: str, printed: Callable[[tuple[str, ...]], set[str]]) -> None:
    blocks = FENCE.findall((ROOT / guide).read_text("utf-8"))
    commands = tuple(line for kind, body in blocks if not kind for line in body.splitlines() if line.startswith(TUOPIN))
    shown = [squeezed(line) for kind, body in blocks if kind == "text" for line in body.splitlines()]
    assert len(commands) == 3
    assert shown
    assert [line for line in shown if line not in printed(commands) | {"", "…"}] == []

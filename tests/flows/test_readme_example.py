"""What the READMEs show is what the program prints: their commands are run, and every line shown must come out."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TUOPIN = ".venv/bin/tuopin "


def squeezed(line: str) -> str:
    return " ".join(line.split())


@pytest.mark.parametrize("guide", ["README.md", "README.zh-CN.md"])
def test_the_main_job_prints_what_the_readme_shows(guide: str, tmp_path: Path) -> None:
    blocks = FENCE.findall((ROOT / guide).read_text("utf-8"))
    commands = [line for kind, body in blocks if not kind for line in body.splitlines() if line.startswith(TUOPIN)]
    shown = [squeezed(line) for kind, body in blocks if kind == "text" for line in body.splitlines()]
    assert len(commands) == 3
    environment = os.environ | {"TUOPIN_HOME": str(tmp_path / "home")}
    environment.pop("DATABASE_URL", None)
    printed: set[str] = set()
    for command in commands:
        words = shlex.split(command.removeprefix(TUOPIN))
        done = subprocess.run(
            [sys.executable, "-m", "tuopin.platform.cli", *words],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        printed |= {squeezed(line) for line in done.stdout.splitlines()}
    assert [line for line in shown if line not in printed | {"", "…"}] == []

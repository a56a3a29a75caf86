"""MAP.md, READMEs and decision records name files, commands and options that exist."""

from __future__ import annotations

import os
import re
import shlex

import click
import pytest

from architecture.sources import PACKAGE, ROOT

MAP = (ROOT / "MAP.md").read_text("utf-8")
GUIDES = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "bench/README.md")
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def command_lines(guide: str) -> list[str]:
    """The lines of the code blocks that call a script or Tuopin; a prompt and a comment are cut off."""
    blocks = FENCE.findall((ROOT / guide).read_text("utf-8"))
    lines = [re.sub(r"^\$ |\s+#.*$", "", line.strip()) for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"(script/|(\.venv/bin/)?tuopin )", line)]


def test_paths_of_the_map_exist() -> None:
    named = re.findall(r"`([\w./-]+)`", MAP)
    assert len(named) > 60
    assert [name for name in named if not any((base / name).exists() for base in (ROOT, ROOT / "src", PACKAGE))] == []


def test_the_first_row_of_the_map_is_the_county_standard() -> None:
    first = next(line for line in MAP.splitlines() if line.startswith("| ") and "where is" not in line)
    assert first.startswith("| 三低于两高于一接近")
    assert "`packs/shangqiu-2018/county_exit.toml`" in first


def test_the_map_says_a_thing_once() -> None:
    rows = [line.split("|")[1].strip() for line in MAP.splitlines() if line.startswith("| ")]
    questions = [row for row in rows if row != "where is …"]
    assert sorted({row for row in questions if questions.count(row) > 1}) == []


def test_decision_records_are_listed_and_named_alike() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text("utf-8")
    for path in sorted(folder.glob("*.md")):
        if path.name != "README.md":
            assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
            assert f"({path.name})" in index, f"{path.name} is not in docs/decisions/README.md"
            assert path.read_text("utf-8").startswith(f"# {path.name[:4]} ")


def test_code_names_decision_records_that_exist() -> None:
    numbers = {path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}
    missing = {
        f"{path.relative_to(ROOT)}: {number}"
        for path in PACKAGE.rglob("*.py")
        for number in re.findall(r"(?:docs/decisions/|decision )(\d{4})", path.read_text("utf-8"))
        if number not in numbers
    }
    assert sorted(missing) == []


@pytest.mark.parametrize("guide", GUIDES)
def test_scripts_of_the_guides_exist(guide: str) -> None:
    for line in command_lines(guide):
        if line.startswith("script/"):
            script = ROOT / line.split()[0]
            assert script.is_file(), line
            assert os.access(script, os.X_OK), line


@pytest.mark.parametrize("guide", GUIDES)
def test_tuopin_commands_of_the_guides_exist(guide: str) -> None:
    from tuopin.platform.cli import tuopin

    for line in command_lines(guide):
        if "tuopin " not in line.split("script/")[0]:
            continue
        words = shlex.split(line)[1:]
        command: click.Command | None = tuopin
        while words and isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words.pop(0))
        assert command is not None, line
        known = {option for parameter in command.params for option in parameter.opts}
        wrong = [word for word in words if word.startswith("--") and word.split("=")[0] not in known | {"--help"}]
        assert wrong == [], line


@pytest.mark.parametrize("guide", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_the_two_commands_and_a_picture(guide: str) -> None:
    assert {"script/server", "script/test"} <= set(command_lines(guide))
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", (ROOT / guide).read_text("utf-8"))
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []

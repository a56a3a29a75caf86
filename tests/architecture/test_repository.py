"""The repository itself: nothing of one machine in it, locks without hosts, no third-party code, no large files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from architecture.sources import PACKAGE, ROOT, files, place, tracked

if TYPE_CHECKING:
    from pathlib import Path

BINARY = {".xlsx", ".xls", ".et", ".png", ".jpg", ".jpeg", ".webp", ".ico", ".woff2", ".parquet", ".zip", ".sqlite3"}

# Hosts of package registries and folders of one machine. Written in pieces, so that this file does not match itself.
REGISTRIES = ("py" + "pi", "python" + "hosted", "np" + "mjs", "registry" + ".np" + "m", "npm" + "mirror", "deb" + "ian")
HOST = re.compile(r"https?://[\w.-]*(?:" + "|".join(map(re.escape, REGISTRIES)) + r")[\w.-]*(?=[/\s\"'<>)]|$)")
MACHINE = re.compile(r"(?<![\w./~-])/(?:root|work/\w+|home/\w+|Users/\w+|opt/\w+|tmp/\w+_jobs)(?=/)")


def texts() -> list[tuple[Path, str]]:
    return [(path, path.read_text("utf-8", errors="replace")) for path in tracked() if path.suffix not in BINARY]


def matches(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{place(path)}:{number}: {line.strip()[:100]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_registry_host_stands_in_a_file() -> None:
    assert matches(HOST) == []


def test_no_path_of_one_machine_stands_in_a_file() -> None:
    assert matches(MACHINE) == []


def test_the_patterns_find_what_they_are_for() -> None:
    for address in (
        "https://" + "py" + "pi.org/simple",
        "http://files.python" + "hosted.org/x",
        "https://reg.np" + "mjs.org",
    ):
        assert HOST.search(address)
    for path in ("see /ro" + "ot/x/y", "'/wo" + "rk/main/x'", "/ho" + "me/clerk/x"):
        assert MACHINE.search(path)
    assert not MACHINE.search("the folder ~/ro" + "ot/x and docs/ho" + "me/x")


def test_python_locks_hold_hashes_and_no_address() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text("utf-8")
        assert "://" not in text, lock.name
        pinned = re.split(r"\n(?=[a-z0-9])", text.strip())
        assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == [], lock.name


def test_the_server_lock_is_a_part_of_the_development_lock() -> None:
    def versions(name: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / name).read_text("utf-8"), re.MULTILINE))

    assert versions("base.txt") - versions("dev.txt") == set()


def test_the_node_lock_holds_integrity_and_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-"), name


def test_no_third_party_code_is_committed() -> None:
    minified = [place(path) for path in tracked() if ".min." in path.name or "node_modules" in path.parts]
    assert minified == []


def test_no_large_file_is_committed() -> None:
    assert [place(path) for path in tracked() if path.stat().st_size > 2_000_000] == []


def test_a_file_has_one_subject() -> None:
    """400 lines are the aim; above 450 a file is split."""
    long = [
        f"{place(path)}: {count} lines"
        for path in (*files(PACKAGE, ".py"), *files(ROOT / "tests", ".py"))
        if path.parent.name != "migrations" and (count := len(path.read_text("utf-8").splitlines())) > 450
    ]
    assert long == []

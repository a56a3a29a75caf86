"""What the architecture tests read: the tracked files, their syntax trees and the order of the rooms."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "tuopin"


@cache
def tracked() -> tuple[Path, ...]:
    """The files of the project: those that git tracks or would track, so that a new file is tested before its commit.

    A file deleted but not yet committed is left out.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().split("\0")
    return tuple(sorted(ROOT / name for name in set(names) if name and (ROOT / name).is_file()))


def files(folder: Path, suffix: str) -> tuple[Path, ...]:
    """The project's files under ``folder`` whose name ends in ``suffix``."""
    return tuple(path for path in tracked() if path.name.endswith(suffix) and path.is_relative_to(folder))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def order() -> dict[str, int]:
    """Each part of the package -> its height, from the contract that import-linter checks."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "rooms")
    return {
        name.strip(" ()"): height for height, layer in enumerate(reversed(layers)) for name in layer.strip().split("|")
    }


def rooms() -> tuple[str, ...]:
    """The rooms that exist: folders of the package that are parts of the order and not core or packs."""
    return tuple(name for name in order() if name not in {"core", "packs"} and (PACKAGE / name).is_dir())


def room_of(path: Path) -> str:
    """The part of the package that a file belongs to (the package's own files belong to none)."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def place(path: Path, node: ast.AST | None = None) -> str:
    """A file, and a line of it, as error messages name it."""
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{node.lineno}" if isinstance(node, ast.expr | ast.stmt) else name


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a chain of attributes, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imported(module: ast.Module) -> list[tuple[str, ast.stmt]]:
    """Every absolute module name that a file imports, wherever the import stands, with its statement."""
    found: list[tuple[str, ast.stmt]] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module, node))
    return found

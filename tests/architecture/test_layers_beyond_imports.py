"""Arrows that import-linter cannot see point down too: models and modules named by strings, and templates."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from architecture.sources import PACKAGE, dotted, files, order, place, room_of, rooms, tree

if TYPE_CHECKING:
    from pathlib import Path

RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}
MODULE = re.compile(r"tuopin\.(\w+)(?:\.\w+)*\Z")
TEMPLATE_TAG = re.compile(r"{%-?\s*(?:extends|include)\s+[\"']([^\"']+)[\"']")
TEMPLATE_NAME = re.compile(r"[\w/-]+\.html\Z")

# The one list of rooms that Django installs. Everything else finds what other rooms publish by asking Django for it.
NAMES_ROOMS = PACKAGE / "platform" / "settings.py"


def upward(path: Path, name: str) -> bool:
    """Whether ``name`` is a part of the package that lies above the file's own."""
    return name in order() and order()[name] > order().get(room_of(path), len(order()))


def strings(node: ast.AST) -> list[ast.Constant]:
    return [part for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def test_relations_named_by_string_point_down() -> None:
    wrong = []
    for path in files(PACKAGE, ".py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in RELATIONS:
                target = node.args[:1] or [word.value for word in node.keywords if word.arg == "to"]
                names = [text.value for part in target for text in strings(part)]
                wrong += [f"{place(path, node)}: {name}" for name in names if upward(path, str(name).split(".")[0])]
    assert not wrong


def test_migrations_depend_downward() -> None:
    wrong = []
    for path in files(PACKAGE, ".py"):
        if path.parent.name == "migrations":
            for node in ast.walk(tree(path)):
                if isinstance(node, ast.Tuple) and len(node.elts) == 2:
                    names = [text.value for text in strings(node.elts[0])]
                    wrong += [f"{place(path, node)}: {name}" for name in names if upward(path, str(name))]
    assert not wrong


def test_modules_named_by_string_point_down() -> None:
    wrong = []
    for path in files(PACKAGE, ".py"):
        if path != NAMES_ROOMS:
            for text in strings(tree(path)):
                module = MODULE.match(str(text.value))
                if module and upward(path, module[1]):
                    wrong.append(f"{place(path, text)}: {text.value}")
    assert not wrong


def test_templates_stand_in_a_folder_of_their_room() -> None:
    wrong = []
    for path in files(PACKAGE, ".html"):
        parts = path.relative_to(PACKAGE).parts
        if "templates" in parts and parts[parts.index("templates") + 1] not in {room_of(path), "registration"}:
            wrong.append(place(path))
    assert not wrong


def test_templates_include_and_extend_their_own_room_or_platform() -> None:
    wrong = []
    for path in files(PACKAGE, ".html"):
        for name in TEMPLATE_TAG.findall(path.read_text("utf-8")):
            if name.split("/")[0] not in {room_of(path), "platform"}:
                wrong.append(f"{place(path)}: {name}")
    assert not wrong


def test_python_renders_templates_of_its_own_room_or_platform() -> None:
    wrong = []
    for path in files(PACKAGE, ".py"):
        for text in strings(tree(path)):
            name = str(text.value)
            if TEMPLATE_NAME.match(name) and name.split("/")[0] in set(rooms()) - {room_of(path), "platform"}:
                wrong.append(f"{place(path, text)}: {name}")
    assert not wrong

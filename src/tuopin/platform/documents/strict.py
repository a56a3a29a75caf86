"""The language of Word templates: placeholders, loops over the lists there are, conditions. Nothing else of Jinja: a
template calls nothing, sees no attribute of Python's, computes nothing and ends.

What a template may name stands in its *fields*: name → title of a text, or → the fields of a list's rows. A template
that names something else is refused with all such names, when it is handed in and again each time it is filled.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping

type Fields = dict[str, Any]
"""Name → title (a text), or → the fields of the rows of a list."""

DEEPEST = 3
"""Loops inside loops."""
_LOOP: Fields = {"index": "", "first": "", "last": "", "length": ""}
_COMPARED = frozenset({"eq", "ne"})
_PLAIN = (nodes.Output, nodes.TemplateData, nodes.If, nodes.Not, nodes.And, nodes.Or, nodes.Const, nodes.Operand)


class NotAllowed(Exception):  # noqa: N818 - what happened
    """What a template holds that it must not: ``unknown`` names, and words about ``forbidden`` constructs."""

    def __init__(self, unknown: list[str], forbidden: list[str]) -> None:
        super().__init__("not allowed")
        self.unknown, self.forbidden = unknown, forbidden


class Strict(ImmutableSandboxedEnvironment):
    """Reads each template against the fields before it is made into code."""

    def __init__(self, fields: Fields) -> None:
        super().__init__(autoescape=True)
        self._fields = fields
        self.globals.clear()
        self.tests = {}
        self.filters = {name: self.filters[name] for name in ("escape", "e")}  # autoescape asks for them

    def from_string(self, source: Any, *_more: Any, **_named: Any) -> Any:
        try:
            tree = self.parse(source)
        except TemplateSyntaxError as error:
            raise NotAllowed([], [str(error.message or "syntax")[:200]]) from None
        reading = _Reading()
        for node in tree.body:
            reading.read(node, self._fields, 0)
        if reading.unknown or reading.forbidden:
            raise NotAllowed(list(reading.unknown), list(reading.forbidden))
        return super().from_string(source)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Fields of a row, and how far a loop is; never an attribute of Python's."""
        if isinstance(obj, dict):
            return obj.get(attribute, "")
        if attribute in _LOOP and type(obj).__name__ == "LoopContext":
            return getattr(obj, attribute)
        raise SecurityError(attribute)

    def getitem(self, _obj: Any, argument: Any) -> Any:
        raise SecurityError(str(argument))

    def call(self, *_given: Any, **_named: Any) -> Any:
        raise SecurityError("call")


class _Reading:
    def __init__(self) -> None:
        self.unknown: dict[str, None] = {}
        self.forbidden: dict[str, None] = {}

    def read(self, node: nodes.Node, scope: Mapping[str, Any], depth: int) -> None:
        if isinstance(node, nodes.For):
            self._loop(node, scope, depth)
            return
        if isinstance(node, nodes.Name | nodes.Getattr):
            if isinstance(self.kind(node, scope), dict):
                self.forbidden[f"{_written(node)}：这是一张表，请用 for 逐行打印 (a list: print it row by row)"] = None
            return
        if isinstance(node, nodes.Compare):
            if any(each.op not in _COMPARED for each in node.ops):
                self.forbidden["只能用 == 和 != 比较 (only == and !=)"] = None
        elif not isinstance(node, _PLAIN):
            self.forbidden[f"{type(node).__name__}"] = None
            return
        for child in node.iter_child_nodes():
            if isinstance(node, nodes.If) and isinstance(child, nodes.Name | nodes.Getattr):
                self.kind(child, scope)  # “is the list empty” is a fair question
            else:
                self.read(child, scope, depth)

    def _loop(self, node: nodes.For, scope: Mapping[str, Any], depth: int) -> None:
        if depth >= DEEPEST or node.recursive or node.test is not None or not isinstance(node.target, nodes.Name):
            self.forbidden[f"for：最多套 {DEEPEST} 层，不带条件 (at most {DEEPEST} loops deep, without conditions)"] = (
                None
            )
            return
        rows = self.kind(node.iter, scope)
        if not isinstance(rows, dict):
            if rows is not None:
                self.forbidden[f"for {_written(node.iter)}：不是表 (no list)"] = None
            return
        inner = {**scope, node.target.name: _Row(rows), "loop": _Row(_LOOP)}
        for child in (*node.body, *node.else_):
            self.read(child, inner, depth + 1)

    def kind(self, node: nodes.Node, scope: Mapping[str, Any]) -> Any:
        """A title for a text, fields for a list, None for what is not known (noted) or not allowed (noted)."""
        if isinstance(node, nodes.Name):
            found = scope.get(node.name)
            if found is None or isinstance(found, _Row):
                self._note(node.name, scope, found)
                return None
            return found
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            row = scope.get(node.node.name)
            if isinstance(row, _Row) and node.attr in row.fields:
                return row.fields[node.attr]
            self._note(_written(node), row.fields if isinstance(row, _Row) else scope, None)
            return None
        self.forbidden[f"{type(node).__name__} {_written(node)}".strip()] = None
        return None

    def _note(self, name: str, scope: Mapping[str, Any], found: Any) -> None:
        if isinstance(found, _Row):
            self.forbidden[f"{name}：请写出要打印的栏，如 {name}.{next(iter(found.fields))} (name a column)"] = None
            return
        near = difflib.get_close_matches(name.rpartition(".")[2], list(scope), 1, 0.4)
        self.unknown[f"{name[:60]}{f'（是不是 {near[0]}？）' if near else ''}"] = None


class _Row:
    def __init__(self, fields: Fields) -> None:
        self.fields = fields


def _written(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_written(node.node)}.{node.attr}"[:80]
    return str(getattr(node, "name", ""))[:80]

"""Every address of the product, from the table of addresses and the API's own description: none can be forgotten."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.resolvers import RegexPattern

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Route:
    """An address with its parameters: ``name`` is the view (``console:area``), ``parameters`` name → converter."""

    name: str
    parameters: tuple[tuple[str, str], ...]

    def address(self, values: dict[str, str]) -> str:
        """The path with these values; empty where the table of addresses has none such (a letter for a number)."""
        try:
            return reverse(self.name, kwargs=values)
        except NoReverseMatch:
            return ""

    @property
    def names(self) -> list[str]:
        return [name for name, _converter in self.parameters]


@cache
def routes() -> list[Route]:
    """All routes: pages and API alike, each once."""
    return sorted(set(_walk(get_resolver().url_patterns, (), "")), key=lambda route: (route.name, route.parameters))


def _walk(patterns: list[Any], above: tuple[tuple[str, str], ...], space: str) -> Iterator[Route]:
    for each in patterns:
        if isinstance(each, URLResolver):
            inside = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each.url_patterns, above + _parameters(each), inside)
        elif isinstance(each, URLPattern):
            yield Route(f"{space}{each.name}", above + _parameters(each))


def _parameters(each: URLPattern | URLResolver) -> tuple[tuple[str, str], ...]:
    if isinstance(each.pattern, RegexPattern):
        return tuple((name, "str") for name in each.pattern.regex.groupindex)
    kinds = each.pattern.converters.items()
    return tuple((name, type(found).__name__.removesuffix("Converter").lower()) for name, found in kinds)


# -- the API's own description ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operation:
    """One operation of the API; ``body`` is the JSON Schema of what it takes, with references resolved on demand."""

    route: str
    path: str
    method: str
    query: tuple[str, ...]
    body: Any = None


@cache
def operations() -> list[Operation]:
    """Every operation, in the order of the description."""
    found = []
    for path, methods in document()["paths"].items():
        for method, each in methods.items():
            named = tuple(one["name"] for one in each.get("parameters", ()) if one["in"] == "query")
            content = each.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema")
            view = resolve(path.replace("{", "").replace("}", "")).view_name
            found.append(Operation(view, path, method, named, body))
    return found


@cache
def document() -> Any:
    from tuopin.platform.api import pages

    return json.loads(pages._schema())


def example(schema: Any, chosen: dict[str, Any], name: str = "") -> Any:
    """A value that fits a schema, with the chosen values for properties of these names."""
    if name in chosen:
        return chosen[name]
    if "$ref" in schema:
        found: Any = document()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return example(found, chosen, name)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return example(next(one for one in schema[several] if one.get("type") != "null"), chosen, name)
    if "const" in schema or "enum" in schema:
        return schema.get("const", next(iter(schema.get("enum", ())), None))
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            needed = set(schema.get("required", ())) | (set(chosen) & set(properties))
            return {key: example(one, chosen, key) for key, one in properties.items() if key in needed}
        case "array":
            return [example(schema.get("items", {}), chosen, name)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _:
            return "2018-11-30" if schema.get("format") == "date" else str(schema.get("default") or "x")

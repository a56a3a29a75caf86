"""Every address of the product, from the table of addresses and the API's own description: none can be forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Route:
    """An address with its parameters: ``name`` is the view (``console:area``), ``parameters`` name → converter."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    room: str  # whose view it is

    def address(self, values: dict[str, str]) -> str:
        """The path with these values; empty where the table of addresses has none such (a letter for a number)."""
        try:
            return reverse(self.name, kwargs=values)
        except NoReverseMatch:
            return ""


def routes() -> list[Route]:
    """All routes: pages and API alike."""
    return sorted(_walk(get_resolver().url_patterns, (), ""), key=lambda route: route.name)


def _walk(patterns: list[Any], above: tuple[tuple[str, str], ...], space: str) -> Iterator[Route]:
    for each in patterns:
        if isinstance(each, URLResolver):
            inside = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each.url_patterns, above + _parameters(each), inside)
        elif isinstance(each, URLPattern):
            yield Route(f"{space}{each.name}", above + _parameters(each), _room(each))


def _parameters(each: URLPattern | URLResolver) -> tuple[tuple[str, str], ...]:
    if isinstance(each.pattern, RegexPattern):
        return tuple((name, "str") for name in each.pattern.regex.groupindex)
    kinds = each.pattern.converters.items()
    return tuple((name, type(found).__name__.removesuffix("Converter").lower()) for name, found in kinds)


def _room(each: URLPattern) -> str:
    parts = each.callback.__module__.split(".")
    return parts[1] if parts[0] == "tuopin" and len(parts) > 1 else "platform"

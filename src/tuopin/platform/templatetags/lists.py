"""The cells of a list's line. A page shows hundreds: as a template included for each they took half of its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from tuopin.platform.words import language

from .words import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuopin.core.language.catalogue import Title
    from tuopin.platform.lists.model import Cell

register = template.Library()
_CLASSES = {"amount": "amount", "verdict": "item", "code": "code", "date": "code"}
"""How a column is set, by its kind; ``wrap`` otherwise."""


@register.simple_tag
def cells(given: Sequence[Cell]) -> SafeString:
    """The cells of a line: the first is its head. What is not known is said, never left blank."""
    english = language() == "en"

    def said(text: Title) -> str:
        return conditional_escape(text.en if english else text.zh)

    def shown(cell: Cell) -> str:
        if cell.text is None:
            tone = "blank" if cell.column.blank.en == "unknown" else "quiet"
            return f'<span class="{tone}">{said(cell.column.blank)}</span>'
        if cell.href:
            return f'<a href="{conditional_escape(cell.href)}">{said(cell.text)}</a>'
        return mark(cell.value, cell.column.words) if cell.column.kind == "verdict" else said(cell.text)

    found = []
    for at, cell in enumerate(given):
        if at:
            kind = _CLASSES.get(cell.column.kind, "wrap")
            found.append(f'<td data-label="{said(cell.column.head)}" class="{kind}">{shown(cell)}</td>')
            continue
        head = said(cell.text) if cell.text else "—"
        if cell.href:
            head = f'<a href="{conditional_escape(cell.href)}">{head}</a>'
        found.append(f'<th scope="row" class="code">{head}</th>')
    return SafeString("\n".join(found))

"""``{% bar counts %}``: how counts share a row; ``{% number … %}``: a count that leads to its list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join

from tuopin.standards.results import list_address

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from tuopin.console.selectors import Card
    from tuopin.standards.results import Counts

register = template.Library()


@register.simple_tag
def bar(counts: Counts) -> SafeString | str:
    """A bar with a part for each verdict; hidden from readers of screens, which have the numbers in the same row."""
    if not counts.total:
        return ""
    parts, start = [], 0
    for verdict in ("met", "not_met", "unknown", "not_applicable"):
        part = counts.of(verdict)
        parts.append((verdict.replace("_", "-"), _percent(start, counts.total), _percent(part, counts.total)))
        start += part
    rects = format_html_join("", '<rect class="bar-{}" x="{}" width="{}" height="100%"></rect>', parts)
    return format_html('<svg class="bar" aria-hidden="true" focusable="false">{}</svg>', rects)


@register.simple_tag
def number(card: Card, count: int, code: str, item: str = "overall", verdict: str = "") -> SafeString:
    """A count of a card as a link to the list behind it, where the reader may see that list."""
    if not count:
        return format_html('<span class="zero">{}</span>', 0)
    if not card.linked:
        return format_html("{}", f"{count:,}")
    return format_html('<a href="{}">{}</a>', list_address(card.run.evaluation, code, item, verdict), f"{count:,}")


def _percent(part: int, whole: int) -> str:
    thousandths = part * 100_000 // whole
    return f"{thousandths // 1000}.{thousandths % 1000:03d}%"

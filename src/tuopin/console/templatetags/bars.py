"""``{% bar counts %}``: how counts share a row, as a picture beside the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

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


def _percent(part: int, whole: int) -> str:
    thousandths = part * 100_000 // whole
    return f"{thousandths // 1000}.{thousandths % 1000:03d}%"

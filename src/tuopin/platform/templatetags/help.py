"""``{% term "poverty_line" %}``: a word with its meaning one tap away; ``{% page_help %}``: what the page is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html

from tuopin.platform import help as texts
from tuopin.platform.words import pick

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def term(context: dict[str, Any], key: str, text: str = "") -> SafeString:
    """The term (or ``text``) as a button that opens its meaning: a popover of the browser, without script.

    Raises KeyError for a term that ``terms.toml`` does not have.
    """
    found = texts.terms()[key]
    name = pick(found.name.zh.split(",")[0], found.name.en.split(",")[0])
    number = _next(context)
    return format_html(
        '<button type="button" class="term" popovertarget="term-{}">{}</button>'
        '<span class="meaning" popover id="term-{}" role="note"><strong>{}</strong> {}</span>',
        number, text or name, number, pick(found.name.zh, found.name.en), pick(found.meaning.zh, found.meaning.en),
    )  # fmt: skip


def _next(context: dict[str, Any]) -> int:
    """Numbers the terms of a page, so that ids differ."""
    request = context.get("request")
    holder = request.META if request is not None else context
    holder["tuopin.terms"] = holder.get("tuopin.terms", 0) + 1
    return int(holder["tuopin.terms"])


@register.inclusion_tag("platform/page_help.html", takes_context=True)
def page_help(context: dict[str, Any]) -> dict[str, Any]:
    """A panel that unfolds; nothing on a page that has no text."""
    request = context.get("request")
    if request is None:
        return {"text": None}
    return {"text": texts.of_page(request), "open": texts.is_open(request)}

"""``{% t "中文" "English" %}``: both languages side by side in one template (docs/decisions/0016)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.kinds import CONDITIONS, KINDS
from tuopin.platform.auditing.words import actor
from tuopin.platform.words import language, pick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.standards.kinds import Said
    from tuopin.core.standards.verdicts import Verdict

register = template.Library()


@register.simple_tag
def t(zh: str, en: str, **values: Any) -> SafeString:
    """The text of the page's language. ``{name}`` takes the (escaped) value given as ``name=…``."""
    text = pick(zh, en)
    return format_html(text, **values) if values else SafeString(conditional_escape(text))


@register.filter
def title(value: Title) -> str:
    """A catalogue title in the page's language."""
    return pick(value.zh, value.en)


@register.filter
def of(titles: Mapping[str, Title], key: str) -> Title:
    """What a key is called, of names by key; nothing for one that has none."""
    return titles.get(key) or Title("", "")


@register.filter
def who(name: str) -> str:
    """Who did something, as it is kept of them; what is no account has a name in the page's language."""
    return title(actor(name))


@register.simple_tag
def page_language() -> str:
    """The language for ``<html lang>``."""
    return "en" if language() == "en" else "zh-Hans"


_AMOUNT = re.compile(r"(?<![\d.,])\d{4,}(?=\.\d)")


def _said(value: str, kind: str) -> Said:
    """A verdict in the words of a kind of standards; ``quality:overall`` for its overall verdict."""
    key, _, part = kind.partition(":")
    verdict: Verdict = value  # type: ignore[assignment]  # a KeyError for anything else
    return KINDS[key or CONDITIONS.key].said(verdict, overall=part == "overall")


@register.filter
def verdict(value: str, kind: str = "") -> SafeString:
    """A verdict as a sign and a word, never by colour alone. ``kind``: that of the standard, none = conditions."""
    said = _said(value, kind)
    return format_html(
        '<span class="verdict verdict-{}"><span class="sign" aria-hidden="true">{}</span> {}</span>',
        said.tone, said.sign, pick(said.title.zh, said.title.en),
    )  # fmt: skip


@register.filter
def mark(value: str, kind: str = "") -> SafeString:
    """A verdict as a sign alone for a narrow column; its word is there for readers of screens and as a hint."""
    said = _said(value, kind)
    word = pick(said.title.zh, said.title.en)
    return format_html(
        '<span class="verdict verdict-{}" title="{}"><span class="sign" aria-hidden="true">{}</span>'
        '<span class="word">{}</span></span>',
        said.tone, word, said.sign, word,
    )  # fmt: skip


@register.filter
def grouped(number: int) -> str:
    """A count with its thousands apart: ``1,234``."""
    return f"{number:,}"


@register.filter
def thousands(text: str) -> str:
    """Amounts within a text with their thousands apart; whole numbers (years, codes) stay: ``10,933.56 元``."""
    return _AMOUNT.sub(lambda found: f"{int(found[0]):,}", text)


@register.filter
def yuan(fen: int | None) -> str:
    """Integer fen as yuan with two decimals, exactly; unknown is an empty cell's dash."""
    if fen is None:
        return "—"
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"

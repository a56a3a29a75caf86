"""What is looked for on every page: what a thumb would miss, what paper would cut off, words left untranslated."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING

from django.apps import apps

from browser.steps import DESK, PHONE, faults, resize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Page

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
SHOWN = """e => { const box = e.getBoundingClientRect(); return box.width > 0 && box.height > 0
  && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.hidden, .list-hidden, .skip, .signatures') }"""
SMALL = f"""(shown => [...document.querySelectorAll('main :is(button:not(.term), select, textarea, summary, .button, '
  + 'input:not([type=hidden], [type=checkbox], [type=radio]))')]
  .filter(e => shown(e) && e.getBoundingClientRect().height < 43.5)
  .map(e => e.getBoundingClientRect().height.toFixed(0) + ' px: ' + e.outerHTML.slice(0, 120)))({SHOWN})"""
"""What a thumb would miss."""
WIDE = """document.documentElement.scrollWidth - document.documentElement.clientWidth"""
ON_PAPER = f"""(shown => [
  ...[...document.querySelectorAll('.rooms, .find, .top .person, .tabs, .switch, main :is(.button, button:not(.term), '
    + 'summary, form:not(:has(table, dl, ol)), table :is([type=checkbox], [type=radio]))')]
    .filter(shown).map(e => 'on paper: ' + e.outerHTML.slice(0, 120)),
  ...[...document.querySelectorAll('main :is(.scroll, div, section):has(table)')]
    .filter(e => shown(e) && getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1)
    .map(e => 'cut off on paper: ' + e.outerHTML.slice(0, 120)),
])({SHOWN})"""
WORDS = """(() => { const found = [], seen = new Set(['title', 'aria-label', 'placeholder', 'alt', 'data-label']);
  const nodes = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    const element = node.nodeType === 3 ? node.parentElement : node;
    if (element.closest('[lang^=zh], script, style, template')) continue;
    if (node.nodeType === 3) found.push(node.data.trim());
    else for (const each of element.attributes) if (seen.has(each.name)) found.push(each.value);
  }
  return found })()"""


def data() -> str:
    """Everything that stands in the database, as one text."""
    found = []
    for model in apps.get_models():
        if model._meta.managed and model.__module__.startswith("tuopin."):
            for row in model._default_manager.values_list():
                found += [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False, default=str)
                          for each in row if isinstance(each, (str, dict, list))]  # fmt: skip
    return "\n".join(found)


def untranslated(page: Page, known: str) -> list[str]:
    """Chinese words of a page that are no data: neither found there nor put together of what is."""

    @cache
    def is_data(text: str) -> bool:
        return text in known or any(text[:at] in known and is_data(text[at:]) for at in range(1, len(text)))

    texts = page.evaluate(WORDS)
    return [text[:100] for text in texts if any(not is_data(run) for run in CHINESE.findall(text))]


def unsound(page: Page, found: Iterable[tuple[str, str]]) -> list[object]:
    """What is wrong with pages, by name and address, in both languages; the reader of ``page`` is signed in, in
    Chinese, and stays in English."""
    found = list(found)
    wrong: list[object] = []
    for name, there in found:
        page.goto(there)
        wrong += [(name, each) for each in faults(page)]
        page.emulate_media(media="print")
        wrong += [(name, each) for each in page.evaluate(ON_PAPER)]
        page.emulate_media(media="screen")
        resize(page, PHONE)
        wrong += [(name, each) for each in page.evaluate(SMALL)]
        wrong += [(name, f"{wide} px too wide")] if (wide := page.evaluate(WIDE)) > 0 else []
        resize(page, DESK)
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en]")
    resize(page, PHONE)
    known = data()
    for name, there in found:
        page.goto(there)
        wrong += [(name, each) for each in faults(page)]
        wrong += [(name, f"not English: {each}") for each in untranslated(page, known)]
        wrong += [(name, f"{wide} px too wide in English")] if (wide := page.evaluate(WIDE)) > 0 else []
    resize(page, DESK)
    return wrong

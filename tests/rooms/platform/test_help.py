"""Help: the terms are the glossary's, a term needs no script, the panel is remembered, texts name views that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import get_resolver

from tuopin.platform import help as texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.urls import URLPattern, URLResolver

GLOSSARY = Path(__file__).parents[3] / "docs" / "glossary.md"


def glossary() -> dict[str, tuple[str, str, str]]:
    """Identifier → Chinese, English, meaning, as docs/glossary.md has them."""
    found = {}
    for line in GLOSSARY.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 5:
            for name in re.findall(r"`(\w+)`", cells[1]):
                found[name] = (cells[0], cells[2], cells[3])
    return found


def test_terms_are_the_glossary_s() -> None:
    known = glossary()
    assert len(texts.terms()) > 50
    for key, term in texts.terms().items():
        assert (term.name.zh, term.name.en, term.meaning.en) == known[key], key
        assert term.meaning.zh


def test_every_term_that_pages_use_is_there() -> None:
    root = Path(texts.__file__).parents[1]
    used = {key for page in root.rglob("*.html") for key in re.findall(r'{% term "(\w+)"', page.read_text("utf-8"))}
    assert used
    assert used <= texts.terms().keys()


def test_a_term_is_a_button_and_its_meaning_without_script() -> None:
    request = RequestFactory().get("/")
    html = Template('{% term "poverty_line" %}{% term "poverty_line" "线" %}').render(Context({"request": request}))
    ids = re.findall(r'popovertarget="([\w-]+)"', html)
    assert len(set(ids)) == 2
    assert re.findall(r'popover id="([\w-]+)"', html) == ids
    assert ">线</button>" in html
    assert "2300" in html
    assert not re.search(r"<script|style=|on\w+=", html)


def test_the_panel_is_open_only_where_the_reader_keeps_it_open() -> None:
    page = Template("{% page_help %}")
    for cookie, shown in (("1", True), ("0", False), ("x" * 5000, False)):
        request = RequestFactory().get("/help/")
        request.COOKIES[texts.COOKIE] = cookie
        request.resolver_match = get_resolver().resolve("/help/")
        html = page.render(Context({"request": request}))
        assert ("<details" in html, " open>" in html) == (True, shown)


def views(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        inner = getattr(pattern, "url_patterns", None)
        if inner is None:
            if pattern.name:
                yield f"{namespace}:{pattern.name}" if namespace else pattern.name
        else:
            name = getattr(pattern, "namespace", None) or ""
            yield from views(inner, ":".join(filter(None, (namespace, name))))


def test_texts_name_views_that_exist() -> None:
    known = set(views(get_resolver().url_patterns))
    assert sorted(set(texts.pages()) - known) == []


NOT_PAGES = {
    # before anybody is signed in, where there is no reader to explain anything to
    "platform:sign_in", "platform:second_factor", "platform:health", "duties:card",
    # what only takes a form and leads to a page
    "platform:sign_out", "platform:change_second_factor", "platform:end_session", "platform:language",
    "platform:job_again", "platform:revoke_token", "platform:find_account", "platform:verify_audit",
    "platform:mark_messages", "platform:repeat_messages", "orders:offices", "orders:ledger_report_pdf",
    "platform:make_seal", "platform:verify_seal", "standards:federation_look",
    "register:undo_import", "register:undo_correction", "register:match_columns", "register:match_write",
    "register:undo_event", "register:household_code", "register:match_close", "register:match_undo",
    "register:import_files",
    "duties:make_helper_accounts", "measures:work_out",
    "duties:decide_helpers", "duties:slips", "duties:mark_cards", "orders:act",
    # parts of pages, files and data
    "duties:card_preview", "duties:print_ledger", "duties:wall_sheet", "duties:handbook", "duties:notice",
    "duties:letters", "duties:template_file", "duties:commitment_paper", "duties:commitment_pdf",
    "duties:headquarters_paper", "duties:opinion_paper", "duties:visit_photo", "duties:visit_thumb",
    "duties:remove_visit_photo", "measures:worksheet_paper", "duties:new_official",
    "orders:paper_pdf", "orders:paper_word", "orders:paper_file", "orders:paper_receipt", "orders:paper_template",
    "orders:matter_paper", "orders:hung_paper", "orders:alike_paper",
    "platform:download", "standards:procedure_paper", "measures:plan_paper", "standards:sealed_rows",
    "register:import_rejects",
    "register:import_progress",
    "register:outlines",
    # the way to the first page of an installation without the console
    "platform:home",
}  # fmt: skip
"""Views that show no page of their own; every other view has to say what its page is for."""


def test_every_page_says_what_it_is_for() -> None:
    shown = {view for view in views(get_resolver().url_patterns) if not view.startswith("api:")}
    assert sorted(shown - NOT_PAGES - set(texts.pages())) == [], "write it into the room's help.toml"
    assert sorted(NOT_PAGES - shown) == [], "no such view any more"


def test_texts_are_written_in_both_languages() -> None:
    for view, page in texts.pages().items():
        assert re.search(r"[\u4e00-\u9fff]", page.text.zh), view
        assert not re.search(r"[\u4e00-\u9fff]", page.text.en), view


@pytest.mark.django_db
def test_the_help_page_explains_pages_terms_and_issues(client, django_user_model) -> None:  # type: ignore[no-untyped-def]
    user = django_user_model.objects.create(username="reader")
    client.force_login(user)
    html = client.get("/help/").content.decode()
    for word in ("扶贫标准", "数据疑点", "怎么办", "图表"):
        assert word in html

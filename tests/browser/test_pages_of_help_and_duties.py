"""Every page of measures and duties with rows on it, in both languages: for people who see or hold a mouse badly, for a
thumb, on paper; and in English no word of the product is left Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.looking import unsound
from browser.steps import sign_in
from walk.asking import values_of
from walk.routes import routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from walk.world import World

pytestmark = pytest.mark.django_db(transaction=True)

ROOMS = ("measures", "duties")  # orders and cycle have a test of their own
NO_PAGES = {
    "duties:find_official", "duties:make_helper_accounts", "duties:decide_helpers", "duties:mark_cards",
    "duties:new_official", "duties:print_ledger", "duties:remove_visit_photo", "measures:work_out",  # take forms alone
    "duties:card_preview", "duties:commitment_paper", "duties:commitment_pdf", "duties:handbook", "duties:letters",
    "duties:headquarters_paper", "duties:opinion_paper", "duties:notice", "duties:template_file", "duties:visit_photo",
    "duties:visit_thumb", "duties:wall_sheet", "measures:plan_paper", "measures:worksheet_paper",  # hand out files
    "duties:helper_accounts", "duties:slips", "duties:lead", "duties:leads", "duties:new_lead",  # of other readers
}  # fmt: skip


def pages(page: Page, world: World, address: str) -> Iterator[tuple[str, str]]:
    """Name and address of each page; of several addresses of a view the last that there is, the narrowest."""
    for route in routes():
        if route.name.split(":")[0] not in ROOMS or route.name in NO_PAGES:
            continue
        found = [address + route.address(values) for values in values_of(route, world, "ours")]
        there = [each for each in found if page.request.get(each).ok]
        yield route.name, there[-1] if there else ""


def test_every_page_is_sound_in_both_languages(page: Page, address: str, world: World) -> None:
    sign_in(page, address, "county")
    found = list(pages(page, world, address))
    assert [name for name, there in found if not there] == [], "nobody would look at these pages"
    wrong = unsound(page, found)
    assert not wrong, "\n".join(str(each) for each in wrong)

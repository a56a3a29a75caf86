"""Every page of orders and cycle with rows on it, and the inbox of messages, in both languages: for people who see or
hold a mouse badly, for a thumb, on paper; and in English no word of the product is left Chinese."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from browser.looking import unsound
from browser.steps import sign_in
from console_city import account
from tuopin.core.matters.model import STATES
from tuopin.duties.organisations import services as organisations
from tuopin.orders import services
from tuopin.orders.changes import Given
from tuopin.orders.families.services import Part, open_family
from tuopin.orders.models import Matter
from tuopin.platform import working_days
from tuopin.platform.access import actor_for, local_admin, system
from tuopin.platform.models import User
from tuopin.platform.outbox import services as messages
from tuopin.platform.outbox.services import Letter
from walk.asking import values_of
from walk.routes import routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from walk.world import World

pytestmark = pytest.mark.django_db(transaction=True)

READERS = {
    "county": ("orders:", "cycle:", "platform:messages", "platform:message_settings"),
    "letters": ("orders:petition", "orders:new_petition", "orders:hotline"),
    "officer": ("orders:lead_proposals",),
}
"""Who looks at which pages; what somebody else of them looks at is no page of the county's clerk."""
NO_PAGES = {
    "orders:act", "orders:offices",  # take a form alone; a part of a page
    "orders:alike_paper", "orders:hung_paper", "orders:ledger_report_pdf", "orders:matter_paper", "orders:paper_file",
    "orders:paper_pdf", "orders:paper_receipt", "orders:paper_template", "orders:paper_word",  # hand out files
}  # fmt: skip
HOLDERS = ("receive", "start", "progress", "ask_extension", "done", "report_up")
WAYS = (
    (), ("issue",), ("issue", "receive"), ("issue", "receive", "start", "progress"),
    ("issue", "receive", "start", "done"), ("issue", "receive", "start", "done", "verify"),
    ("issue", "receive", "start", "done", "verify", "close"),
    ("issue", "receive", "start", "done", "verify", "close", "look_back"),
    ("issue", "withdraw"), ("issue", "receive", "ask_extension"),
)  # fmt: skip
"""How far matters came: together they stand in every state that is not a petition's alone."""
PETITIONS_ALONE = {"review", "second_review"}


def in_every_state(world: World) -> list[int]:
    """Matters of a village of the county, one for each way; a whole with two parts. Their numbers."""
    now, me = timezone.now(), actor_for(User.objects.get(username="county"))
    issuer, holder = (
        organisations.found_organisation(local_admin(), name, kind, area_id=world.home.area_id,
                                         day=timezone.localdate())
        for name, kind in (("本县督查室", "leading_group_office"), ("本县教体局", "department"))
    )  # fmt: skip
    draft = services.Draft("problem", "本县供水不足", world.village.area_id, source="audit", category="water",
                           issuer_id=issuer, holder_id=holder, text="本县核对。", demand="本县记录")  # fmt: skip
    rows = services.draft(me, [draft] * len(WAYS), now)
    for row, way in zip(rows, WAYS, strict=True):
        for act in way:
            later = working_days.calendar().after(timezone.localdate(now), 90).day
            given = Given("本县记录", reference="本县档案" if act == "done" else "",
                          limit=later if act == "ask_extension" else None)  # fmt: skip
            services.act(system() if act in HOLDERS else local_admin(), act, [row.pk], given, now)
    parts = [Part("本县一", holder), Part("本县二", holder)]
    whole = open_family(me, draft, parts, now, issue=True)
    return [*(row.pk for row in rows), whole.pk]


def pages(page: Page, world: World, address: str, reader: str) -> Iterator[tuple[str, str]]:
    """Name and address of each page of a reader; of several addresses of a view the last that there is, the
    narrowest. Pages over an area are asked for the county."""
    others = tuple(each for name, shown in READERS.items() if name != reader for each in shown)
    for route in routes():
        mine = route.name.startswith(READERS[reader]) and not (reader == "county" and route.name.startswith(others))
        if not mine or route.name in NO_PAGES:
            continue
        found = [address + route.address(values) for values in values_of(route, world, "ours")]
        found += [f"{each}?area={world.home.code}" for each in found]
        there = [each for each in found if page.request.get(each).ok]
        yield route.name, there[-1] if there else ""


def test_every_page_is_sound_in_both_languages(page: Page, address: str, world: World) -> None:
    numbers = in_every_state(world)
    assert set(Matter.objects.values_list("state", flat=True)) >= set(STATES) - PETITIONS_ALONE
    wrong: list[object] = []
    for reader in READERS:
        page.context.clear_cookies()
        sign_in(page, address, reader)
        found = list(pages(page, world, address, reader))
        assert [name for name, there in found if not there] == [], "nobody would look at these pages"
        if reader == "county":
            found += [(f"matter {number}", address + reverse("orders:matter", args=[number])) for number in numbers]
        wrong += [(reader, each) for each in unsound(page, found)]
    assert not wrong, "\n".join(str(each) for each in wrong)


def test_the_bell_counts_a_message_until_it_is_read(page: Page, address: str, transactional_db: None) -> None:
    user, today = account("reader"), timezone.localdate()
    letters = [Letter(user.pk, f"told:{at}", "platform.undelivered", today, word=f"甲{at}") for at in range(2)]
    messages.post(system(), letters)
    sign_in(page, address, "reader")
    bell = page.get_by_role("link", name=re.compile("^消息"))
    assert "2" in bell.inner_text()
    bell.click()
    page.wait_for_url("**/messages/")
    assert page.locator("main tbody tr").count() == len(letters)
    assert page.locator("main tbody tr", has_text="未读").count() == len(letters)
    page.locator("main tbody tr", has_text="甲0").get_by_role("link").first.click()
    page.wait_for_load_state()
    page.goto(address + reverse("platform:messages"))
    assert page.locator("main tbody tr", has_text="未读").count() == 1
    assert "1" in bell.inner_text()
    page.get_by_role("button", name="全部标为已读").click()
    page.wait_for_load_state()
    assert page.locator(".bell .unread").count() == 0

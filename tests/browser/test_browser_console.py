"""The way of a clerk through the pages in a browser: sign in, down to a household, languages, phone, paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from console_city import PASSWORD, City, build

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None, tmp_path: Path) -> City:
    return build(tmp_path, households=120)


@pytest.fixture
def address(live_server: LiveServer) -> str:
    return live_server.url


def sign_in(page: Page, address: str, name: str) -> None:
    page.goto(address + "/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    # A click does not wait for the page it leads to: a key pressed at once would go to the page before.
    page.wait_for_url(lambda url: "/sign-in/" not in url, wait_until="load")


def no_sideways_scroll(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def test_from_the_door_to_a_household(page: Page, address: str, city: City) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("requestfailed", lambda request: messages.append(f"failed: {request.url}"))
    page.on(
        "response", lambda answer: messages.append(f"{answer.status} {answer.url}") if answer.status > 399 else None
    )
    sign_in(page, address, "county")

    expect(page.get_by_role("heading", level=1)).to_have_text(city.top.name)
    first_county = page.locator("table.below tbody th a").first
    name = first_county.inner_text()
    first_county.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.locator("table.below tbody th a").first.click()

    number = page.locator("table.tally").first.locator("tr.overall td a").nth(1)
    count = number.inner_text()
    number.click()
    expect(page.locator(".count strong")).to_have_text(count)
    page.get_by_label("判定").select_option("met")
    page.get_by_label("指标").select_option("food")
    page.get_by_role("button", name="筛选").click()
    assert "verdict=met" in page.url
    assert "item=food" in page.url

    code = page.locator("table.list tbody th a").first.inner_text()
    page.locator("table.list tbody th a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(code)
    expect(page.locator("table.items tbody tr")).to_have_count(7)
    expect(page.get_by_text("草案，未确认").first).to_be_visible()
    assert messages == []


def test_the_language_changes_on_the_spot_and_stays(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/household_exit/?item=income&verdict=met")
    page.get_by_role("button", name="English").click()
    assert page.url.endswith("item=income&verdict=met")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Net income per head")
    page.goto(f"{address}/households/{city.ours[0]}/")
    expect(page.get_by_role("columnheader", name="Evidence")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("columnheader", name="依据")).to_be_visible()


def test_every_page_fits_every_screen_and_a_thumb(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    for language in ("English", "中文"):
        page.get_by_role("button", name=language).click()
        for path in (
            "/",
            f"/areas/{city.township.code}/",
            f"/areas/{city.top.code}/household_exit/",
            f"/areas/{city.top.code}/village_exit/",
            f"/households/{city.ours[0]}/",
            "/packs/",
            "/packs/shangqiu-2018/village_exit/?on=2018-12-01",
        ):
            page.goto(address + path)
            for width in (360, 768, 1440):
                page.set_viewport_size({"width": width, "height": 780})
                no_sideways_scroll(page)

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/areas/{city.township.code}/household_exit/")
    for link in page.locator("table.list tbody th a, .pages a, .filters button").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 28
    page.goto(f"{address}/households/{city.ours[0]}/")
    helper = page.locator("#helpers").bounding_box()
    members = page.locator("#members").bounding_box()
    assert helper is not None
    assert members is not None
    assert helper["y"] < members["y"], "whom to call stands before the members"


def test_a_household_by_keyboard_by_ear_and_on_paper(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"

    axe = Axe()
    for path in ("/", f"/areas/{city.top.code}/household_exit/", "/packs/", f"/households/{city.ours[0]}/"):
        page.goto(address + path)
        assert page.locator("script").count() == 0
        found = axe.run(page).response["violations"]
        assert [(each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in found] == []

    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page[^s]", paper)) <= 2
    page.emulate_media(media="print")
    expect(page.locator(".find")).to_be_hidden()
    expect(page.locator(".person")).to_be_hidden()
    expect(page.locator(".printed")).to_be_visible()
    expect(page.get_by_text("草案，未确认").first).to_be_visible()

"""The way of a clerk through the pages in a browser: sign in, down to a household, languages, phone, paper."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser.steps import no_fault, no_sideways_scroll, sign_in
from console_city import City, restored
from tuopin.platform.access import local_admin
from tuopin.register.models import Membership, PersonIdentity
from tuopin.standards import results
from tuopin.standards.models import Evaluation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    return restored(tmp_path_factory, households=120)


def test_from_the_door_to_a_household(page: Page, address: str, city: City) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    # Leaving a page before its deferred scripts have come cuts them off: no fault, and on a busy machine it happens.
    page.on(
        "requestfailed",
        lambda request: (
            messages.append(f"failed: {request.url}") if "ERR_ABORTED" not in str(request.failure) else None
        ),
    )
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
    page.get_by_role("navigation", name="本区域的页面").get_by_role("link", name="按标准").click()

    number = page.locator("table.tally").first.locator("tr.overall td a").first
    count = number.inner_text()
    number.click()
    expect(page.locator("main")).to_contain_text(f"{count} 户")
    page.locator("table tbody a[href*='/households/']").first.click()
    expect(page.locator(".household h1")).to_be_visible()
    expect(page.locator("table.items tbody tr")).to_have_count(7)
    expect(page.get_by_text("草案，未确认").first).to_be_visible()
    expect(page.get_by_role("heading", name="时间线")).to_be_visible()
    assert messages == []


def test_the_language_changes_on_the_spot_and_stays(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/household_exit/?item=income&verdict=met")
    page.get_by_role("button", name="English").click()
    assert page.url.endswith("item=income&verdict=met")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".list-chips")).to_contain_text("Net income per head")
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
            f"/areas/{city.township.code}/results/",
            "/packs/shangqiu-2018/village_exit/?on=2018-12-01",
            "/packs/shangqiu-2018/household_exit/cases/",
            "/place/?q=9",
        ):
            page.goto(address + path)
            for width in (360, 768, 1440):
                page.set_viewport_size({"width": width, "height": 780})
                no_sideways_scroll(page)

    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", f"/areas/{city.top.code}/results/", "/register/events/", "/register/balance/"):
        page.goto(address + path)
        no_fault(page)
    page.goto(f"{address}/areas/{city.township.code}/household_exit/")
    for link in page.locator(".list-table tbody th a, .list-pages a, .list-filters button").all():
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
    for path in (
        "/", f"/areas/{city.top.code}/results/", f"/areas/{city.top.code}/household_exit/", "/packs/",
        "/packs/shangqiu-2018/household_exit/?on=2018-12-01", "/packs/shangqiu-2018/household_exit/cases/",
        "/place/?q=9", f"/households/{city.ours[0]}/",
    ):  # fmt: skip
        page.goto(address + path)
        assert page.locator("script:not([src])").count() == 0
        found = axe.run(page).response["violations"]
        assert [(each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in found] == []

    page.emulate_media(media="print")
    expect(page.locator(".find")).to_be_hidden()
    expect(page.locator(".person")).to_be_hidden()
    expect(page.locator(".printed")).to_be_visible()
    expect(page.get_by_text("草案，未确认").first).to_be_visible()
    for asked in ("#correct", "#events"):
        expect(page.locator(asked)).to_be_hidden()
    page.goto(f"{address}/areas/{city.top.code}/nodes/")
    expect(page.get_by_role("heading", name="设定节点")).to_be_hidden()


def test_a_household_of_six_prints_on_one_sheet(page: Page, address: str, city: City) -> None:
    sizes = Counter(Membership.objects.filter(valid_to=None).values_list("household__code", flat=True))
    six = [code for code, members in sizes.items() if members == 6]
    failing = results.subjects(
        local_admin(), Evaluation.objects.get(standard="household_exit"), city.top, "overall", "not_met"
    )
    chosen = [row.code for row in failing.rows if row.code in six][:2] or six[:2]
    assert chosen
    sign_in(page, address, "county")
    for code in chosen:
        page.goto(f"{address}/households/{code}/")
        paper = page.pdf(format="A4", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", paper)) == 1, code
        height, width = (page.evaluate(f"document.documentElement.scroll{side}") for side in ("Height", "Width"))
        assert height > 0
        assert width > 0


def test_a_number_is_revealed_in_its_row(page: Page, address: str, city: City) -> None:
    number = PersonIdentity.objects.filter(
        person__memberships__household__code=city.ours[0], id_sound=True, superseded_at=None
    ).first()
    assert number is not None
    sign_in(page, address, "county")
    page.goto(f"{address}/households/{city.ours[0]}/")
    assert number.id_number not in page.content()
    row = page.locator(f"#person-{number.person_id}")
    row.get_by_role("link", name="显示").click()
    row.get_by_role("button", name="显示号码").click()  # without a reason the browser itself asks for one
    row.get_by_label("查看原因").select_option("other")
    row.get_by_role("button", name="显示号码").click()
    expect(row.get_by_role("alert")).to_contain_text("请选择查看原因")
    row.get_by_label("查看原因").select_option("check_document")
    row.get_by_role("button", name="显示号码").click()
    expect(row).to_contain_text(number.id_number)
    assert page.url.endswith(f"/households/{city.ours[0]}/"), "no number and no reason in the address"


def test_the_switch_finds_areas_while_one_types(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/results/")
    page.locator("#switch").press_sequentially(city.other.name[:2])
    page.locator("#switch-found").get_by_role("link", name=city.other.name).first.click()
    page.wait_for_url(f"{address}/areas/{city.other.code}/results/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(city.other.name)


def test_pages_are_read_and_areas_switched_without_a_script(browser: Browser, address: str, city: City) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/")
    page.locator("#switch").fill(city.other.name)
    page.get_by_role("button", name="切换").click()
    page.get_by_role("link", name=city.other.name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(city.other.name)
    page.goto(f"{address}/households/{city.ours[0]}/")
    page.get_by_role("link", name="显示").first.click()
    page.get_by_label("查看原因").select_option("apply")
    page.get_by_role("button", name="显示号码").click()
    expect(page.locator(".revealed .code")).to_be_visible()
    context.close()


def test_errors_look_like_the_pages(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "clerk")
    for path in (f"/areas/{city.other.code}/", "/no/such/page/"):
        page.goto(address + path)
        expect(page.locator(".top .brand")).to_be_visible()
        expect(page.get_by_role("heading", name="没有找到")).to_be_visible()
        no_fault(page)

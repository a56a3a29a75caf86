"""Comparing in a browser: the slider moves the numbers, and everything works without a script."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.steps import do_jobs, no_fault, no_sideways_scroll, sign_in
from console_city import City, restored
from tuopin.platform.access import local_admin
from tuopin.standards.comparing import files, services
from tuopin.standards.comparing.sides import Side

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)

SIDE = Side("shangqiu-2018", "household_exit", datetime.date(2018, 12, 1))


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    for each in files.folder().iterdir():
        each.unlink()
    return restored(tmp_path_factory, households=120)


def test_the_slider_moves_the_numbers(page: Page, address: str, city: City) -> None:
    services.prepare_line(local_admin(), city.top.code, SIDE)
    sign_in(page, address, "county")
    page.goto(f"{address}/standards/compare/line/?area={city.top.code}")
    result = page.locator("#line-result")
    expect(result).to_contain_text("现行标准线 2,995 元")
    slider = page.get_by_label("拖动标准线")
    expect(slider).to_be_visible()
    slider.focus()
    for _ in range(3):
        page.keyboard.press("PageUp")
    expect(result).not_to_contain_text("现行标准线 2,995 元")
    expect(result).to_contain_text("标准线由 2,995 元改为")
    expect(result.locator("figure.chart canvas").first).to_be_visible()
    expect(page.get_by_label("标准线（元/人·年）")).not_to_have_value("2995")
    page.wait_for_url("**line=*")
    moved = page.url
    page.reload()
    assert page.url == moved
    expect(result).to_contain_text("标准线由 2,995 元改为")
    no_fault(page)
    page.goto(f"{address}/standards/compare/?area={city.top.code}")
    no_fault(page)
    page.goto(moved)
    page.set_viewport_size({"width": 360, "height": 740})
    no_sideways_scroll(page)


def test_without_a_script_the_form_asks(browser: Browser, address: str, city: City) -> None:
    services.prepare_line(local_admin(), city.top.code, SIDE)
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    try:
        sign_in(page, address, "county")
        page.goto(f"{address}/standards/compare/line/?area={city.top.code}")
        expect(page.get_by_label("拖动标准线")).to_be_hidden()
        page.get_by_label("标准线（元/人·年）").fill("3600")
        page.get_by_role("button", name="试算").click()
        expect(page.locator("#line-result")).to_contain_text("标准线由 2,995 元改为 3,600 元")
        page.goto(f"{address}/standards/compare/?area={city.top.code}")
        page.locator("#b_parameters").fill("poverty_line = 3600")
        page.get_by_role("button", name="比较", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("比较两种判定")
        do_jobs()
        page.reload()
        page.get_by_role("link", name="查看比较结果").click()
        expect(page.get_by_role("table", name="从甲到乙的判定")).to_be_visible()
        no_sideways_scroll(page)
    finally:
        plain.close()

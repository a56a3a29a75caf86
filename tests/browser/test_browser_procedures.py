"""Procedures in a browser: a step without JavaScript, pages sound on desk and phone, the notice on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.steps import DESK, PHONE, no_fault, no_sideways_scroll, resize, sign_in
from people import PASSWORD, account
from rooms.standards.procedures.steps import COUNTY, KEY, VILLAGE, WAY, begun, four, take

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/standards/procedures/"


@pytest.fixture(autouse=True)
def _four(transactional_db: None, tmp_path: Path) -> None:
    four(tmp_path)
    account("clerk", "county", COUNTY)


def test_pages_are_sound_on_desk_and_phone(page: Page, address: str) -> None:
    rows = begun("9901", "9902")
    take(rows, *WAY[:4])
    sign_in(page, address, "clerk", PASSWORD)
    number = rows[0].pk
    for path in (LIST, f"{LIST}{number}/", f"{LIST}{number}/notice/",
                 f"{LIST}begin/?area={VILLAGE}&key={KEY}&day=2018-12-01"):  # fmt: skip
        page.goto(address + path)
        for size in (DESK, PHONE):
            resize(page, size)
            no_sideways_scroll(page)
            no_fault(page)
    resize(page, DESK)
    page.goto(address + LIST)
    page.locator(".waiting a").click()
    no_fault(page)


def test_a_notice_on_paper_is_the_notice_alone(page: Page, address: str) -> None:
    rows = begun("9901", "9902")
    take(rows, *WAY[:4])
    sign_in(page, address, "clerk", PASSWORD)
    page.goto(f"{address}{LIST}{rows[0].pk}/notice/")
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    assert "贫困户退出公示" in shown
    assert "张三" in shown
    assert "clerk" not in shown
    assert "返回" not in shown
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1


def test_one_step_without_javascript(browser: Browser, address: str) -> None:
    [row] = begun("9901")
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, address, "clerk", PASSWORD)
    page.goto(f"{address}{LIST}{row.pk}/")
    page.get_by_label("通过", exact=True).check()
    page.get_by_label("日期").first.fill("2018-12-02")
    page.get_by_label("办理人").fill("村两委")
    page.get_by_role("button", name="登记").click()
    assert "已登记" in page.locator("main").inner_text()
    assert "核实" in page.locator(".what").inner_text()
    context.close()

"""The guides can be walked: each step of docs/guides works on the demo city, and each picture is of the product.

``TUOPIN_WRITE_PICTURES=1`` writes the pictures anew; else they must be there, and not be too large.
"""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.steps import do_jobs, from_navigation, sign_in
from tuopin.console import demo
from tuopin.platform.access import local_admin
from tuopin.platform.home import home
from tuopin.register import outlines
from tuopin.register.demo import sizes, workbooks, write_city

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
PICTURES = GUIDES / "pictures"
WRITES = os.environ.get("TUOPIN_WRITE_PICTURES") == "1"
HOUSEHOLDS = 600
LARGEST, SMALLEST = 200_000, 8_000  # bytes
DESK, PHONE = (1040, 600), (390, 740)
NAMES = ("clerk", "cadre", "headquarters", "auditor", "administrator")


class Walk:
    """One reader with a browser of his own. ``picture`` keeps what is seen under a name of the guide."""

    def __init__(self, browser: Browser, address: str, guide: str, size: tuple[int, int]) -> None:
        self.guide, self.address, self.pictures = guide, address, list[str]()
        self.faults: list[str] = []
        self.context = browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": size[0], "height": size[1]}
        )
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on(
            "response", lambda got: self.faults.append(f"{got.status} {got.url}") if got.status >= 500 else None
        )

    def sign_in(self, name: str, password: str) -> Page:
        sign_in(self.page, self.address, name, password)
        return self.page

    def picture(self, step: str) -> None:
        name = f"{self.guide}-{step}.png"
        self.pictures.append(name)
        if WRITES:
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=PICTURES / name, animations="disabled")

    def close(self) -> None:
        self.context.close()
        assert self.faults == []


@pytest.fixture
def city(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """The demo city; gives the password of its accounts."""
    yield demo.load(local_admin(), households=HOUSEHOLDS, folder=tmp_path / "demo", tell=lambda *_: None)
    (home() / demo.MARK).unlink()
    for path in outlines.folder().glob("*.geojson"):
        path.unlink()


def clerk(walk: Walk, password: str, folder: Path) -> None:
    """The first day: import, preview, issues, results, one household."""
    page = walk.sign_in("county", password)
    expect(page.get_by_role("heading", level=1)).to_contain_text("县")
    walk.picture("home")

    write_city(folder, **sizes(HOUSEHOLDS), later=True)
    book = next(folder.glob(f"明川县/*{workbooks.PEOPLE}"))
    from_navigation(page, "导入")
    page.goto(walk.address + "/register/imports/new/")
    page.locator("input[type=file]").first.set_input_files(book)
    page.get_by_role("button", name="上传并检查").first.click()
    page.wait_for_url("**/register/imports/sets/*/")
    do_jobs()
    page.reload()
    expect(page.get_by_text("表头第").first).to_be_visible()
    walk.picture("check")
    page.get_by_role("button", name="预览", exact=True).click()
    page.wait_for_load_state()
    do_jobs()
    page.reload()
    expect(page.get_by_role("heading", name="预览：如果现在导入")).to_be_visible()
    walk.picture("preview")
    page.get_by_role("button", name="开始导入").click()
    page.wait_for_load_state()
    page.goto("about:blank")  # the page that waits goes on by itself once the job is done, also while another is opened
    do_jobs()
    page.goto(walk.address + "/register/imports/")
    page.locator("main table tbody a").first.click()
    expect(page.get_by_role("heading", name="收进了什么")).to_be_visible()
    walk.picture("taken")

    from_navigation(page, "数据疑点")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    walk.picture("issues")

    page.goto(walk.address + "/register/imports/")
    page.locator("main table tbody a").first.click()
    page.get_by_role("link", name="重新核查").click()
    page.get_by_role("button", name="开始核查").click()
    do_jobs()
    page.reload()
    page.get_by_role("link", name="查看核查结果").click()
    expect(page.locator("table.tally").first).to_be_visible()
    walk.picture("results")
    page.locator("table.tally").first.locator("tr.overall td a").nth(1).click()
    expect(page.locator(".list-count strong, .count strong").first).to_be_visible()
    walk.picture("list")
    page.locator("main tbody a[href^='/households/']").first.click()
    page.wait_for_url(re.compile(r"/households/\w+/"))
    expect(page.locator("table.items").first).to_be_visible()
    walk.picture("household")


def cadre(walk: Walk, password: str, folder: Path) -> None:
    """On a phone: the village, its households, one of them."""
    page = walk.sign_in("village", password)
    expect(page.get_by_role("heading", level=1)).to_contain_text("村")
    walk.picture("home")
    page.get_by_role("navigation", name="本区域的页面").get_by_role("link", name="户", exact=True).click()
    expect(page.locator("main tbody tr").first).to_be_visible()
    walk.picture("households")
    page.locator("main tbody a[href^='/households/']").first.click()
    page.wait_for_url(re.compile(r"/households/\w+/"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    walk.picture("household")


def headquarters(walk: Walk, password: str, folder: Path) -> None:
    """The whole city: overview, map, down to a county, the meaning of a word."""
    page = walk.sign_in("headquarters", password)
    expect(page.get_by_role("heading", level=1)).to_contain_text("示范市")
    walk.picture("home")
    page.get_by_role("navigation", name="本区域的页面").get_by_role("link", name="图表").click()
    expect(page.locator(".chart-map[data-drawn]")).to_be_visible()
    page.evaluate("document.querySelector('.chart-map').scrollIntoView()")
    walk.picture("map")
    page.get_by_label("地图显示").select_option("village_exit.incidence")
    page.get_by_role("button", name="显示", exact=True).click()
    expect(page.locator("#chart-map-village-exit-incidence[data-drawn]")).to_be_visible()
    county = page.locator(".chart-map tbody th a").first
    name = county.inner_text()
    county.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    incomes = page.locator("#chart-income-household-exit")
    incomes.scroll_into_view_if_needed()
    expect(page.locator("#chart-income-household-exit[data-drawn]")).to_be_visible()
    incomes.locator("button.term").nth(1).click()
    expect(page.get_by_text("每人每年的收入线")).to_be_visible()
    page.evaluate("document.querySelector('#chart-income-household-exit').scrollIntoView()")
    walk.picture("income")


def auditor(walk: Walk, password: str, folder: Path) -> None:
    """Who changed what, whether the chain holds, who read whom."""
    page = walk.sign_in("auditor", password)
    from_navigation(page, "审计日志")
    expect(page.locator("main tbody tr").first).to_be_visible()
    walk.picture("log")
    page.goto(walk.address + "/read-log/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    walk.picture("reads")


def administrator(walk: Walk, password: str, folder: Path) -> None:
    """Accounts, a new one, the help of every page."""
    page = walk.sign_in("admin", password)
    from_navigation(page, "账号")
    expect(page.locator("main tbody tr").first).to_be_visible()
    walk.picture("accounts")
    page.get_by_role("link", name="新建账号").click()
    page.wait_for_url("**/accounts/new/")
    walk.picture("new-account")
    page.get_by_role("contentinfo").get_by_role("link", name="帮助").click()
    expect(page.get_by_role("heading", name="帮助", exact=True)).to_be_visible()
    walk.picture("help")


def test_every_step_of_the_guides_works(browser: Browser, live_server: LiveServer, city: str, tmp_path: Path) -> None:
    for guide, steps in zip(NAMES, (clerk, cadre, headquarters, auditor, administrator), strict=True):
        walk = Walk(browser, live_server.url, guide, PHONE if guide == "cadre" else DESK)
        steps(walk, city, tmp_path / guide)
        walk.close()
        for language in (".zh-CN", ""):
            text = (GUIDES / f"{guide}{language}.md").read_text("utf-8")
            assert re.findall(r"\]\(pictures/([\w-]+\.png)\)", text) == walk.pictures, f"{guide}{language}.md"


def test_every_picture_is_there_small_and_shown() -> None:
    named = set()
    for path in GUIDES.glob("*.md"):
        named |= set(re.findall(r"\]\(pictures/([\w-]+\.png)\)", path.read_text("utf-8")))
    assert len(named) >= 15
    assert named == {path.name for path in PICTURES.iterdir()}
    for name in sorted(named):
        content = (PICTURES / name).read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n", name
        assert SMALLEST < len(content) < LARGEST, (name, len(content))
        width = struct.unpack(">I", content[16:20])[0]
        assert width == (PHONE if name.startswith("cadre-") else DESK)[0], f"{name}: run with TUOPIN_WRITE_PICTURES=1"

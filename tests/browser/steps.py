"""What every test in a browser does: sign in, let the worker work, look whether a page is sound."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

from console_city import PASSWORD
from tuopin.platform import worker

if TYPE_CHECKING:
    from playwright.sync_api import Page

DESK, PHONE = (1280, 800), (360, 740)


def sign_in(page: Page, address: str, name: str, password: str = PASSWORD) -> None:
    """From the door to the first page."""
    page.goto(address + "/")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    # A click does not wait for the page it leads to: a key pressed at once would go to the page before.
    page.wait_for_url(lambda url: "/sign-in/" not in url, wait_until="load")


def from_navigation(page: Page, name: str) -> None:
    """To a page by its name in the main navigation, unfolding the group in which it stands."""
    bar = page.get_by_role("navigation", name="主导航")
    link = bar.get_by_role("link", name=name, exact=True)
    for group in bar.locator("summary").all():
        if link.is_visible():
            break
        group.click()
    link.click()


def do_jobs() -> None:
    """What the server's worker does meanwhile."""
    worker.work(threading.Event(), until_empty=True)


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def no_sideways_scroll(page: Page) -> None:
    """Nothing is wider than the window as it is."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"


def no_fault(page: Page) -> None:
    """Nothing at all that axe finds hard for people who see or hold a mouse badly."""
    assert not (found := faults(page)), f"{page.url}: {found}"


def no_serious_fault(page: Page) -> None:
    """As :func:`no_fault`, small ones aside."""
    found = [each for each in faults(page) if each[1] in {"serious", "critical"}]
    assert not found, f"{page.url}: {found}"


def faults(page: Page) -> list[tuple[str, str, list[str]]]:
    """What axe finds: rule, how bad, where."""
    return [
        (each["id"], each["impact"], [node["html"][:200] for node in each["nodes"]][:3])
        for each in Axe().run(page).response["violations"]
    ]


def sound(page: Page) -> None:
    """No serious fault on a desk, no sideways scroll on a phone; then back to the desk."""
    no_serious_fault(page)
    resize(page, PHONE)
    no_sideways_scroll(page)
    resize(page, DESK)

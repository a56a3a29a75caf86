"""Signing in with a second factor, keeping accounts, first passwords on paper: in a browser, on a phone, with axe."""

from __future__ import annotations

import datetime
import re
import time
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from browser.steps import no_serious_fault, sign_in, sound
from officials import assigned
from tuopin.duties.helpers import accounts as helper_accounts
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.auditing import readlog
from tuopin.platform.auditing.audit import chain_pending
from tuopin.register.models import Area, AreaVersion, Household, Residence

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.fixtures import SettingsWrapper

    from tuopin.platform.models import User

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "a-long-password-1"
CARE = ("health", "disability", "child")


class County:
    """A county with one village and three households, its keeper of accounts and an auditor."""

    def __init__(self) -> None:
        self.county = self._area("county", "411423000000", "宁陵县", None)
        village = self._area("village", "411423100201", "东街村", self.county)
        self.households = [Household.objects.create(code=f"41142300{at}") for at in range(3)]
        for each in self.households:
            Residence.objects.create(household=each, area=village.area, valid_from=datetime.date(2014, 1, 1))
        self.keeper = self._account("keeper", "administrator", CARE)
        self.auditor = self._account("auditor", "auditor", ())

    def _area(self, level: str, code: str, name: str, parent: AreaVersion | None) -> AreaVersion:
        area = Area.objects.create()
        return AreaVersion.objects.create(
            area=area, code=code, name=name, level=level, parent=parent.area if parent else None,
            path=(parent.path if parent else "") + f"{area.pk:08d}", valid_from=datetime.date(1900, 1, 1),
        )  # fmt: skip

    def _account(self, name: str, role: str, classes: tuple[str, ...]) -> User:
        user, _password = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)
        accounts.grant(local_admin(), user, role, "area", self.county.area_id, field_classes=classes)
        return user


@pytest.fixture
def county(transactional_db: None) -> County:
    return County()


def shown_code(secret: str, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def test_set_up_and_sign_in_with_the_second_factor(
    page: Page, address: str, county: County, settings: SettingsWrapper
) -> None:
    settings.TUOPIN_SECOND_FACTOR_ROLES = "administrator"
    sign_in(page, address, "keeper", PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("设置第二重验证")
    drawn = page.locator("img.square")
    assert drawn.evaluate("image => image.naturalWidth") > 0, "the content policy lets the square code be drawn"
    sound(page)
    page.goto(address + "/accounts/")
    expect(page.get_by_role("heading", level=1)).to_have_text("设置第二重验证")
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("输入它显示的 6 位数字").fill("000000")
    page.get_by_role("button", name="完成设置").click()
    expect(page.get_by_role("alert")).to_contain_text("验证码不正确")
    page.get_by_label("输入它显示的 6 位数字").fill(shown_code(secret, -1))
    page.get_by_role("button", name="完成设置").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("备用码")
    codes = page.locator("ol.codes code").all_inner_texts()
    assert len(codes) == 10
    sound(page)
    page.get_by_role("button", name="已经保存好，继续").click()
    page.get_by_role("link", name="keeper").click()
    expect(page.get_by_text("已设置验证器")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="退出").click()

    sign_in(page, address, "keeper", PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("第二重验证")
    sound(page)
    page.keyboard.type(shown_code(secret))  # the field has the focus
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "second-factor" not in url)
    page.get_by_role("button", name="退出").click()

    sign_in(page, address, "keeper", PASSWORD)
    page.get_by_label("验证器显示的 6 位数字").fill(codes[0])
    page.get_by_role("button", name="继续").click()
    page.wait_for_url(lambda url: "second-factor" not in url)
    page.goto(address + "/security/")
    expect(page.get_by_text("备用码还剩 9 个")).to_be_visible()


def test_an_account_from_making_to_closing(page: Page, address: str, county: County) -> None:
    sign_in(page, address, "keeper", PASSWORD)
    page.goto(address + "/accounts/")
    sound(page)
    page.get_by_role("link", name="新建账号").click()
    sound(page)
    page.get_by_label("用户名（不含空格）").fill("wangfang")
    page.get_by_label("姓名", exact=True).fill("王芳")
    page.get_by_label("角色").select_option("village")
    page.get_by_label("区划（代码或名称）").fill("东街")
    page.get_by_role("button", name="建立").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("账号已建立")
    given = page.locator("code.secret").inner_text()
    assert re.fullmatch(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", given)
    page.get_by_role("link", name="到这个账号").click()
    sound(page)
    expect(page.locator("table tbody tr")).to_have_count(1)
    page.get_by_label("角色").select_option("assessor")
    page.get_by_label("区划（代码或名称）").fill("411423100201")
    page.get_by_role("button", name="授权", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("不能由同一人担任")
    page.get_by_role("button", name=re.compile("^收回")).click()
    expect(page.get_by_role("status")).to_contain_text("授权已收回")
    page.get_by_role("button", name="停用").click()
    expect(page.get_by_role("status")).to_contain_text("账号已停用")
    page.goto(address + "/accounts/")
    page.get_by_label("按用户名或姓名查找").fill("王")
    page.get_by_role("button", name="查找", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("wangfang")
    assert "王" not in page.url


def test_slips_open_once_and_are_cut_from_a4(page: Page, address: str, county: County) -> None:
    for at, household in enumerate(county.households):
        assigned(f"帮扶{at}", "县财政局", f"1380000000{at}", household=household)
    assigned("帮扶1", "县财政局", household=county.households[0], role="assistant")
    helper_accounts.make(actor_for(county.keeper), county.county.code)
    sign_in(page, address, "keeper", PASSWORD)
    page.goto(address + "/duties/accounts/")
    sound(page)
    page.get_by_role("button", name="不是同一人").click()
    expect(page.get_by_text("没有需要判定的")).to_be_visible()
    page.get_by_role("button", name=re.compile("^打开并打印")).click()
    expect(page.locator(".slip")).to_have_count(2)
    no_serious_fault(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    first, second = (page.locator(".slip").nth(at).bounding_box() for at in range(2))
    assert first is not None
    assert second is not None
    assert first["y"] == second["y"], "slips stand side by side on paper"
    page.emulate_media(media="screen")
    username = page.locator(".slip dd").nth(1).inner_text()
    password = page.locator(".slip dd").nth(2).inner_text()
    page.goto(address + "/duties/accounts/")
    expect(page.get_by_text("没有待打印的密码条")).to_be_visible()
    page.get_by_role("button", name="退出").click()
    sign_in(page, address, username, password)
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")


def test_the_auditor_looks_at_both_logs(page: Page, address: str, county: County) -> None:
    readlog.read(actor_for(county.keeper), f"household:{county.households[0].pk}", {}, 1)
    readlog.drain()
    chain_pending()
    sign_in(page, address, "auditor", PASSWORD)
    page.goto(address + "/read-log/")
    page.get_by_label("户编号").last.fill("411423000")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("cell", name="户 411423000")).to_be_visible()
    sound(page)
    page.goto(address + "/audit/")
    expect(page.get_by_role("heading", name="审计链")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="The chain")).to_be_visible()


def test_two_machines_and_one_ended(page: Page, address: str, county: County) -> None:
    browser = page.context.browser
    assert browser is not None
    other = browser.new_context(locale="zh-CN", user_agent="Mozilla/5.0 (iPhone) MicroMessenger/8.0")
    phone = other.new_page()
    sign_in(page, address, "keeper", PASSWORD)
    sign_in(phone, address, "keeper", PASSWORD)
    page.goto(address + "/security/")
    row = page.get_by_role("row", name=re.compile("WeChat · iPhone"))
    row.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("已结束 1 个登录")
    phone.goto(address + "/security/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("登录")
    other.close()

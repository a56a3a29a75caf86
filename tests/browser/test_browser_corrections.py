"""Corrections in a browser: a clerk corrects, another one is told, a bulk edit is looked at before it is written."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.steps import sign_in, sound
from console_city import DAY, City, restored
from tuopin.platform.access import local_admin
from tuopin.register.correcting.services import Change, Why, correct
from tuopin.register.models import CorrectedValue, Household, HouseholdIncome, HouseholdLiving

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    return restored(tmp_path_factory, households=60)


def wage(code: str) -> int | None:
    rows = HouseholdIncome.objects.filter(household__code=code, superseded_at=None).order_by("-as_of")
    return rows[0].wage


def test_a_clerk_corrects_a_household_and_another_one_is_told(page: Page, address: str, city: City) -> None:
    code = city.ours[0]
    sign_in(page, address, "county")
    page.goto(f"{address}/households/{code}/")
    page.get_by_role("link", name="更正资料").click()
    page.locator("summary", has_text="家庭收入").click()
    sound(page)
    page.get_by_label("工资性收入").fill("12345.67")
    page.get_by_label("理由").fill("入户核对工资条")
    page.get_by_role("button", name="保存更正").click()
    expect(page.get_by_text("已更正 1 项")).to_be_visible()
    assert wage(code) == 1_234_567
    expect(page.locator("#history")).to_contain_text("12,345.67")

    page.locator("summary", has_text="家庭收入").click()
    key = Household.objects.get(code=code).pk
    correct(local_admin(), [Change("household", key, "wage", 2_000_000)], Why(DAY))
    page.get_by_label("工资性收入").fill("30000")
    page.get_by_label("理由").fill("再次核对")
    page.get_by_role("button", name="保存更正").click()
    expect(page.get_by_role("alert")).to_contain_text("已被他人更改")
    assert wage(code) == 2_000_000
    sound(page)
    page.get_by_label("改为我填的").check()
    page.get_by_role("button", name="保存更正").click()
    expect(page.get_by_text("已更正 1 项")).to_be_visible()
    assert wage(code) == 3_000_000

    page.get_by_role("button", name="撤销这次更正").first.click()
    expect(page.get_by_text("已撤销")).not_to_have_count(0)
    assert wage(code) == 2_000_000
    page.goto(f"{address}/register/corrections/")
    expect(page.get_by_role("main")).to_contain_text(code)
    sound(page)


def test_a_list_is_corrected_in_bulk_after_a_look(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.goto(f"{address}/register/corrections/bulk/households/?area={city.township.code}")
    sound(page)
    page.locator("select[name=field]").select_option("house_area")
    page.get_by_label("新值").fill("80.5")
    page.get_by_label("理由").fill("统一测量")
    page.get_by_label("情况日期").fill(DAY.isoformat())
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("预览更正")
    expect(page.locator(".counts")).to_contain_text(str(len(city.ours)))
    assert not CorrectedValue.objects.exists()
    sound(page)
    page.get_by_role("button", name="写入更正").click()
    page.wait_for_url(lambda url: "/drafts/" not in url)
    expect(page.get_by_text(f"已更正 {len(city.ours)} 项")).to_be_visible()
    standing = HouseholdLiving.objects.filter(superseded_at=None, house_area=8_050)
    assert standing.count() == len(city.ours)


def test_pages_of_issues_read_well_without_scripts_and_on_a_phone(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.goto(f"{address}/register/issues/?area={city.top.code}")
    sound(page)
    number = page.locator("table.dense td.amount a").first
    count = number.inner_text()
    number.click()
    expect(page.locator(".list-count strong")).to_have_text(count)
    page.go_back()
    page.get_by_role("link", name="批量更正或核实").first.click()
    sound(page)
    page.locator("input[name=i]").first.check()
    page.get_by_label("有效至").fill((datetime.date.today() + datetime.timedelta(days=9)).isoformat())  # noqa: DTZ011
    page.get_by_label("理由").last.fill("已核对证件")
    page.get_by_role("button", name="记为已核实无误").click()
    expect(page.get_by_text("1 条记为已核实无误")).to_be_visible()
    page.goto(f"{address}/register/corrections/workbook/")
    sound(page)

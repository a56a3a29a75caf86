"""A clerk's main job in a browser: a county's workbooks dropped on the page, looked at, previewed, imported, and a
household's verdict with its reasons; without JavaScript too."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.steps import do_jobs, sign_in, sound
from county import areas, household, households, person, take
from tuopin.platform.access import local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.register.models import Household, Import

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "korrekt-pferd-batterie"
COUNTY = Path(__file__).parents[1] / "data" / "ningling-2018"
DROP = """([zone, files]) => {
  const data = new DataTransfer();
  for (const [name, content] of files)
    data.items.add(new File([Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))], name));
  zone.dispatchEvent(new DragEvent("dragover", { dataTransfer: data, cancelable: true }));
  zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
}"""


@pytest.fixture
def address(live_server: LiveServer) -> str:
    user = accounts.add_user(local_admin(), "county", PASSWORD, must_change=False)[0]
    accounts.grant_by_code(local_admin(), user, "county", "all")
    return live_server.url


def test_from_dropped_workbooks_to_an_explained_verdict(page: Page, address: str) -> None:
    answer = json.loads((COUNTY / "expected.json").read_text(encoding="utf-8"))
    sign_in(page, address, "county", PASSWORD)
    page.goto(address + "/register/imports/")
    page.get_by_role("link", name="导入新文件").click()
    sound(page)
    files = [
        (path.name, base64.b64encode(path.read_bytes()).decode())
        for path in sorted(COUNTY.iterdir())
        if path.suffix != ".json"
    ]
    page.evaluate(DROP, [page.locator(".drop-zone").element_handle(), files])
    page.wait_for_url("**/register/imports/sets/*/")
    expect(page.locator("#progress")).to_be_visible()
    do_jobs()
    expect(page.get_by_role("heading", name="户人信息.xlsx")).to_be_visible()
    expect(page.locator(".sheet", has_text="贫困户信息")).to_contain_text("8,086 行数据")
    expect(page.locator("#content")).to_contain_text("表头第 3 行")
    sound(page)
    page.get_by_role("button", name="预览", exact=True).click()
    do_jobs()
    preview = page.locator(".preview")
    expect(preview).to_contain_text("2,384 户")
    expect(preview).to_contain_text("8,029 人")
    assert not Household.objects.exists()
    sound(page)
    page.get_by_role("button", name="开始导入").click()
    do_jobs()
    page.wait_for_url("**/register/imports/*/")
    expect(page.get_by_role("heading", name="收进了什么")).to_be_visible()
    expect(page.locator(".counts")).to_contain_text(f"{answer['waiting_rows']} 待关联")
    expect(page.locator("#content")).to_contain_text(answer["rejected_households"][0])
    sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载未收的行").first.click()
    assert download.value.suggested_filename.endswith(".xlsx")

    page.get_by_role("link", name="重新核查").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("按标准核查")
    sound(page)
    page.get_by_label("判定日").fill("2018-12-01")
    page.get_by_role("button", name="开始核查").click()
    page.wait_for_url("**/jobs/*/")
    do_jobs()
    page.get_by_role("link", name="查看核查结果").click()
    expect(page.locator("table.tally").first).to_be_visible()
    sound(page)
    code, expected = next(
        (code, household) for code, household in answer["households"].items() if "not_met" in json.dumps(household)
    )
    page.goto(f"{address}/households/{code}/")
    expect(page.locator("#content")).to_contain_text("未达标")
    assert expected
    page.goto(address + "/register/imports/")
    expect(page.locator("table.list-table tbody tr")).to_have_count(1)
    sound(page)


def test_an_import_is_taken_back_and_a_bad_file_is_named(page: Page, address: str, tmp_path: Path) -> None:
    take(areas(tmp_path))
    rows = households(tmp_path, household("9901"), household("9902", person("990201"), 村="没有的村"))
    (tmp_path / "图.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n")
    sign_in(page, address, "county", PASSWORD)
    page.goto(address + "/register/imports/new/")
    page.set_input_files("#files", [rows, tmp_path / "图.xlsx"])
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator(".sending .refused")).to_contain_text("图.xlsx")
    page.wait_for_url("**/register/imports/sets/*/")
    do_jobs()
    page.get_by_role("button", name="预览", exact=True).click()
    do_jobs()
    page.get_by_role("button", name="开始导入").click()
    do_jobs()
    expect(page.get_by_role("heading", name="收进了什么")).to_be_visible()
    assert Household.objects.count() == 1
    page.get_by_text("撤销这次导入").click()
    page.get_by_role("button", name="确定撤销").click()
    expect(page.locator("#content")).to_contain_text("已撤销")
    assert not Household.objects.exists()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#content")).to_contain_text("Undone at")


def test_without_javascript(browser: Browser, address: str, tmp_path: Path) -> None:
    take(areas(tmp_path))
    rows = households(tmp_path, household("9901"))
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    sign_in(page, address, "county", PASSWORD)
    page.goto(address + "/register/imports/new/")
    page.set_input_files("#files", [rows])
    page.get_by_role("button", name="上传并检查").click()
    do_jobs()
    page.get_by_role("link", name="刷新").click()
    page.get_by_role("button", name="预览", exact=True).click()
    do_jobs()
    page.get_by_role("link", name="刷新").click()
    page.get_by_role("button", name="开始导入").click()
    do_jobs()
    page.get_by_role("link", name="刷新").click()
    expect(page.get_by_role("heading", name="收进了什么")).to_be_visible()
    assert Import.objects.filter(prepared__isnull=False).count() == 1
    context.close()

"""A department's list in a browser: handed in, matched, decided by keyboard, written; phone and axe."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.steps import PHONE, do_jobs, no_serious_fault, no_sideways_scroll, resize, sign_in
from console_city import City, restored
from tuopin.register.models import MatchPair, MatchRun, PersonCondition, PersonIdentity

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    return restored(tmp_path_factory, households=60)


@pytest.fixture
def listed(city: City, tmp_path: Path) -> Path:
    """Two people by number, three with one wrong digit, one stranger."""
    path = tmp_path / "医保名单.csv"
    known = PersonIdentity.objects.filter(superseded_at=None, id_sound=True).order_by("pk")[:5]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["某县参保名单"])
        writer.writerow(["身份证号", "参保人姓名", "缴费档次"])
        for at, person in enumerate(known):
            number = person.id_number
            wrong = number[:8] + str((int(number[8]) + 1) % 10) + number[9:]
            writer.writerow([number if at < 2 else wrong, person.name, "一档"])
        writer.writerow(["11010519491231002X", "外人", "一档"])
    return path


def hand_in(page: Page, address: str, path: Path) -> None:
    page.goto(address + "/register/matching/")
    page.get_by_role("link", name="上传名单").click()
    page.get_by_label("哪一种名单").select_option("resident_insurance")
    page.get_by_label("名单日期").fill("2018-12-15")
    page.get_by_label(re.compile("名单文件")).set_input_files(path)
    no_serious_fault(page)
    page.get_by_role("button", name="上传并比对").click()
    page.wait_for_url(re.compile("/jobs/"))
    do_jobs()
    page.reload()
    page.get_by_role("link", name="查看比对结果").click()
    page.wait_for_url(re.compile(r"/register/matching/\d+/$"))


def test_from_the_file_to_facts(page: Page, address: str, listed: Path) -> None:
    sign_in(page, address, "county")
    hand_in(page, address, listed)
    counts = page.locator(".match-counts")
    expect(counts).to_contain_text("按身份证号找到")
    assert counts.locator("dd").all_inner_texts()[:3] == ["6", "2", "3 / 3"]
    no_serious_fault(page)

    page.get_by_role("link", name=re.compile("逐条判断")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("是同一个人吗")
    expect(page.locator(".match-reasons")).to_contain_text("号码一位不同")
    no_serious_fault(page)
    for key, left in (("y", 2), ("n", 1), ("l", 0)):
        page.wait_for_load_state("load")  # the keys work once the page's script has run
        page.keyboard.press(key)
        expect(page.get_by_role("status").first).to_contain_text(f"未判断 {left}")
    assert sorted(MatchPair.objects.values_list("state", flat=True)) == ["later", "no", "yes"]

    page.get_by_role("link", name=re.compile("^名单 ")).click()
    page.get_by_role("button", name="写入", exact=True).click()
    page.wait_for_url(re.compile("/jobs/"))
    do_jobs()
    page.reload()
    page.get_by_role("link", name="查看比对结果").click()
    expect(page.get_by_role("heading", name="写入记录")).to_be_visible()
    taken = MatchPair.objects.get(state="yes").person_id
    newest = PersonCondition.objects.filter(person_id=taken, superseded_at=None).order_by("-as_of")[0]
    assert newest.resident_insurance is True

    page.get_by_role("button", name="用完了，现在删除名单").click()
    expect(page.get_by_role("status").first).to_contain_text("名单已删除")
    assert MatchRun.objects.get().state == "closed"
    no_serious_fault(page)


def test_on_a_phone_and_in_english(page: Page, address: str, listed: Path) -> None:
    sign_in(page, address, "county")
    hand_in(page, address, listed)
    run = page.url
    resize(page, PHONE)
    for part in ("", "decide/", "matched/", "missing/", "doubts/"):
        page.goto(run + part)
        no_sideways_scroll(page)
        no_serious_fault(page)
    for new in ("/register/matching/", "/register/matching/new/"):
        page.goto(address + new)
        no_sideways_scroll(page)
    page.goto(run + "decide/")
    for answer in page.locator(".match-answer button").all():
        box = answer.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Is this the same person?")
    expect(page.locator(".match-reasons")).to_contain_text("one digit of the number differs")

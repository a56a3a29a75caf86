"""Charts in a browser under the content policy: painted from their tables, by keyboard, on paper, without script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.steps import no_fault, no_sideways_scroll, sign_in
from console_city import City, restored
from tuopin.platform.access import local_admin
from tuopin.register import outlines
from tuopin.register.counting import count_areas
from tuopin.register.demo import areas
from tuopin.register.demo.outlines import write_outlines
from tuopin.register.outlines.services import install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)

PAINTED = """figure => {
  const canvas = figure.querySelector(".picture canvas");
  if (!canvas || !canvas.width) return 0;
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let at = 0; at < pixels.length; at += 4 * 7) {
    if (pixels[at + 3]) colours.add(pixels[at] << 16 | pixels[at + 1] << 8 | pixels[at + 2]);
  }
  return colours.size;
}"""


@pytest.fixture
def city(transactional_db: None, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    made = restored(tmp_path_factory, households=120)
    count_areas()
    drawn = tmp_path / "city.geojson"
    write_outlines(drawn, areas.lay_out(1, counties=2, townships=4, villages=12, households=120))
    install(local_admin(), drawn)
    yield made
    for path in outlines.folder().glob("*.geojson"):
        path.unlink()


def all_drawn(page: Page) -> None:
    """Pictures are drawn when they come into view, all of them for the printer."""
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("figure.chart[data-drawn]")).to_have_count(page.locator("figure.chart .picture").count())


def test_every_chart_is_painted_from_its_table_and_nothing_complains(page: Page, address: str, city: City) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/figures/")
    all_drawn(page)
    figures = page.locator("figure.chart:has(.picture)")
    assert figures.count() >= 9
    for at in range(figures.count()):
        figure = figures.nth(at)
        assert figure.evaluate(PAINTED) > 3, figure.get_attribute("id")
        assert figure.locator("tbody tr").count() > 0
        expect(figure.locator(".about time")).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d$"))
    shown = page.evaluate("""() => {
      const chart = echarts.getInstanceByDom(document.querySelector("#chart-causes .picture"));
      return chart.getOption().series[0].data;
    }""")
    cells = page.locator("#chart-causes td").evaluate_all("cells => cells.map(cell => Number(cell.dataset.value))")
    assert shown == cells
    assert page.evaluate("document.querySelectorAll('figure.chart [style*=animation]').length") == 0
    assert messages == []


def test_a_click_on_the_map_goes_to_the_area(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/figures/")
    all_drawn(page)
    names = page.evaluate("""() => {
      const chart = echarts.getInstanceByDom(document.querySelector(".chart-map .picture"));
      return chart.getOption().series[0].data.map(each => each.name);
    }""")
    codes = page.locator(".chart-map tbody tr").evaluate_all("rows => rows.map(row => row.dataset.code)")
    assert names == codes
    centre = page.evaluate("""() => {
      const chart = echarts.getInstanceByDom(document.querySelector(".chart-map .picture"));
      const first = chart.getModel().getSeriesByIndex(0);
      const shape = first.coordinateSystem.getRegion(chart.getOption().series[0].data[0].name);
      return chart.convertToPixel({seriesIndex: 0}, shape.getCenter());
    }""")
    page.locator(".chart-map .picture").click(position={"x": centre[0], "y": centre[1]})
    page.wait_for_url(f"**/areas/{codes[0]}/figures/")


def test_a_chart_by_keyboard_and_by_ear(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/figures/")
    all_drawn(page)
    figure = page.locator("#chart-areas-household-exit")
    picture = figure.locator(".picture")
    expect(picture).to_have_attribute("aria-label", re.compile("比例条形图，2 行"))
    picture.focus()
    page.keyboard.press("ArrowDown")
    first = figure.locator("tbody th").first.inner_text()
    expect(figure.locator(".said")).to_contain_text(first)
    expect(figure.locator(".said")).to_contain_text("达标")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/areas/(?!" + city.top.code + r")\d+/figures/"))


def test_axe_finds_nothing_on_figures_and_help(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    for path in (f"/areas/{city.top.code}/figures/", "/help/"):
        page.goto(address + path)
        if "figures" in path:
            all_drawn(page)
        no_fault(page)
        for width in (360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 780})
            no_sideways_scroll(page)


def test_pictures_follow_the_width_and_go_to_paper(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/figures/")
    all_drawn(page)
    before = page.locator("#chart-ages canvas").bounding_box()
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_function("document.querySelector('#chart-ages canvas').clientWidth < 400")
    after = page.locator("#chart-ages canvas").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] < before["width"]
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(media="print")
    expect(page.locator("#chart-ages canvas")).to_be_visible()
    expect(page.locator("#chart-ages .foot-line")).to_be_hidden()
    expect(page.locator(".page-help")).to_be_hidden()
    paper = page.pdf(format="A4")
    assert paper.count(b"/Subtype /Image") >= 9


def test_without_script_every_number_is_there(browser: Browser, address: str, city: City) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/figures/?map=village_exit.incidence")
    expect(page.locator("#chart-map-village-exit-incidence tbody tr")).to_have_count(2)
    expect(page.locator("#chart-map-village-exit-incidence td").first).to_be_visible()
    expect(page.locator(".picture").first).to_be_hidden()
    # the meaning of a term and the panel of the page need no script either
    page.locator("#chart-incidence-village-exit button.term").first.click()
    expect(page.locator("[popover]:popover-open").get_by_text("未脱贫人口 ÷ 总人口。")).to_be_visible()
    page.get_by_text("这是什么页面？").click()
    expect(page.locator(".page-help p")).to_be_visible()
    context.close()


def test_a_term_opens_and_closes_by_keyboard_and_the_panel_is_remembered(page: Page, address: str, city: City) -> None:
    sign_in(page, address, "county")
    page.goto(f"{address}/areas/{city.top.code}/figures/")
    term = page.locator("#chart-income-household-exit button.term").nth(1)
    term.focus()
    page.keyboard.press("Enter")
    meaning = page.get_by_text("每人每年的收入线")
    expect(meaning).to_be_visible()
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    page.get_by_text("这是什么页面？").click()
    page.wait_for_function("document.cookie.includes('tuopin_help=1')")
    page.goto(f"{address}/areas/{city.township.code}/figures/")
    expect(page.locator(".page-help p")).to_be_visible()

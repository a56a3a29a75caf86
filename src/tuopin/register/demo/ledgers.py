"""What a county keeps beside the exports: its figures, and ledgers of water at the house, improvements of the house,
works of a village.

They are drawn from streams of their own, so that the other workbooks stay as they are without them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tuopin.register.demo import names, workbooks
from tuopin.register.demo.streams import Weighted, stream

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from tuopin.register.demo.city import CountyBook
    from tuopin.register.demo.households import Household

WATER, IMPROVEMENTS, WORKS = "饮水安全核查.xlsx", "六改工程台账.xlsx", "九大工程台账.xlsx"
FIGURES = "县级指标.xlsx"
_PLACE = ("省", "市", "县", "镇", "村")
_NAMED = ("文化广场", "文化活动中心", "村内道路", "扶贫车间")
_DONE = Weighted({"已完成": 0.78, "原已达标": 0.20, "未完成": 0.02})
_BEHIND = Weighted({"已完成": 0.60, "原已达标": 0.15, "未完成": 0.22, "": 0.03})
_SHORT_DAYS = Weighted({"0": 0.8, "6": 0.1, "15": 0.06, "30": 0.04})
_FAILS = ("litres", "test", "way", "days")


def write_ledgers(folder: Path, seed: int, book: CountyBook, day: date) -> list[Path]:
    """Write the county's figures and ledgers; returns their paths. The county has households."""
    paths = [folder / name for name in (WORKS, WATER, IMPROVEMENTS, FIGURES)]
    county = book.county.name
    second = (f"导出时间：{day}",)
    for path, sheet, what, rows in (
        (paths[0], "九大工程", "九大工程台账", list(_works(seed, book))),
        (paths[1], "饮水核查", "农村饮水安全核查表", list(_water(seed, book))),
        (paths[2], "六改", "六改工程台账", list(_improvements(seed, book))),
        (paths[3], "县级指标", "县级指标", [_figures(seed, book, day)]),
    ):
        workbooks.write_sheet(path, sheet, f"{county}{what}{workbooks.MARK}", second, tuple(rows[0]), rows)
    return paths


def _figures(seed: int, book: CountyBook, day: date) -> dict[str, str]:
    """Statistics, and an assessment a month before; one county in three has no interval."""
    rng = stream(seed, book.county.code, "figures")
    rural = sum(item.population for item in book.villages)
    missed, wrong = rng.uniform(0.002, 0.011), rng.uniform(0.001, 0.008)
    with_interval = rng.random() < 0.7

    def ends(rate: float, asked: int) -> tuple[str, str]:
        half = 1.96 * (rate * (1 - rate) / asked) ** 0.5
        return (_percent(max(rate - half, 0)), _percent(rate + half)) if with_interval else ("", "")

    asked, exited = rng.randrange(1100, 1900), rng.randrange(700, 1300)
    low, high = ends(missed, asked)
    wrong_low, wrong_high = ends(wrong, exited)
    return {
        "市": names.CITY, "县": book.county.name, "农业户籍人口": str(round(rural * rng.uniform(1.0, 1.04))),
        "农村居民人均可支配收入增幅(%)": _percent(rng.uniform(0.085, 0.105)), "全省平均增幅(%)": "8.7",
        "统计数据来源": "县统计局（演示）",
        "漏评率(%)": _percent(missed), "漏评率下限(%)": low, "漏评率上限(%)": high, "漏评率样本量": str(asked),
        "错退率(%)": _percent(wrong), "错退率下限(%)": wrong_low, "错退率上限(%)": wrong_high,
        "错退率样本量": str(exited), "群众认可度(%)": _percent(rng.uniform(0.905, 0.97)),
        "群众认可度样本量": str(rng.randrange(400, 800)), "调查方法": "分层随机抽样",
        "调查来源": "第三方评估组（演示）", "调查日期": (day - timedelta(days=31)).isoformat(),
    }  # fmt: skip


def _percent(rate: float) -> str:
    return f"{rate * 100:.2f}"


def _works(seed: int, book: CountyBook) -> Iterator[dict[str, str]]:
    for item in book.villages:
        village, rng = item.village, stream(seed, item.village.code, "works")
        place = (names.PROVINCE, names.CITY, village.county, village.township, village.name)
        drawn = _BEHIND if village.lags else _DONE
        yield dict(zip(_PLACE, place, strict=True)) | {work: drawn.draw(rng) for work in _NAMED}


def _water(seed: int, book: CountyBook) -> Iterator[dict[str, str]]:
    """Most houses of a village drink from one supply: zone, kind and test are the village's."""
    village, rng, supply = "", stream(seed), _supply(stream(seed))
    for household in book.households:
        if household.village.code != village:
            village = household.village.code
            rng = stream(seed, village, "water")
            supply = _supply(rng)
        row = {"户编号": household.code, "户主姓名": household.head.name, **supply, **_house(rng, household, supply)}
        if rng.random() >= 0.012:  # the others nobody has surveyed
            yield row


def _supply(rng: random.Random) -> dict[str, str]:
    """Of a village: where it lies, how it is supplied, the test of its water."""
    central = rng.random() < 0.82
    tested = rng.random() < (0.97 if central else 0.3)
    return {
        "水资源条件": "缺水地区" if rng.random() < 0.2 else "丰水地区",
        "供水方式": "集中供水" if central else "分散供水",
        "水质检测是否合格": "合格" if tested else "",
        "水质检测机构": ("县级检测机构" if rng.random() < 0.8 else "CMA资质机构") if tested else "",
        "水质检测日期": f"2018-{rng.randrange(3, 11):02d}-{rng.randrange(1, 28):02d}" if tested else "",
    }


def _house(rng: random.Random, household: Household, supply: dict[str, str]) -> dict[str, str]:
    """What was measured at the house; where 饮水是否安全 says no, one of the four measures fails."""
    least = 20 if supply["水资源条件"] == "缺水地区" else 35
    fails = rng.choice(_FAILS) if household.water_safe == "否" else ""
    piped = supply["供水方式"] == "集中供水" and fails != "way"
    short = str(rng.randrange(40, 90)) if fails == "days" else _SHORT_DAYS.draw(rng)
    litres = least - rng.uniform(1, 12) if fails == "litres" else least + rng.expovariate(1 / 25)
    cells = {
        "人均日用水量（升）": f"{litres:.1f}",
        "感官性状是否良好（望闻问尝）": "是" if supply["供水方式"] == "分散供水" else "",
        "自来水是否入户": "是" if piped else "否",
        "单次取水往返时间（分钟）": ""
        if piped
        else str(rng.randrange(25, 60) if fails == "way" else rng.randrange(2, 21)),
        "取水水平距离（米）": ""
        if piped
        else str(rng.randrange(900, 2500) if fails == "way" else rng.randrange(20, 700)),
        "取水垂直距离（米）": "" if piped else str(rng.randrange(0, 40)),
        "年缺水停水天数": short,
        "年缺水月数": str(-(-int(short) // 30)),
        "核查日期": f"2018-{rng.choice(('03', '09', '10', '10', '11'))}-{rng.randrange(1, 28):02d}",
    }
    if fails == "test":
        cells |= {"水质检测是否合格": "不合格", "水质检测机构": "县级检测机构", "水质检测日期": "2018-09-12"}
    if not household.water_safe:
        cells["人均日用水量（升）"] = ""
    return cells


def _improvements(seed: int, book: CountyBook) -> Iterator[dict[str, str]]:
    for household in book.households:
        rng = stream(seed, household.code, "improvements")
        drawn = _DONE if household.status == "已脱贫" else _BEHIND
        cells = {name: drawn.draw(rng) for name in ("改水", "改电", "改厕", "改厨", "改院", "改习")}
        if household.toilet == "无":
            cells["改厕"] = "未完成"
        if rng.random() < 0.03:
            cells["改院"] = "不涉及"
        day = f"2018-11-{rng.randrange(1, 28):02d}"
        yield {"户编号": household.code, "户主姓名": household.head.name, **cells, "登记日期": day}

"""Invent a county's 户人信息 with N person rows and 48 text columns, and the divisions it belongs to.

usage: make_county_workbook.py PERSONS FOLDER [--csv] [--seed N]

Writes FOLDER/divisions.csv and FOLDER/户人信息.xlsx (or .csv, UTF-8): exactly N rows, every household and village
sound, so that an import takes every row. The same arguments give the same cells. Past 100,000 persons the rows belong
to several counties of the city, as a whole city's export does.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import TYPE_CHECKING

from rustpy_xlsxwriter import FastExcel

from tuopin.register.demo import areas, households, workbooks
from tuopin.register.demo.streams import DAY, stream

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = (
    "户编号", "户主姓名", "户主证件号码", "联系电话", "市", "县", "镇", "村", "所在组", "识别标准",
    "贫困户属性", "主要致贫原因", "其他致贫原因", "脱贫属性", "耕地面积", "入户路类型", "与村主干路距离",
    "是否通生活用电", "饮水是否困难", "饮水是否安全", "主要燃料类型", "是否加入农民专业合作社", "有无卫生厕所",
    "住房面积", "主要住房是否危房", "工资性收入", "生产经营性收入", "财产性收入", "转移性收入", "生产经营性支出",
    "人均纯收入", "人编号", "姓名", "性别", "出生日期", "证件号码", "与户主关系", "民族", "文化程度",
    "在校生状况", "健康状况", "劳动技能", "务工所在地", "务工时间（月）", "是否参加城乡居民基本医疗保险",
    "是否参加大病保险", "是否参加城乡居民基本养老保险", "是否享受低保",
)  # fmt: skip
PERSONS_A_VILLAGE = 130
PERSONS_A_COUNTY = 100_000
TITLE = f"建档立卡贫困户信息{workbooks.MARK}"
SECOND = f"导出时间：{DAY}"


def lay_out(persons: int, seed: int) -> list[areas.County]:
    """Areas for about ``persons`` people: 100,000 a county, 130 a village, 12 villages a township."""
    villages = -(-persons // PERSONS_A_VILLAGE)
    townships = -(-villages // 12)
    counties = min(townships, -(-persons // PERSONS_A_COUNTY))
    return areas.lay_out(seed, counties=counties, townships=townships, villages=villages, households=0)


def rows(layout: list[areas.County], persons: int, seed: int) -> Iterator[dict[str, str]]:
    """Exactly ``persons`` rows, village after village; the last family is cut where the number is reached."""
    left = persons
    everywhere = [(county, village) for county in layout for village in county.villages()]
    used_numbers: dict[str, set[str]] = {county.code: set() for county in layout}
    made: dict[str, int] = dict.fromkeys(used_numbers, 0)
    for place, (county, village) in enumerate(everywhere):
        here = left // (len(everywhere) - place)
        left -= here
        rng = stream(seed, "bench", village.code)
        while here > 0:
            code = f"{county.area_code}{made[county.code]:08d}"
            made[county.code] += 1
            household = households.make(rng, village, code, used_numbers[county.code])
            del household.members[here:]
            here -= len(household.members)
            shared = workbooks.household_cells(household)
            for person in household.members:
                cells = shared | workbooks.person_cells(person)
                yield {column: cells[column] for column in COLUMNS}


def write(persons: int, folder: Path, *, as_csv: bool = False, seed: int = 1) -> tuple[Path, Path]:
    """Write divisions and people into ``folder``; returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    layout = lay_out(persons, seed)
    divisions = folder / workbooks.DIVISIONS
    workbooks.write_divisions(divisions, layout)
    made = rows(layout, persons, seed)
    path = folder / ("户人信息.csv" if as_csv else workbooks.PEOPLE)
    if as_csv:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([TITLE])
            writer.writerow([SECOND])
            writer.writerow(COLUMNS)
            writer.writerows(row.values() for row in made)
    else:
        above = [(0, 0, 0, len(COLUMNS) - 1, TITLE), (1, 0, 1, 1, SECOND)]
        FastExcel(path).sheet("贫困户信息", made, header_row=2, merge_ranges=above).save()
    return divisions, path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("persons", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--csv", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for path in write(options.persons, options.folder, as_csv=options.csv, seed=options.seed):
        print(f"{path} {path.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()

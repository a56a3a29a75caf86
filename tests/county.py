"""A tiny invented county for tests of the importer: two villages, households made to order, workbooks as CSV."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tuopin.register.importing.report import Report
    from tuopin.register.models import HouseholdIncome

AREAS = [
    ("990000000000", "示范省", "province", ""),
    ("990100000000", "示范市", "city", "990000000000"),
    ("990101000000", "示范县", "county", "990100000000"),
    ("990101100000", "东乡", "township", "990101000000"),
    ("990101100201", "甲村委会", "village", "990101100000"),
    ("990101100202", "乙村委会", "village", "990101100000"),
    ("990101101000", "西乡", "township", "990101000000"),
    ("990101101201", "丙村委会", "village", "990101101000"),
]

HOUSEHOLD = {
    "户编号": "9901",
    "户主姓名": "张三",
    "县": "示范县",
    "镇": "东乡",
    "村": "甲村委会",
    "脱贫属性": "已脱贫",
    "饮水是否安全": "是",
    "主要住房是否危房": "否",
    "工资性收入": "12000.00",
    "生产经营性收入": "0",
    "财产性收入": "0",
    "转移性收入": "0",
    "生产经营性支出": "0",
}
PERSON = {
    "人编号": "990101",
    "姓名": "张三",
    "性别": "男",
    "出生日期": "1970-01-01",
    "证件号码": "",
    "与户主关系": "户主",
    "文化程度": "小学",
    "在校生状况": "",
    "是否参加城乡居民基本医疗保险": "是",
}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(birth: str, order: int, place: str = "990101") -> str:
    """A number with a sound check digit; ``birth`` is YYYYMMDD, odd orders are men."""
    body = f"{place}{birth}{order:03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def person(code: str = "990101", **cells: str) -> dict[str, str]:
    """A person row's own cells; sound number unless given."""
    made = PERSON | {"人编号": code} | cells
    if not made["证件号码"] and "证件号码" not in cells:
        order = int("".join(c for c in code if c.isdigit())[-3:] or "1") * 2 % 1000
        made["证件号码"] = id_number(made["出生日期"].replace("-", ""), order + (made["性别"] == "男"))
    return made


def household(code: str = "9901", *people: dict[str, str], **cells: str) -> list[dict[str, str]]:
    """The rows of a household, one a person."""
    fields = HOUSEHOLD | {"户编号": code} | cells
    return [fields | item for item in people or (person(f"{code}01"),)]


def write(path: Path, rows: Iterable[dict[str, Any]], titles: Iterable[str] = ()) -> Path:
    """A workbook as CSV: title rows, the header, the rows."""
    listed = list(rows)
    headers = list(dict.fromkeys(key for row in listed for key in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([title] for title in titles)
        writer.writerow(headers)
        writer.writerows([row.get(header, "") for header in headers] for row in listed)
    return path


def areas(folder: Path) -> Path:
    """The list of areas."""
    return write(
        folder / "divisions.csv",
        (dict(zip(("code", "name", "level", "parent"), row, strict=True)) for row in AREAS),
    )


def households(
    folder: Path, *groups: list[dict[str, str]], day: str = "2018-12-01", name: str = "户人信息.csv"
) -> Path:
    """The household and person workbook with its export date."""
    return write(folder / name, [row for group in groups for row in group], titles=[f"导出时间：{day}"])


def take(*paths: Path, **options: Any) -> Report:
    """Import as the local administrator. Needs Django's database."""
    from tuopin.platform.access import local_admin
    from tuopin.register.importing.services import import_paths

    return import_paths(local_admin(), paths, **options)


def taken(name: str, *paths: Path, **options: Any) -> None:
    """Import into an empty database, or put back what that left when it was done before under this name: for fixtures,
    which make the same again and again. The paths must hold the same every time."""
    from snapshots import restored

    def make() -> None:
        take(*paths, **options)

    restored(name, make)


def income(code: str) -> HouseholdIncome:
    """The one version of a household's income that is not superseded."""
    from tuopin.register.models import HouseholdIncome

    return HouseholdIncome.objects.get(household__code=code, superseded_at=None)

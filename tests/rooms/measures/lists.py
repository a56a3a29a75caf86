"""Payment lists for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from county import person, write

if TYPE_CHECKING:
    from pathlib import Path

CHILD = person("990102", 出生日期="2006-05-01")["证件号码"]
HEAD = person("990101")["证件号码"]
ILL = person("990201", 出生日期="1950-03-01")["证件号码"]


def line(policy: str, number: str = "", **cells: str) -> dict[str, str]:
    """A row: by ID number or, in ``cells``, by 户编号."""
    row = {
        "户编号": "", "姓名": "", "身份证号": number, "补贴项目": policy, "发放金额": "500.00",
        "发放日期": "2018-11-05", "文件依据": "宁扶贫〔2018〕9号", "发放单位": "县教育局",
    }  # fmt: skip
    return row | cells


def payments(path: Path, *rows: dict[str, str], day: str = "2018-12-01") -> Path:
    """The workbook, with its day."""
    return write(path, rows, titles=["补贴发放名单", f"截至日期：{day}"])

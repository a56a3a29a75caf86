"""Lists of livelihood for tests: rows of each kind, as offices write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from county import write
from tuopin.core.credit import check_character

if TYPE_CHECKING:
    from pathlib import Path


def credit(at: int) -> str:
    """A sound credit code of nobody."""
    body = f"93990101MA{at:07d}"
    return body + check_character(body)


def enterprise(name: str = "丰收合作社", **cells: str) -> dict[str, str]:
    """A row of 带贫主体名册."""
    row = {
        "主体名称": name, "统一社会信用代码": "", "主体类型": "合作社", "县": "示范县", "乡镇": "东乡", "村": "甲村",
        "主导产业": "蔬菜", "联系单位": "县农业局", "经营状况": "",
    }  # fmt: skip
    return row | cells


def link(household: str = "9901", name: str = "丰收合作社", **cells: str) -> dict[str, str]:
    """A row of 带贫联结台账."""
    row = {
        "户编号": household, "带贫主体": name, "联结方式": "入股", "开始日期": "2018-01-01", "合同到期日": "2020-12-31",
        "合同编号": "宁合〔2018〕1", "约定年收益（元）": "1200",
    }  # fmt: skip
    return row | cells


def dividend(household: str = "9901", name: str = "丰收合作社", **cells: str) -> dict[str, str]:
    """A row of 分红兑现台账."""
    row = {
        "户编号": household, "分红单位": name, "联结方式": "入股", "分红年度": "2018", "应分红日期": "2018-10-31",
        "应分红金额（元）": "1200", "实际分红日期": "", "实际分红金额（元）": "",
    }  # fmt: skip
    return row | cells


def work(household: str = "9901", name: str = "张三", **cells: str) -> dict[str, str]:
    """A row of 务工就业台账."""
    row = {
        "户编号": household, "姓名": name, "务工类型": "外出务工", "务工企业名称": "某电子厂", "务工所在地": "省外",
        "务工开始时间": "2018-03-01", "务工结束时间": "", "是否签订劳动合同": "是", "务工月收入（元）": "3500",
    }  # fmt: skip
    return row | cells


def loan(household: str = "9901", **cells: str) -> dict[str, str]:
    """A row of 小额信贷台账."""
    row = {
        "户编号": household, "贷款银行": "县农商行", "合同号": "L1", "贷款金额（万元）": "5", "年利率(%)": "4.35",
        "放款日期": "2017-12-20", "到期日期": "2018-12-20", "使用方式": "户贷户用", "贷款用途": "养猪",
    }  # fmt: skip
    return row | cells


def relocation(household: str = "9901", **cells: str) -> dict[str, str]:
    """A row of 易地搬迁台账."""
    row = {
        "户编号": household, "迁出地": "山上组", "安置点": "幸福社区", "入住日期": "2018-06-01",
            "旧房拆除情况": "未拆除",
        "是否有人就业": "是", "就学是否落实": "是", "就医是否方便": "是", "原村承包地": "是", "户籍仍在原村": "是",
        "核实来源": "村干部回访",
    }  # fmt: skip
    return row | cells


def sheet(path: Path, *rows: dict[str, str], title: str, day: str = "2018-12-01") -> Path:
    """The workbook, with its day."""
    return write(path, rows, titles=[title, f"截至日期：{day}"])

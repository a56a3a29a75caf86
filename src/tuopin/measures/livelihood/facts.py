"""What rules may know of how households live: channels of income, leading enterprises, relocation.

The first two are views over links, work and enterprises (``migrations/_views.py``): nobody writes them, and they are
never behind.
"""

from __future__ import annotations

from tuopin.core.language.catalogue import Fact, FactTable, Title

from .words import OLD_HOUSE

TABLES = (
    FactTable(
        "household_channels",
        "household",
        "measures_household_channels",
        "household_id",
        (Fact("income_channels", "integer", Title("稳定增收渠道数", "steady channels of income")),),
    ),
    FactTable(
        "county_enterprises",
        "county",
        "measures_county_enterprises",
        "area_id",
        (Fact("leading_enterprises", "integer", Title("带贫龙头企业数", "leading enterprises that carry households")),),
    ),
    FactTable(
        "household_relocation",
        "household",
        "measures_relocation",
        "household_id",
        (
            Fact("moved_in_on", "date", Title("搬迁入住日期", "moved in on")),
            Fact("old_house", "code", Title("旧房状况", "the old house"), codes=tuple(OLD_HOUSE.items())),
            Fact("old_house_down_on", "date", Title("旧房拆除日期", "old house down on")),
            Fact("relocated_has_job", "boolean", Title("搬迁后有人就业", "work at the new place"), column="has_job"),
            Fact("relocated_has_school", "boolean", Title("搬迁后就学有安排", "school at the new place"),
                 column="has_school", field_class="child"),
            Fact("relocated_has_clinic", "boolean", Title("搬迁后就医有保障", "a clinic at the new place"),
                 column="has_clinic"),
        ),
    ),
)  # fmt: skip

FILLED_BY = {
    "household_channels": Title(
        "县、乡导入带贫联结和务工台账，村记务工变动",
        "county and township take in links and work; the village records changes of work",
    ),
    "county_enterprises": Title("县导入带贫主体名册和联结台账", "the county takes in enterprises and their links"),
    "household_relocation": Title("县、乡导入易地搬迁台账，村记回访", "county and township take in relocation"),
}

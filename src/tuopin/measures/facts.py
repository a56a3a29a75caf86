"""What measures publishes to the fact catalogue: the help that a household was given, from its signed plans."""

from tuopin.core.language.catalogue import Fact, FactTable, Title

from .livelihood import facts as livelihood

TABLES = (
    FactTable(
        "household_help",
        "household",
        "measures_household_help",
        "household_id",
        (
            Fact("measure_count", "integer", Title("帮扶措施数", "measures of help")),
            Fact("industry_measures", "integer", Title("产业帮扶措施数", "measures of help through industry")),
            Fact("helped_in_education", "boolean", Title("有教育帮扶", "help for education")),
            Fact("helped_in_housing", "boolean", Title("有住房安全保障", "help for the house")),
            Fact("helped_in_water", "boolean", Title("有饮水安全保障", "help for water")),
            Fact("helped_by_support", "boolean", Title("有综合保障或社会帮扶", "general support")),
            Fact("helped_into_work", "boolean", Title("有开发式帮扶", "help into work or business")),
        ),
    ),
    *livelihood.TABLES,
)

FILLED_BY = {
    "household_help": Title(
        "帮扶责任人、村制定帮扶计划，户主签字后逐项记落实",
        "helper and village write the help plan; once the household has signed, what was done is recorded",
    ),
    **livelihood.FILLED_BY,
}

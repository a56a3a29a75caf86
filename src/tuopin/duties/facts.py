"""What duties publishes to the fact catalogue: whether a household has a helper, and whether that one is poor himself.

A household has a helper on a day where ``helper_start_known`` is known (true or false). That it has none is known only
where ``helpers_recorded`` is: where helpers of the village came in at all. Whether the helper is registered himself is
known only where his entry in the register was named (``officials/links.py``).
"""

from tuopin.core.language.catalogue import Fact, FactTable, PeriodTable, Title

PERIODS = (
    PeriodTable(
        "helper",
        "household",
        "duties_assignment",
        "household_id",
        Fact(
            "helper_start_known",
            "boolean",
            Title("帮扶开始时间已登记", "it is recorded since when the helper answers"),
            column="since_known",
        ),
        where=(("role", "helper"),),
    ),
    PeriodTable(
        "helpers_recorded",
        "household",
        "duties_assignment",
        "household_id",
        Fact(
            "helpers_recorded",
            "boolean",
            Title("本村已登记帮扶责任人", "helpers of the village are on record"),
            column="since_known",  # any column that is sealed: rows are asked for, not their values
        ),
        where=(("role", "helper"),),
        begun=True,
    ),
    PeriodTable(
        "helper_status",
        "household",
        "duties_helper_status",
        "household_id",
        Fact(
            "helper_is_registered",
            "boolean",
            Title("帮扶责任人本人在册", "the helper is registered"),
            column="registered",
        ),
    ),
)

TABLES = (
    FactTable(
        "household_visits",
        "household",
        "duties_household_visits",
        "household_id",
        (
            Fact("last_visit", "date", Title("最近一次走访", "last visit")),
            Fact("visits_in_month", "integer", Title("当月走访次数", "visits in that month")),
        ),
    ),
)

FILLED_BY = {
    "household_visits": Title(
        "帮扶责任人和各级责任人走访时记录", "helpers and first responsible persons record their visits"
    ),
}

"""The room's pages in the main navigation."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.platform.navigation import Entry

ENTRIES = (
    Entry(
        "quality", Title("数据质量", "Data quality"), "standards:quality", 32, "standards.view_verdict",
        within=("standards:quality_rule",), group="register",
    ),
    Entry(
        "procedures", Title("程序", "Procedures"), "standards:procedures", 34, "standards.view_procedure",
        within=("standards:procedure", "standards:procedure_begin", "standards:procedure_batch"),
        group="standards",
    ),
    Entry(
        "compare", Title("试算", "What-if"), "standards:compare", 62, "standards.compare",
        within=("standards:compared", "standards:line"), group="standards",
    ),
    Entry(
        "sealed", Title("封存核查", "From seals"), "standards:seals", 64, "standards.verify_figures",
        within=("standards:sealed",), group="standards",
    ),
    Entry("federation", Title("下级实例", "Instances"), "standards:federation", 66, "standards.verify_federation",
          group="standards"),
)  # fmt: skip

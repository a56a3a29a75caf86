"""The register's pages in the main navigation."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.platform.navigation import Entry

ENTRIES = (
    Entry("imports", Title("导入", "Import"), "register:imports", 40, "register.import_workbooks", takes_area=False,
          group="register"),
    Entry("matching", Title("部门名单", "Department lists"), "register:match_runs", 50, "register.match_lists",
          group="register"),
    Entry("issues", Title("数据疑点", "Data issues"), "register:issues", 30, "register.view_household",
          group="register"),
    Entry("corrections", Title("更正", "Corrections"), "register:corrections", 55, "register.correct_facts",
          group="register"),
    Entry("workbooks", Title("导出", "Export"), "register:workbooks", 45, "register.export_households",
          group="register"),
)  # fmt: skip

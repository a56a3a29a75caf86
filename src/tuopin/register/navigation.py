"""The register's pages in the main navigation."""

from __future__ import annotations

from tuopin.core.language.catalogue import Title
from tuopin.platform.navigation import Entry

ENTRIES = (
    Entry("workbooks", Title("导出", "Export"), "register:workbooks", 45, "register.export_households"),
)  # fmt: skip

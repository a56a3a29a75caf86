"""What an import did, for the clerk and for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .grants import OUTSIDE

if TYPE_CHECKING:
    from pathlib import Path

    from .fileset import FileSet
    from .run import Run

NOT_OF_HOUSEHOLDS = ("areas", "village", "village_works", "county_figures")
"""Kinds whose issues are about areas; the list by household codes leaves them out."""


@dataclass(slots=True)
class Report:
    """``files`` and ``rows`` tell what this run did; the rest describes the register for this set after the run."""

    files: list[dict[str, Any]]
    rows: dict[str, int]
    households_imported: int
    persons_imported: int
    rejected_households: list[str]
    issues: dict[str, list[str]]
    reject_workbooks: list[Path] = field(default_factory=list)
    import_id: int = 0  # 0 = nothing was written

    def document(self) -> dict[str, Any]:
        return {
            "files": self.files,
            "rows": self.rows,
            "households_imported": self.households_imported,
            "persons_imported": self.persons_imported,
            "rejected_households": self.rejected_households,
            "issues": self.issues,
        }

    def summary(self) -> dict[str, object]:
        """Counts for the audit entry: no codes, no names."""
        return {
            "files": len([item for item in self.files if item["kind"]]),
            **self.rows,
            "households": self.households_imported,
            "persons": self.persons_imported,
            "issues": {code: len(codes) for code, codes in self.issues.items()},
        }


def build_report(run: Run, found: FileSet) -> Report:
    """The report of a planned run."""
    files = [
        {
            "name": sheet.file,
            "kind": sheet.kind,
            "sheet": sheet.sheet,
            "header_row": sheet.header_row,
            "rows": sheet.rows,
            "skipped": dict(sheet.skipped),
        }
        for sheet, _digest in found.sheets
    ]
    files += [
        {
            "name": name,
            "kind": None,
            "sheet": None,
            "header_row": None,
            "rows": 0,
            "skipped": {"blank": 0, "repeated_header": 0, "total": 0},
            "reason": reason,
        }
        for name, reason in found.skipped
    ]
    planned = bool(run.of_kind("household_person"))
    rejected = (
        run.engine.rows(
            f"select code from household_seen where reason is not null and reason <> '{OUTSIDE}' order by code"
        )
        if planned
        else []
    )
    # a number that stands in two households is an issue of both; of the other one a bounded importer learns nothing
    seen = "" if run.ranges is None else "and subject in (select subject from issue_scope) "
    listed = run.engine.rows(
        "select code, list(distinct subject order by subject) from issue_found "
        f"where subject <> '' and kind not in {NOT_OF_HOUSEHOLDS!r} {seen}group by code order by code"
    )
    return Report(
        files=files,
        rows={str(fate): count for fate, count in run.fate_counts().items()},
        households_imported=run.engine.one("select count(*) from household_plan")[0] if planned else 0,
        persons_imported=run.engine.one("select count(*) from person_plan")[0] if planned else 0,
        rejected_households=[code for (code,) in rejected],
        issues=dict(listed),
    )

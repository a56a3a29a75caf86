"""Writing the room's workbooks (帮扶责任人, 干部名册 …): found by name, see ``register/exporting.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register import state
from tuopin.register.exporting import Exported, homes

from .headquarters.intake import opinion_rows
from .intake import DETAILS, IN_WORKBOOK
from .models import Assignment
from .officials.roster import roster_rows
from .permissions import VIEW_HEADQUARTERS, VIEW_HELPER, VIEW_OFFICIAL, VIEW_VISIT
from .visits.intake import visit_rows

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.engine import Engine


def _helper_rows(engine: Engine, on: date) -> set[str]:
    """Who is or will be on duty; the workbook's end date is the last day of duty."""
    homes(engine, on)
    columns = ["household_id", "role", "name", *DETAILS, "valid_from", "valid_to", "since_known"]
    state.load(engine, "helper", Assignment, columns, f"{IN_WORKBOOK} and (valid_to is null or valid_to > '{on}')")
    engine.run(
        "rows",
        f"""create table export_row as select h.household_code, w.name as helper_name, {", ".join(DETAILS)},
          case when w.since_known then w.valid_from end as start_date, w.valid_to - 1 as end_date, [] as unread
        from home h join helper w using (household_id) order by h.household_code, w.role desc, w.valid_from, w.name""",
    )
    return {"household_code", "helper_name", *DETAILS, "start_date", "end_date"}


EXPORTS = {
    "helper": Exported(_helper_rows, VIEW_HELPER),
    "opinion": Exported(opinion_rows, VIEW_HEADQUARTERS),
    "roster": Exported(roster_rows, VIEW_OFFICIAL),
    # what people said and wrote may tell of health
    "visit": Exported(visit_rows, VIEW_VISIT, classes={"said": "health", "note": "health"}),
}

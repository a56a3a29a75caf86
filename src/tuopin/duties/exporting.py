"""Writing the helpers' workbook (帮扶责任人): found by name, see ``register/exporting.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.register import state
from tuopin.register.exporting import Exported, homes

from .intake import DETAILS
from .models import Helper
from .permissions import VIEW_HELPER

if TYPE_CHECKING:
    from datetime import date

    from tuopin.core.engine import Engine


def _helper_rows(engine: Engine, on: date) -> set[str]:
    """Who is or will be on duty; the workbook's end date is the last day of duty."""
    homes(engine, on)
    columns = ["household_id", "role", "name", *DETAILS, "valid_from", "valid_to", "since_known"]
    state.load(engine, "helper", Helper, columns, f"valid_to is null or valid_to > '{on}'")
    engine.run(
        "rows",
        f"""create table export_row as select h.household_code, w.name as helper_name, {", ".join(DETAILS)},
          case when w.since_known then w.valid_from end as start_date, w.valid_to - 1 as end_date, [] as unread
        from home h join helper w using (household_id) order by h.household_code, w.role desc, w.valid_from, w.name""",
    )
    return {"household_code", "helper_name", *DETAILS, "start_date", "end_date"}


EXPORTS = {"helper": Exported(_helper_rows, VIEW_HELPER)}

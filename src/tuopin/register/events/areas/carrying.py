"""An import that describes a day before a merger says where households lived then: from the merger on they live in the
successor, as all others there do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform import database

from ...correcting.subjects import listed
from ...models import AreaMap, Residence
from ...models.area_events import STANDING
from .writing import set_areas

if TYPE_CHECKING:
    from datetime import date

    from ...importing.changes import ChangeLog

_STEPS = 50  # mergers one after the other


def carry_on(log: ChangeLog, as_of: date) -> int:
    """Homes in villages that were merged after ``as_of`` and are open there still: they end with the village, and go
    on in its successor. Returns how many. One statement where no area ended since; inside the import's transaction.

    A village that was split up says nothing of who went where: its households stay with it until somebody assigns them.
    """
    late = AreaMap.objects.filter(STANDING, day__gt=as_of, ended=True).exclude(successor_id=None)
    ends: dict[int, date] = {}
    parts: dict[int, set[int]] = {}
    for key, successor, day in late.values_list("area_id", "successor_id", "day"):
        ends[key] = day
        parts.setdefault(key, set()).add(successor)
    done = 0
    for _step in range(_STEPS):
        moves = {key: min(each) for key, each in parts.items() if len(each) == 1}
        if not moves:
            break
        open_ones = Residence.objects.filter(area_id__in=listed(sorted(moves)), valid_to=None)
        homes = list(open_ones.values_list("pk", "household_id", "area_id", "group_name", "valid_from"))
        if not homes:
            break
        done += len(homes)
        _move(log, homes, moves, ends)
    return done


def _move(
    log: ChangeLog, homes: list[tuple[int, int, int, str, date]], moves: dict[int, int], ends: dict[int, date]
) -> None:
    table = Residence._meta.db_table
    earlier = [home for home in homes if home[4] < ends[home[2]]]
    since = {home[0]: moves[home[2]] for home in homes if home[4] >= ends[home[2]]}
    log.changing(table, ["valid_to"], [home[0] for home in earlier])
    for day in sorted({ends[home[2]] for home in earlier}):
        pks = [home[0] for home in earlier if ends[home[2]] == day]
        Residence.objects.filter(pk__in=listed(pks)).update(valid_to=day)
    if earlier:
        first = database.reserve_ids(Residence, len(earlier))
        columns = ["id", "household_id", "area_id", "group_name", "valid_from", "valid_to"]
        rows = ((first + at, home[1], moves[home[2]], home[3], ends[home[2]].isoformat(), None)
                for at, home in enumerate(earlier))  # fmt: skip
        database.bulk_insert(table, columns, rows)
        log.inserted(table, [(first, first + len(earlier) - 1)])
    log.changing(table, ["area_id"], sorted(since))
    set_areas(table, since)

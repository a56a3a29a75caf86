"""Entitled against received, over a whole area in the set engine: one pass over persons, one over households.

Who is entitled is judged by the pack's standards as everywhere; here the verdicts are put beside the payments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tuopin.core.engine import Engine
from tuopin.core.standards.pipeline import evaluate
from tuopin.platform.access import subtree
from tuopin.platform.home import home
from tuopin.register import state
from tuopin.register.models import AreaVersion, EventSubject, RegisterEvent, Residence
from tuopin.register.selectors import on_day
from tuopin.standards.area_figures import load_above
from tuopin.standards.levels import LevelsLoader

from .models import Payment
from .policies import ENJOYS, policies, prepared

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator, Sequence

    from tuopin.standards.places import Place

    from .policies import Policy

    type Progress = Callable[[str, int], None]

STATES = ("both", "missing", "excess", "unknown", "unclear", "no_list", "gone")
"""What may be said of a subject and a policy; who is neither entitled nor received is not counted."""
_CODE = {name: at for at, name in enumerate(STATES, start=1)}
_LISTED = ("missing", "excess", "unclear")


class Comparison:
    """One comparison. Use as a context manager: the engine's memory goes with it."""

    def __init__(self, place: Place, day: datetime.date, progress: Progress | None = None) -> None:
        self._place, self._day, self._progress = place, day, progress
        self._engine = Engine(spill=home() / "staging")
        found = list(policies().values())
        self._of: dict[str, list[Policy]] = {
            level: [each for each in found if each.level == level] for level in ("household", "person")
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def work_out(self) -> None:
        """Judge, read the payments, and put both together in the engine."""
        self._judge()
        load_above(self._engine, self._place, self._day)
        self._homes()
        self._payments()
        for level in ("household", "person"):
            self._states(level)
        self._gone()

    def figures(self) -> dict[int, dict[str, list[int]]]:
        """Area → policy → counts in the order of ``STATES``, for every area of the place that holds anything."""
        found: dict[int, dict[str, list[int]]] = {}
        for level, listed in self._of.items():
            sums = ", ".join(f'sum("{each.key}:{name}")' for each in listed for name in STATES)
            rows = self._engine.rows(
                f"select a.area_id, {sums} from {level}_count c join above a on a.lowest_id = c.area_id group by all"
            )
            for area_id, *counts in rows:
                for at, each in enumerate(listed):
                    part = [int(count or 0) for count in counts[at * len(STATES) : (at + 1) * len(STATES)]]
                    if any(part):
                        found.setdefault(int(area_id), {})[each.key] = part
        return found

    def gaps(self) -> Iterator[tuple[object, ...]]:
        """(household, person, policy, kind, path) where entitled and received differ, in the order of paths."""
        kinds = " ".join(f"when {_CODE[name]} then '{name}'" for name in _LISTED)
        codes = ", ".join(str(_CODE[name]) for name in _LISTED)
        parts = [
            f"""select household_id, {"id" if level == "person" else "null::bigint"} as person_id, policy,
              case code {kinds} end as kind, area_id
            from (unpivot {level}_state on {", ".join(f'"{each.key}"' for each in listed)} into name policy value code)
            where code in ({codes})"""
            for level, listed in self._of.items()
        ]
        parts.append("select household_id, person_id, policy, 'gone' as kind, area_id from gone")
        return self._engine.stream(
            f"""select g.household_id, g.person_id, g.policy, g.kind, h.path from ({" union all ".join(parts)}) g
            join village h using (area_id) order by h.path, g.household_id, g.person_id, g.policy"""
        )

    # -- steps ----------------------------------------------------------------------------------------------------

    def _judge(self) -> None:
        """``household_verdict`` and ``person_verdict``: 0 outside, 1 unknown, 2 belongs; what does not apply is
        outside."""
        ready = prepared(self._day)
        loader = LevelsLoader(list(ready.values()), self._place, self._engine, self._progress)
        relations = loader.load()
        for level, standard in ready.items():
            evaluate(standard, self._engine, relations, f"{level}_verdict")

    def _homes(self) -> None:
        """``village``: villages of the day with path and county; ``home``: who lives in the counties of the place. A
        list of payments speaks for a county, also where only one of its townships is compared."""
        versions = AreaVersion.objects.filter(on_day(self._day))
        if self._place.path:
            above = [self._place.path[:end] for end in range(8, len(self._place.path) + 1, 8)]
            county = versions.filter(level="county", path__in=above).values_list("path", flat=True).first()
            low, high = subtree(county or self._place.path)
            versions = versions.filter(path__gte=low, path__lt=high)
        areas = list(versions.values_list("area_id", "path", "level"))
        counties = {path: area_id for area_id, path, level in areas if level == "county"}
        rows = [
            (area_id, path, next((counties[path[:end]] for end in range(8, len(path), 8) if path[:end] in counties), 0))
            for area_id, path, level in areas
            if level == "village"
        ]
        import pyarrow as pa

        ids, paths, own = zip(*rows, strict=True) if rows else ((), (), ())
        table = pa.table(
            {
                "area_id": pa.array(ids, pa.int64()),
                "path": pa.array(paths, pa.string()),
                "county_id": pa.array(own, pa.int64()),
            }
        )
        self._engine.load("village", table.to_reader())
        valid = f"valid_from <= '{self._day}' and (valid_to is null or valid_to > '{self._day}')"
        state.load(self._engine, "residence", Residence, ["household_id", "area_id"], valid)
        self._engine.run(
            "homes",
            "create table home as select r.household_id, v.area_id, v.county_id from residence r "
            "join village v using (area_id)",
        )

    def _payments(self) -> None:
        """``paid``: payments that count on the day, by the policy's bit within its level, of the household where the
        receiver is now; ``<level>_listed``: by village the bits of the policies of which any payment is known in its
        county."""
        listed = ", ".join(
            f"('{each.key}', '{level}', {at}, date '{each.counts_from(self._day)}')"
            for level, found in self._of.items()
            for at, each in enumerate(found)
        )
        first = min(each.counts_from(self._day) for found in self._of.values() for each in found)
        columns = ["household_id", "person_id", "policy", "paid_on"]
        where = f"superseded_at is null and paid_on <= '{self._day}' and paid_on >= '{first}'"
        state.load(self._engine, "payment", Payment, columns, where)
        self._followed()
        self._engine.run(
            "payments that count",
            f"""create table paid as
            select f.household_id, p.person_id, p.policy, k.level, k.bit, h.area_id, h.county_id
            from (select p.* replace (coalesce(s.survivor_id, p.person_id) as person_id) from payment p
              left join survivor s using (person_id)) p
            join (values {listed}) k(policy, level, bit, since) on k.policy = p.policy and p.paid_on >= k.since
            left join person_verdict v on v.id = p.person_id and k.level = 'person'
            left join merged m on m.source = p.household_id,
            lateral (select coalesce(v.parent_id, m.target, p.household_id) as household_id) f
            join home h on h.household_id = f.household_id""",
        )
        for level in self._of:
            self._engine.run(
                f"lists of {level}",
                f"""create table {level}_listed as select v.area_id, bit_or(1::bigint << p.bit) as bits
                from (select distinct county_id, bit from paid where level = '{level}') p
                join village v using (county_id) group by all""",
            )

    def _followed(self) -> None:
        """What events made of receivers: ``merged`` (household → the one that it is part of at last), ``survivor``
        (person row → the row of the same person that goes on)."""
        stands = "id not in (select undoes_id from register_event where undoes_id is not null)"
        events = f"day <= '{self._day}' and {stands}"
        state.load(
            self._engine, "merge_event", RegisterEvent, ["household_id", "other_id"], f"kind = 'merge' and {events}"
        )
        double = f"same_as_id is not null and event_id in (select id from register_event where {events})"
        state.load(self._engine, "double", EventSubject, ["person_id", "same_as_id"], double)
        self._engine.run(
            "merged households",
            """create table merged as with recursive chain(source, target) as (
              select household_id, other_id from merge_event
              union select c.source, m.other_id from chain c join merge_event m on m.household_id = c.target)
            select source, max(target) as target from chain
            where target not in (select household_id from merge_event) group by source""",
        )
        self._engine.run(
            "doubles of persons",
            """create table survivor as with recursive chain(source, target) as (
              select person_id, same_as_id from double
              union select c.source, d.same_as_id from chain c join double d on d.person_id = c.target)
            select source as person_id, max(target) as survivor_id from chain
            where target not in (select person_id from double) group by source""",
        )

    def _states(self, level: str) -> None:
        """``<level>_state``: a row a subject with its household and village, and what is so of each policy."""
        found = self._of[level]
        receiver = "person_id" if level == "person" else "household_id"
        self._engine.run(
            f"received by {level}",
            f"""create table {level}_received as select {receiver} as id, bit_or(1::bigint << bit) as bits from paid
            where level = '{level}' and {receiver} is not null group by all""",
        )
        if level == "person":
            verdicts = "person_verdict s join household_verdict h on h.id = s.parent_id"
            household, village = "s.parent_id", "h.parent_id"
        else:
            verdicts = "household_verdict s"
            household, village = "s.id", "s.parent_id"
        enjoys = f'{"h" if level == "person" else "s"}."{ENJOYS}"'
        columns = ", ".join(f'{_state(each, at, enjoys)} as "{each.key}"' for at, each in enumerate(found))
        self._engine.run(
            f"states of {level}",
            f"""create table {level}_state as select s.id, {household} as household_id, {village} as area_id, {columns}
            from {verdicts} left join {level}_received r on r.id = s.id
            left join {level}_listed l on l.area_id = {village}""",
        )
        counts = ", ".join(
            f'count(*) filter (where "{each.key}" = {_CODE[name]}) as "{each.key}:{name}"'
            for each in found
            for name in STATES
        )
        self._engine.run(
            f"counts of {level}",
            f"create table {level}_count as select area_id, {counts} from {level}_state group by all",
        )

    def _gone(self) -> None:
        """Who received and is no member on the day, of households that are there: ``gone``, and in the counts."""
        self._engine.run(
            "gone",
            """create table gone as select distinct p.household_id, p.person_id, p.policy, h.parent_id as area_id
            from paid p join household_verdict h on h.id = p.household_id
            where p.level = 'person' and p.person_id not in (select id from person_verdict)""",
        )
        sums = ", ".join(
            f"count(*) filter (where policy = '{each.key}') as \"{each.key}:gone\"" for each in self._of["person"]
        )
        names: Sequence[str] = [f"{each.key}:{name}" for each in self._of["person"] for name in STATES]
        listed = ", ".join(
            f'c."{name}"' if not name.endswith(":gone") else f'coalesce(g."{name}", 0) as "{name}"' for name in names
        )
        self._engine.run(
            "counts with the gone",
            f"""create or replace table person_count as select coalesce(c.area_id, g.area_id) as area_id, {listed}
            from person_count c full join (select area_id, {sums} from gone group by all) g using (area_id)""",
        )


def _state(policy: Policy, at: int, enjoys: str) -> str:
    """The code of one policy for a row ``s``: of entitlement (0, 1, 2) and whether it was received."""
    own = f's."{policy.key}"'
    entitled = f"(case when {own} = 3 then 0 else {own} end)"
    if policy.needs_help:
        entitled = f"least({entitled}, case when {enjoys} = 3 then 0 else {enjoys} end)"
    received = f"coalesce(r.bits >> {at} & 1, 0) = 1"
    known = f"coalesce(l.bits >> {at} & 1, 0) = 1"
    return (
        f"case when {received} then case {entitled} when 2 then {_CODE['both']} when 1 then {_CODE['unclear']} "
        f"else {_CODE['excess']} end else case {entitled} when 2 then case when {known} then {_CODE['missing']} "
        f"else {_CODE['no_list']} end when 1 then {_CODE['unknown']} else 0 end end"
    )

"""Taking in lists of this part: one row a thing, known by its key; another word on the same thing is a new version.

A kind of workbook prepares the engine table ``{kind}_row`` (``sheet``, ``row_no``, ``household_code``, ``person_code``,
``reason`` and the columns of its table) and calls :func:`take`. A blank cell says nothing: what was known stays. What
somebody has entered by hand stays too, and a list that says otherwise is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import models

from ..merged import HouseholdNow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.register.importing.run import Run

    from .models import Said


FIRST, LAST = "1949-10-01", "2100-01-01"
"""Days that may stand in these lists."""


@dataclass(frozen=True, slots=True)
class Taking:
    """How rows of a kind become rows of a table. ``key``: the columns by which a thing is the same. ``twice``: the
    reason of a second row on the same thing. ``by``: the column by which the register is asked what it knows.
    ``fixed``: columns that every new row gets, as SQL. ``told``: whether issues may name the household."""

    kind: str
    model: type[Said]
    key: tuple[str, ...]
    values: tuple[str, ...]
    twice: str
    by: str = "household_id"
    fixed: Mapping[str, str] = field(default_factory=dict)
    told: bool = True


def rejoin(run: Run, taking: Taking, same: str = "") -> None:
    """Rows about what a household had that was merged into the one they name are about that: they get its id.

    ``same``: when a row ``r`` speaks of a known one ``k``, beside the household (default: all the key).
    """
    kind = taking.kind
    which = run.among("now_id", f"select distinct household_id from {kind}_row where household_id is not null")
    run.load_state(f"{kind}_came", HouseholdNow, ["household_id", "now_id"], which)
    if not run.engine.one(f"select count(*) from {kind}_came")[0]:
        return
    which = run.among("household_id", f"select household_id from {kind}_came union select now_id from {kind}_came")
    run.load_state(f"{kind}_had", taking.model, ["id", *dict.fromkeys((*taking.key, *taking.values))],
                   f"superseded_at is null and {which}")  # fmt: skip
    equal = same or " and ".join(f"coalesce(k.{each}, '') = coalesce(r.{each}, '')" if each in _texts(taking)
                                 else f"k.{each} = r.{each}" for each in taking.key[1:])  # fmt: skip
    run.engine.run(
        f"rows of merged households of {kind}",
        f"""update {kind}_row set household_id = f.had from (
          select r.sheet, r.row_no, max_by(k.household_id, k.id) as had
          from {kind}_row r join {kind}_came c on c.now_id = r.household_id
            join {kind}_had k on k.household_id = c.household_id and ({equal})
          where not exists (select 1 from {kind}_had k where k.household_id = r.household_id and ({equal}))
          group by all) f
        where f.sheet = {kind}_row.sheet and f.row_no = {kind}_row.row_no""",
    )


def take(run: Run, taking: Taking) -> None:
    """Compare the rows with what is known, plan the writing, and say what became of each row."""
    kind = taking.kind
    _refuse_days(run, taking)
    _doubles(run, taking)
    _compare(run, taking)
    _write(run, taking)
    run.fates(f"select sheet, row_no, case fate when 'kept' then 'unchanged' else fate end from {kind}_plan")
    run.fates(f"select sheet, row_no, 'rejected' from {kind}_row where reason is not null")
    subject = "coalesce(household_code, '')" if taking.told else "''"
    run.rejects(f"select sheet, row_no, {subject}, reason from {kind}_row where reason is not null")
    _issues(run, taking)


def _refuse_days(run: Run, taking: Taking) -> None:
    """A year 18 or 9999 is a slip: the row goes back."""
    days = [item.column for item in taking.model._meta.concrete_fields if type(item) is models.DateField]
    named = [name for name in days if name in (*taking.key, *taking.values)]
    wrong = " or ".join(f"{name} < date '{FIRST}' or {name} > date '{LAST}'" for name in named)
    without(run, taking.kind, wrong, "day_out_of_range")


def _doubles(run: Run, taking: Taking) -> None:
    """Of rows on one thing the first counts; the others go back with that reason."""
    run.engine.run(
        f"doubles {taking.kind}",
        f"""update {taking.kind}_row set reason = '{taking.twice}' from (
          select sheet, row_no from {taking.kind}_row where reason is null
          qualify row_number() over (partition by {", ".join(taking.key)} order by sheet, row_no) > 1) d
        where d.sheet = {taking.kind}_row.sheet and d.row_no = {taking.kind}_row.row_no""",
    )


def load_known(run: Run, taking: Taking) -> str:
    """``{kind}_known_rows``: what the register says now of the subjects of the rows. Blank texts are ''."""
    kind, known = taking.kind, f"{taking.kind}_known_rows"
    texts = _texts(taking)
    columns = [*taking.key, *taking.values]
    which = run.among(taking.by, f"select distinct {taking.by} from {kind}_row where {taking.by} is not null")
    run.load_state(known, taking.model, ["id", "by_hand", *columns], f"superseded_at is null and {which}")
    blank = ", ".join(f"coalesce({name}, '') as {name}" for name in columns if name in texts)
    if blank:
        run.engine.run(
            f"blank texts of {kind}", f"create or replace table {known} as select * replace ({blank}) from {known}"
        )
    return known


def carry(run: Run, taking: Taking, subject: str, day: str) -> None:
    """For things of which the newest word counts: what a row leaves blank is as it was known before its day; a row that
    says nothing new, or otherwise than somebody has entered by hand, is a word on the row that it agrees with or not.
    """
    kind, known = taking.kind, load_known(run, taking)
    run.engine.run(
        f"newest {kind}",
        f"""create or replace table {kind}_newest as select r.sheet, r.row_no, k.* from {kind}_row r join {known} k
          on k.{subject} = r.{subject} and k.{day} <= r.{day} where r.reason is null
        qualify row_number() over (partition by r.sheet, r.row_no order by k.{day} desc) = 1""",
    )
    here = f"n.sheet = {kind}_row.sheet and n.row_no = {kind}_row.row_no"
    said = ", ".join(
        f"{name} = coalesce(nullif({kind}_row.{name}, ''), n.{name})" if name in _texts(taking)
        else f"{name} = coalesce({kind}_row.{name}, n.{name})"
        for name in taking.values
    )  # fmt: skip
    same = " and ".join(f"{kind}_row.{name} is not distinct from n.{name}" for name in taking.values)
    run.engine.run(f"blanks of {kind}", f"update {kind}_row set {said} from {kind}_newest n where {here}")
    run.engine.run(
        f"nothing new in {kind}",
        f"update {kind}_row set {day} = n.{day} from {kind}_newest n where {here} and (n.by_hand or ({same}))",
    )


def _texts(taking: Taking) -> set[str]:
    return {str(item.column) for item in taking.model._meta.concrete_fields if isinstance(item, models.CharField)}


def _compare(run: Run, taking: Taking) -> None:
    """``{kind}_plan``: the rows that count, each with what is known of its thing and its fate; ``kept``: somebody has
    entered otherwise by hand."""
    kind, known = taking.kind, load_known(run, taking)
    texts = _texts(taking)
    same = " and ".join(f"r.{name} = k.{name}" for name in taking.key)
    said = ", ".join(
        f"coalesce(nullif(r.{name}, ''), k.{name}, '') as {name}" if name in texts
        else f"coalesce(r.{name}, k.{name}) as {name}"
        for name in taking.values
    )  # fmt: skip
    differs = " or ".join(
        f"(nullif(r.{name}, '') is not null and r.{name} <> k.{name})" if name in texts
        else f"(r.{name} is not null and r.{name} is distinct from k.{name})"
        for name in taking.values
    )  # fmt: skip
    keys = ", ".join(f"r.{name}" for name in taking.key)
    run.engine.run(
        f"compare {kind}",
        f"""create or replace table {kind}_plan as select r.sheet, r.row_no, r.household_code, r.person_code, {keys},
          {said}, k.id as known_id,
          case when k.id is null then 'created' when not ({differs}) then 'unchanged' when k.by_hand then 'kept'
            else 'updated' end as fate
        from {kind}_row r left join {known} k on {same} where r.reason is null""",
    )


def _write(run: Run, taking: Taking) -> None:
    kind = taking.kind
    columns = [*taking.key, *taking.values]
    fixed = "".join(f", {sql}" for sql in taking.fixed.values())
    run.supersede(taking.model, f"select known_id from {kind}_plan where fate = 'updated' order by known_id")
    run.insert(
        taking.model,
        [*columns, "sheet_id", "row", "by_hand", "recorded_at", *taking.fixed],
        f"""select {", ".join(columns)}, sheet, row_no, false, {run.stamp}{fixed} from {kind}_plan
        where fate in ('created', 'updated') order by sheet, row_no""",
    )


def _issues(run: Run, taking: Taking) -> None:
    """What is doubtful. Of things of a closed class no issue is written: issues are read by more people than may know
    of them; such rows go back instead."""
    if not taking.told:
        return
    kind = taking.kind
    run.issues(
        f"""select 'kept_by_hand', '{kind}', coalesce(household_code, ''), coalesce(person_code, ''), sheet, row_no, '',
          '' from {kind}_plan where fate = 'kept'"""
    )
    run.issues(
        f"""select reason, '{kind}', coalesce(household_code, ''), coalesce(person_code, ''), sheet, row_no, '', ''
        from {kind}_row where reason in ('{taking.twice}', 'link_overlaps', 'work_too_young')"""
    )
    run.issues(
        f"""select f.code, '{kind}', r.household_code, '', f.sheet, f.row_no, f.header, f.value
        from staged_{kind}_fault f join {kind}_row r using (sheet, row_no)
        where f.field <> 'id_number' and r.household_code is not null"""
    )


def since_unknown(run: Run, kind: str) -> None:
    """A span whose first day nobody knows stands from the day of the list on; one that had ended by then, on its last
    day: of no other is it known that it stood."""
    run.engine.run(
        f"first days of {kind}",
        f"""update {kind}_row set valid_from = case when valid_to <= as_of then valid_to - 1 else as_of end
        where valid_from is null""",
    )


def without(run: Run, kind: str, rows: str, reason: str) -> None:
    """Give the rows of ``{kind}_row`` that a condition names a reason, unless they have one."""
    run.engine.run(f"{reason}", f"update {kind}_row set reason = '{reason}' where reason is null and ({rows})")

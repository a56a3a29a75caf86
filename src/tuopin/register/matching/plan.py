"""What a matched list would write: facts that say something new, and contradictions to look at. Plans only.

Tables it makes: ``fact_plan`` (subject, person_id, household_id, path, value, old, fate) and ``doubt_plan`` (person_id,
household_id, area_id, path, code). Fates: ``new`` (was unknown), ``changed``, ``same`` (nothing to write), ``kept`` (a
visit or a correction by hand says otherwise and stays), ``newer`` (the register has a record later than the list),
``unsaid`` (the list contradicts itself or is unreadable).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..importing.blocks import block_fields
from .kinds import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tuopin.core.engine import Engine

    from .kinds import Doubt, ListKind, Value

STRONGER = ("visit", "by_hand")
"""Sources that a department's list does not overrule (see ``models.blocks.Source``)."""


def plan(engine: Engine, kind: ListKind, day: date, *, complete: bool) -> None:
    """Plan from ``matched`` (by number and by decision), ``person``, ``fact_now`` and ``status_now``; with
    ``complete`` also from who is not on the list. ``undecided`` (person_id) names those still open: nothing is
    said about them."""
    engine.run(
        "facts",
        "create or replace table fact_plan (subject bigint, person_id bigint, household_id bigint, path varchar, "
        "value varchar, old varchar, fate varchar)",
    )
    engine.run(
        "doubts",
        "create or replace table doubt_plan (person_id bigint, household_id bigint, area_id bigint, path varchar, "
        "code varchar)",
    )
    if complete:
        _not_listed(engine)
    if kind.fact:
        _facts(engine, kind, day, _listed(kind))
        if complete and kind.not_listed is not None:
            absent = f"select person_id, household_id, path, {_text(kind.not_listed)} as value from absent"
            _facts(engine, kind, day, absent)
    for doubt in kind.doubts:
        if doubt.when == "listed" or complete:
            _doubt(engine, kind, doubt)


def _not_listed(engine: Engine) -> None:
    """``absent``: of whom it can be said that they are not on a complete list.

    Only who could have been found by number: with a sound number that nobody else has, not among the undecided, and
    no namesake of a row without a sound number.
    """
    engine.run(
        "absent",
        """create or replace table absent as
        select p.person_id, p.household_id, p.area_id, p.path from person p
        where p.number is not null
          and p.number not in (select number from person where number is not null group by number having count(*) > 1)
          and p.person_id not in (select person_id from matched)
          and p.person_id not in (select person_id from undecided)
          and p.plain not in (select plain from list_row where number is null and plain is not null)""",
    )


def _listed(kind: ListKind) -> str:
    if kind.level == "person":
        return "select person_id, household_id, path, value from matched"
    # several members of a household may stand on the list: it says something where all rows say the same
    return """select min(person_id) as person_id, household_id, any_value(path) as path,
      case when count(distinct value) = 1 then any_value(value) end as value from matched group by household_id"""


def _facts(engine: Engine, kind: ListKind, day: date, rows: str) -> None:
    stronger = ", ".join(f"'{source}'" for source in STRONGER)
    mark = f"json_extract_string(coalesce(f.marks, '{{}}'), '$.{kind.fact}.source')"
    engine.run(
        f"facts of {kind.key}",
        f"""insert into fact_plan
        select r.{kind.subject}, r.person_id, r.household_id, r.path, r.value, f."{kind.fact}",
          case when r.value is null then 'unsaid'
            when f."{kind.fact}" = r.value then 'same'
            when {mark} in ({stronger}) then 'kept'
            when f.newest > '{day}' then 'newer'
            when f."{kind.fact}" is null then 'new' else 'changed' end
        from ({rows}) r left join fact_now f on f.subject = r.{kind.subject}""",
    )


def _doubt(engine: Engine, kind: ListKind, doubt: Doubt) -> None:
    rows = (
        "select person_id, household_id, area_id, path, value from matched"
        if doubt.when == "listed"
        else "select person_id, household_id, area_id, path, null::varchar as value from absent"
    )
    conditions = ["true"]
    if doubt.register:
        conditions.append(f'f."{doubt.field}" in ({_texts(doubt.register)})')
    if doubt.values:
        conditions.append(f"r.value in ({_texts(doubt.values)})")
    if doubt.lacks:
        conditions.append(f"not list_contains(string_split(f.\"{doubt.field}\", ','), '{doubt.lacks}')")
    if doubt.statuses:
        conditions.append(f"s.value in ({_texts(doubt.statuses)})")
    engine.run(
        f"doubt {doubt.code}",
        f"""insert into doubt_plan select distinct r.person_id, r.household_id, r.area_id, r.path, '{doubt.code}'
        from ({rows}) r left join fact_now f on f.subject = r.{kind.subject}
        left join status_now s on s.household_id = r.household_id
        where {" and ".join(conditions)}""",
    )


def typed(kind: ListKind, text: str) -> Value:
    """A planned value as the fact takes it."""
    field = block_fields(BLOCKS[kind.level])[kind.fact]
    return text == "true" if field.get_internal_type() == "BooleanField" else text


def _texts(values: Sequence[Value]) -> str:
    return ", ".join(_text(value) for value in values)


def _text(value: Value) -> str:
    return f"'{str(value).lower()}'" if isinstance(value, bool) else f"'{value}'"

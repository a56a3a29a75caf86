"""Corrections in an import: a corrected value stays until an export says the same, and raises no issue meanwhile.

The corrected values themselves stand in the versions (``overrides`` names them), who corrected them and what the
national system says of them in ``register_corrected_value``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from ..models import CorrectedValue

if TYPE_CHECKING:
    from ..models.blocks import FactBlock
    from .run import Run

_FOLLOWS = {"id_sound": "id_number", "study_unclear": "study"}
"""Columns that say something of another one and go with it."""


def _level(table: str, subject: str) -> str:
    """The level of the subjects of a block: villages and counties are both areas."""
    if subject == "area_id":
        return "county" if table.startswith("register_county") else "village"
    return subject.removesuffix("_id")


def keep_overrides(run: Run, model: type[FactBlock], staged: str, subject: str, keep: str) -> None:
    """A value that a stronger source corrected stays until an export confirms it.

    The staged row takes over the corrected value and its mark, and what could not be read there is no longer missed;
    where the export now says the same, the mark goes and the correction is confirmed. Either way it is noted what the
    export says.
    """
    from .blocks import block_fields

    name = model._meta.db_table
    fields = list(block_fields(model))
    corrected = f"{name}_corrected"
    run.engine.run("overrides", f"alter table {staged} add column overrides varchar")
    where = f"{keep} and as_of <= '{run.as_of}' and cast(overrides as text) <> '{{}}'"
    run.load_state(corrected, model, [subject, "as_of", *fields, "overrides"], where)
    run.engine.run(
        "newest correction",
        f"create or replace table {corrected} as select * from {corrected} "
        f"qualify row_number() over (partition by {subject} order by as_of desc) = 1",
    )
    marked = [row[0] for row in run.engine.rows(f"select distinct unnest(json_keys(overrides)) from {corrected}")]
    marked = [field for field in marked if field in fields]
    if not marked:
        return
    _note_what_is_said(run, name, staged, subject, marked)
    for field in marked:
        also = "".join(f", {name} = c.{name}" for name, of in _FOLLOWS.items() if of == field)
        run.engine.run(
            f"keep {field}",
            f"""update {staged} set {field} = c.{field}{also},
              overrides = json_merge_patch(coalesce({staged}.overrides, '{{}}'),
                json_object('{field}', json_extract(c.overrides, '$.{field}'))),
              unreadable = json_merge_patch(coalesce({staged}.unreadable, '{{}}'), '{{"{field}": null}}')
            from {corrected} c
            where c.{subject} = {staged}.{subject} and json_exists(c.overrides, '$.{field}')
              and c.as_of <= {staged}.as_of and {staged}.{field} is distinct from c.{field}""",
        )


def _note_what_is_said(run: Run, name: str, staged: str, subject: str, marked: list[str]) -> None:
    """What the export says of each open correction, before the corrected values take its place in the staged rows."""
    level, lines, said = _level(name, subject), f"{name}_lines", f"{name}_said"
    listed = ", ".join(f"'{field}'" for field in marked)
    which = run.among("subject", f"select distinct {subject} from {name}_corrected")
    where = f"state = 'open' and level = '{level}' and field in ({listed}) and {which}"
    run.load_state(lines, CorrectedValue, ["id", "subject", "field", "new"], where)
    cases = " union all ".join(
        f"""select l.id, coalesce(to_json(s.{field})::varchar, 'null') as said, s.as_of,
          s.{field} is not distinct from c.{field} as same, s.unreadable is not null
          and json_exists(s.unreadable::json, '$.{field}') as unread
        from {lines} l join {staged} s on s.{subject} = l.subject join {name}_corrected c on c.{subject} = l.subject
        where l.field = '{field}' and c.as_of <= s.as_of and json_exists(c.overrides, '$.{field}')"""
        for field in marked
    )
    run.engine.run(
        f"said {name}",
        f"""create or replace table {said} as select * from ({cases})
        qualify row_number() over (partition by id order by as_of desc) = 1""",
    )
    run.update(
        CorrectedValue,
        "export_value = %s, export_as_of = %s",
        f"select said, as_of::varchar, id from {said} where not same and not unread",
    )
    run.update(
        CorrectedValue,
        "state = 'confirmed', settled_at = %s, export_value = %s, export_as_of = %s",
        f"select {run.stamp}, said, as_of::varchar, id from {said} where same and not unread",
    )


def carry_over(run: Run, model: type[FactBlock], staged: str, fate: str, subject: str) -> None:
    """A correction dated after the day of this export repeats the other fields of the export before: it now takes
    them from this one. Otherwise it would hide what the newer export says."""
    from .blocks import block_fields

    block = model._meta.db_table
    fields = list(block_fields(model))
    later, base = f"{block}_later", f"{block}_before"
    which = run.among(subject, f"select distinct {subject} from {fate} where fate <> 'unchanged'")
    columns = ["id", subject, "as_of", "source", "sheet_id", "row"]
    corrected = "superseded_at is null and source = 'national_export' and cast(overrides as text) <> '{}'"
    run.load_state(later, model, [*columns, *fields, "overrides"], f"{corrected} and {which}")
    if not run.engine.one(f"select count(*) from {later}")[0]:
        return
    which = run.among(subject, f"select distinct {subject} from {later}")
    run.load_state(base, model, columns, f"superseded_at is null and {which}")
    merged = ", ".join(
        f"case when json_exists(l.overrides, '$.{_FOLLOWS.get(name, name)}') then l.{name} else s.{name} end as {name}"
        for name in fields
    )
    table = f"{block}_carried"
    run.engine.run(
        f"carry over {block}",
        f"""create or replace table {table} as
        select l.id as old_id, l.{subject}, l.as_of, s.sheet, s.row_no, {merged},
          json_merge_patch(coalesce(s.overrides, '{{}}'), l.overrides) as overrides,
          json_merge_patch(coalesce(s.unreadable, '{{}}'), {_nothing("l.overrides")}) as unreadable
        from {later} l join {staged} s using ({subject}) join {fate} f on f.{subject} = s.{subject}
          and f.as_of = s.as_of and f.fate <> 'unchanged'
        join lateral (select b.sheet_id, b.row from {base} b where b.{subject} = s.{subject} and b.as_of <= s.as_of
          order by b.as_of desc limit 1) p on true
        where l.as_of > s.as_of and l.sheet_id is not distinct from p.sheet_id and l.row is not distinct from p.row""",
    )
    run.supersede(model, f"select old_id from {table}")
    columns = [subject, "year", "as_of", "source", "sheet_id", "row", "recorded_at", "unreadable", "overrides", *fields]
    values = ", ".join(stored(field, item) for field, item in block_fields(model).items())
    run.insert(
        model,
        columns,
        f"""select s.{subject}, {run.year}, s.as_of, 'national_export', s.sheet, s.row_no, {run.stamp}, s.unreadable,
          s.overrides, {values} from {table} s order by s.old_id""",
    )


def _nothing(overrides: str) -> str:
    """A JSON patch that takes away the overridden fields."""
    return f"to_json(map_from_entries(list_transform(json_keys({overrides}), lambda name: row(name, null::varchar))))"


def stored(name: str, field: models.Field[object, object]) -> str:
    """Text columns that are not nullable hold the empty string for unknown."""
    if isinstance(field, models.CharField) and not field.null:
        return f"coalesce(s.{name}, '')"
    return f"s.{name}"


# -- issues -------------------------------------------------------------------------------------------------------


def settle_faults(run: Run, staged: str, level: str, rows: str) -> None:
    """Cells that could not be read and have been corrected since are no faults any more.

    ``rows`` gives (sheet, row_no, subject) of the rows about subjects that the register knows. Makes
    ``corrected_<level>`` (subject, field, new).
    """
    which = run.among("subject", f"select distinct subject from ({rows}) r where subject is not null")
    where = f"state = 'open' and level = '{level}' and {which}"
    run.load_state(f"corrected_{level}", CorrectedValue, ["subject", "field", "new"], where)
    run.engine.run(
        "corrected cells",
        f"""delete from {staged}_fault where (sheet, row_no, field) in (
          select r.sheet, r.row_no, c.field from ({rows}) r join corrected_{level} c on c.subject = r.subject)""",
    )


def settle_disagreements(run: Run) -> None:
    """Rows of a household that disagree about a value which has been corrected since raise no issue."""
    run.engine.run(
        "settled disagreements",
        """delete from issue where code = 'rows_disagree' and (subject, column_name) in (
          select p.code, c.field from corrected_household c join household_plan p on p.known_id = c.subject)""",
    )


def correct_checked_people(run: Run) -> None:
    """``person_checked``: the persons of the plan as they count after corrections. What is staged stays as exported,
    so that the comparison with the corrections still finds what the export says."""
    run.engine.run("checked persons", "create or replace table person_checked as select * from person_plan")
    for field, value in (
        ("birth_date", "(c.new::json->>'$')::date"),
        ("sex", "c.new::json->>'$'"),
        ("relation", "c.new::json->>'$'"),
        ("name", "c.new::json->>'$'"),
        ("id_number", "c.new::json->>'$'"),
    ):
        also = ", id_sound = (c.new::json->>'$') is not null" if field == "id_number" else ""
        run.engine.run(
            f"checked {field}",
            f"""update person_checked set {field} = {value}{also} from corrected_person c
            where c.subject = person_checked.known_id and c.field = '{field}'""",
        )


def also_known_as_exported(run: Run) -> None:
    """A person whose name, birth date or number was corrected is still found by what the export says.

    Adds to ``identity_known`` the identity as the national system has it.
    """
    which = run.among("subject", "select person_id from identity_known")
    where = f"state = 'open' and level = 'person' and field in ('name', 'birth_date', 'id_number') and {which}"
    run.load_state("renamed", CorrectedValue, ["subject", "field", "old", "export_value"], where)
    run.engine.run(
        "as exported",
        """insert into identity_known by name
        with said as (select subject as person_id, field, coalesce(export_value, old)::json as said from renamed),
          each as (select person_id, max(case when field = 'name' then said->>'$' end) as name,
            max(case when field = 'birth_date' then said->>'$' end) as birth_date,
            max(case when field = 'id_number' then said->>'$' end) as id_number,
            bool_or(field = 'name') as named, bool_or(field = 'birth_date') as born, bool_or(field = 'id_number') as
              numbered
          from said group by person_id)
        select k.* replace (
            case when e.named then e.name else k.name end as name,
            case when e.born then e.birth_date::date else k.birth_date end as birth_date,
            case when e.numbered then e.id_number else k.id_number end as id_number,
            k.id_sound or coalesce(e.numbered, false) as id_sound)
        from identity_known k join each e using (person_id)""",
    )

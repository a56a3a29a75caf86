"""Taking in a rectification ledger (问题整改台账): each row opens a problem, or changes the one that it opened before.

Unless somebody acted upon that one here: then the row is compared, and nothing else. No row closes a problem without
naming who verified it. Limits that have passed already are history: the clock of the product begins with what lies
ahead.
"""

# ruff: noqa: S608 - own names
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from tuopin.core.matters.clock import NUMBERS

from .. import words
from ..kinds import paper
from ..limits import LONGEST
from ..models import (
    HungSign,
    LedgerEntry,
    Matter,
    MatterEvent,
    MatterSubject,
    MatterText,
    MatterUnit,
    OrderPaper,
)
from ..permissions import ISSUE, VERIFY
from . import finding, known
from .current import begins

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run

TITLE = 60
"""Letters of a description that make the title: its first sentence, where that is shorter."""
FIRST = "1990-01-01"
"""Days before are misread ones."""
KEPT = ("category", "text", "root_cause", "measure", "progress", "lead", "unit", "person", "verifier", "places",
        "evidence", "looked_back", "found_on", "limit_on", "closed_on")  # fmt: skip
"""What a blank cell leaves as it was."""
COMPARED = (*KEPT, "area_id", "holder_id", "official_id", "verifier_id")
ENTRY = ("lead", "unit", "person", "verifier", "places", "evidence", "looked_back")
WORDS = ("text", "root_cause", "measure", "progress", "places", "evidence", "looked_back")
"""Where people write at length."""
_IDENTITY = (
    "(^|[^0-9])([1-9][0-9]{5})(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
    "($|[^0-9A-Za-z])"
)
NOBODY = ("无", "暂无", "没有", "待定", "未定", "-", "—", "－", "——")
"""What is written where nobody is named."""


def acted_upon() -> list[tuple[type[Model], QuerySet[Any], str]]:
    """Where problems of an imported ledger are named, or stand, once somebody or the clock acted upon them."""
    return [
        (Matter, MatterEvent.objects.all(), "matter_id"), (Matter, OrderPaper.objects.all(), "matter_id"),
        (Matter, HungSign.objects.all(), "matter_id"),
        (Matter, Matter.objects.all(), "parent_id"), (Matter, Matter.objects.all(), "into_id"),
        (Matter, LedgerEntry.objects.exclude(matter__version=F("version")), "matter_id"),
    ]  # fmt: skip


def plan_rectification(run: Run, kind: Kind) -> None:
    """One row a problem."""
    staged = run.stage(kind)
    _mask(run, staged)
    finding.places(run, staged)
    finding.units(run)
    finding.people(run)
    known.problems(run)
    _refuse(run)
    _say(run)
    _compare(run)
    _write(run)
    run.engine.run(
        "places touched",
        "create or replace table place_touched as select a.path from ledger_plan p join area_now a using (area_id)",
    )
    _tell(run, kind, staged)


def _mask(run: Run, staged: str) -> None:
    """Identity numbers in words lose the birthday and what follows: who reads a ledger need not be somebody to whom
    such numbers are open. ``ledger_masked``: the rows that held one."""
    held = " or ".join(f"regexp_matches({each}, '{_IDENTITY}')" for each in WORDS)
    run.engine.run(
        "rows with identity numbers",
        f"create or replace table ledger_masked as select sheet, row_no from {staged} where {held}",
    )

    def once(said: str) -> str:
        return f"regexp_replace({said}, '{_IDENTITY}', '\\1\\2************\\3', 'g')"

    hidden = ", ".join(f"{each} = {once(once(each))}" for each in WORDS)  # twice: two numbers may share a comma
    run.engine.run(
        "identity numbers hidden",
        f"update {staged} set {hidden} where (sheet, row_no) in (select sheet, row_no from ledger_masked)",
    )


def _refuse(run: Run) -> None:
    """``ledger_reason``: why a row goes back."""
    run.engine.run(
        "reasons of the ledger",
        f"""create or replace table ledger_reason as select *, case
          when label is null or text is null or (text = '{words.NEUTRAL}' and matter_id is null) then 'ledger_blank'
          when {known.own("label")} and matter_id is null then 'ledger_not_ours'
          when area_id is null then 'ledger_no_place'
          when outside then 'ledger_number_taken'
          when alike > 1 then 'ledger_ambiguous'
          when issuer is not null and issuer_id is null then 'ledger_issuer_unknown'
          when closed_on > date '{run.as_of}' then 'ledger_closed_ahead'
          when least(coalesce(found_on, date '2000-01-01'), coalesce(limit_on, date '2000-01-01'),
            coalesce(closed_on, date '2000-01-01')) < date '{FIRST}'
            or coalesce(limit_on, date '2000-01-01') > date '{run.as_of}' + {LONGEST}
            or coalesce(found_on, date '2000-01-01') > date '{run.as_of}' then 'ledger_odd_day'
          when repeat > 1 then 'ledger_twice' end as reason from ledger_met""",
    )
    wrong = "from ledger_reason where reason is not null"
    run.rejects(f"select sheet, row_no, coalesce(label, ''), reason {wrong}")
    run.fates(f"select sheet, row_no, 'rejected' {wrong}")


def _say(run: Run) -> None:
    """``ledger_said``: what a row says together with what was known; its state follows from that. Who is named as
    verifier is not who is responsible; without a verifier a problem is reported done, not closed. A unit that is not
    found takes nothing from the holder that is known: else a slip of the pen, or the ledger of a clerk who does not see
    that unit, would stop the clock. A row that names a place no further down than it is known leaves it there."""
    kept = ", ".join(f"coalesce(r.{each}, k.{each}) as {each}" for each in KEPT if each != "places")
    run.engine.run(
        "what the ledger says",
        f"""create or replace table ledger_said as
        with met as (
          select r.* replace (nullif(r.text, '{words.NEUTRAL}') as text), coalesce(r.unit_id, k.holder_id) as holds,
            r.unit_id is null or r.unit_id is not distinct from k.holder_id as stays
          from ledger_reason r left join ledger_current k using (matter_id)
          where r.reason is null),
        said as (
          select r.sheet, r.row_no, r.label, r.keeper_id, r.issuer_id, coalesce(r.source, '') as source,
            coalesce(r.batch, '') as batch, case when r.deeper then k.area_id else r.area_id end as area_id,
            r.column_short, r.official_id as person_found,
            r.verifier_id as verifier_found, r.unit_id as unit_found, r.lead_id,
            case when r.source = 'petition' then null else coalesce(r.places, k.places) end as places, {kept},
            r.holds as holder_id,
            case when r.official_id is not null then r.official_id when r.stays and {_same("person")} then k.official_id
              end as official_id,
            case when r.verifier_id is not null then r.verifier_id when {_same("verifier")} then k.verifier_id
              end as verifier_id,
            r.unit as unit_said, r.person as person_said, r.verifier as verifier_said, r.places as places_said,
            k.matter_id, k.entry_id, k.issuer_id as issued_by, k.version, k.state as stood, k.closed_on as ended_on,
            coalesce(k.by_hand, false) as by_hand, k.matter_id is null as fresh
          from met r left join ledger_current k using (matter_id)),
        checked as (
          select * replace (nullif(verifier_id, official_id) as verifier_id), {_verified()} as verified from said)
        select *, case when closed_on is not null and verified and looked_back is not null then 'final'
          when closed_on is not null and verified then 'closed'
          when closed_on is not null and holder_id is not null then 'reported'
          when holder_id is null or limit_on is null then 'draft'
          when progress is not null then 'working' else 'issued' end as state
        from checked""",
    )


def _same(name: str) -> str:
    """SQL: whether the row says of somebody what is known, or nothing."""
    return f"(r.{name} is null or trim(r.{name}) = trim(k.{name}))"


def _verified() -> str:
    """SQL: whether somebody else than who is responsible, or than the unit itself, is named as verifier; blanks within
    names do not count, and of several names one is enough."""

    def plain(name: str) -> str:
        return f"regexp_replace(coalesce({name}, ''), '[\\s\u3000\u00a0]', '', 'g')"

    def listed(text: str) -> str:
        return f"string_split_regex({text}, '[、，,；;/]+')"

    nobody = ", ".join(f"'{each}'" for each in ("", *NOBODY))
    # the name of the unit may stand before the person's
    bare = f"replace(each, coalesce(nullif({plain('unit')}, ''), chr(0)), '')"
    return f"""len(list_filter({listed(plain("verifier"))}, lambda each: {bare} not in ({nobody})
      and not list_contains({listed(plain("person"))}, {bare}))) > 0"""


def _compare(run: Run) -> None:
    same = " and ".join(f"s.{each} is not distinct from k.{each}" for each in (*COMPARED, "state"))
    other = " or ".join(
        f"(s.{each} is not null and s.{each} is distinct from k.{each})"
        for each in ("text", "holder_id", "official_id", "limit_on", "closed_on")
    )
    run.engine.run(
        "compare the ledger",
        f"""create or replace table ledger_plan as
        select s.*, s.matter_id as new_id, case when s.fresh then 'created' when s.by_hand then 'unchanged'
          when {same} then 'unchanged'
          else 'updated' end as fate,
          s.by_hand and ({other}) as kept,
          regexp_replace(trim(regexp_extract(s.text, '^[^\\n\\r。；;]+')), '[\\x00-\\x1f\\x7f]', ' ', 'g') as head
        from ledger_said s left join ledger_current k on k.matter_id = s.matter_id""",
    )
    _withhold(run)
    run.number("ledger_plan", Matter, "sheet, row_no")
    run.fates("select sheet, row_no, fate from ledger_plan")


def _withhold(run: Run) -> None:
    """Rows that would open or change a problem where the importer may not issue, or close one where the importer may
    neither issue nor verify: they go back."""
    issues, verifies = (finding.where(run.held(each), "path") for each in (ISSUE, VERIFY))
    closes = "state in ('closed', 'final') and (stood is null or stood not in ('closed', 'final'))"
    run.engine.run(
        "rows withheld",
        f"""create or replace table ledger_withheld as select s.sheet, s.row_no, s.label,
          case when not {issues} then 'ledger_may_not_issue' else 'ledger_may_not_close' end as reason
        from ledger_plan s join area_now a using (area_id)
        where (fate in ('created', 'updated') or (entry_id is not null and issuer_id is distinct from issued_by))
          and (not {issues} or (fate in ('created', 'updated') and {closes} and not {verifies}))""",
    )
    run.rejects("select sheet, row_no, label, reason from ledger_withheld")
    run.fates("select sheet, row_no, 'rejected' from ledger_withheld")
    run.engine.run(
        "rows that stay",
        "delete from ledger_plan where (sheet, row_no) in (select sheet, row_no from ledger_withheld)",
    )


def _write(run: Run) -> None:
    """A limit that has passed counts all steps of the clock as taken: nobody is reminded of history."""
    stamp, day = run.stamp, f"date '{timezone.localdate(run.now)}'"
    limit, closed = begins("limit_on + 1"), begins("closed_on")
    ended, running = "state in ('closed', 'final')", "state in ('issued', 'working')"
    ahead = f"limit_on >= {day}"
    run.engine.run(
        "the row of a problem",
        f"""create or replace table ledger_row_of as select *,
          coalesce(nullif(left(head, {TITLE}), ''), '问题 ' || label) as title_of,
          coalesce({begins("found_on")}, {stamp}) as opened_at,
          case when state = 'draft' then null else {stamp} end as issued_at, {limit} as limit_at,
          case when state in ('reported', 'closed', 'final') then {closed} end as done_at,
          case when {ended} then {closed} end as closed_at,
          case when state = 'closed' then closed_on + {paper().look_back} end as look_back_on,
          case when {running} and not {ahead} then {NUMBERS["lead"]} else 0 end as step,
          case when ({running} and {ahead}) or state = 'closed' then {stamp} end as next_at
        from ledger_plan where fate in ('created', 'updated')""",
    )
    both = ["state", "category", "title", "area_id", "holder_id", "official_id", "verifier_id", "opened_at",
            "issued_at", "limit_at", "done_at", "closed_at", "look_back_on", "step", "next_at"]  # fmt: skip
    values = f"""state, coalesce(category, ''), title_of, area_id, holder_id, official_id, verifier_id, opened_at,
      issued_at, limit_at, done_at, closed_at, look_back_on, step, next_at, {stamp}"""
    run.insert(
        Matter,
        ["id", *both, "changed_at", "kind", "source", "urgency", "label", "issuer_id", "by_hours", "provisional",
         "extensions", "reported_up", "reopened", "version"],
        f"""select new_id, {values}, 'problem', source, 'ordinary', label, issuer_id, false, false, 0, false, 0, 1
        from ledger_row_of where fate = 'created' order by new_id""",
    )  # fmt: skip
    run.update(
        Matter,
        ", ".join(f"{each} = %s" for each in (*both, "changed_at", "version")),
        f"""select {_days(values)}, version + 1, new_id, version from ledger_row_of where fate = 'updated'
        order by new_id""",
        held="version",
    )
    texts = ["text", "root_cause", "measure", "progress"]
    listed = ", ".join(f"coalesce({each}, '')" for each in texts)
    run.insert(
        MatterText,
        ["matter_id", *texts, "basis", "demand"],
        f"select new_id, {listed}, '' as basis, '' as demand from ledger_row_of where fate = 'created' order by new_id",
    )
    run.update(
        MatterText,
        ", ".join(f"{each} = %s" for each in texts),
        f"select {listed}, new_id from ledger_row_of where fate = 'updated' order by new_id",
    )
    _write_beside(run)


def _days(values: str) -> str:
    """Days leave the engine as text, as both databases take them."""
    return values.replace("look_back_on", "look_back_on::varchar")


def _write_beside(run: Run) -> None:
    words = ", ".join(f"coalesce({each}, '')" for each in ENTRY)
    dates = ["found_on", "limit_on", "closed_on"]
    run.insert(
        LedgerEntry,
        ["matter_id", "keeper_id", "issuer_id", "source", "batch", "label", *ENTRY, *dates, "sheet_id", "row",
         "version", "recorded_at"],
        f"""select new_id, keeper_id, issuer_id, source, batch, label, {words}, {", ".join(dates)}, sheet, row_no, 1,
          {run.stamp} from ledger_row_of where fate = 'created' order by new_id""",
    )  # fmt: skip
    run.update(
        LedgerEntry,
        ", ".join(f"{each} = %s" for each in (*ENTRY, *dates, "sheet_id", "row", "version", "recorded_at")),
        f"""select {words}, {", ".join(f"{each}::varchar" for each in dates)}, sheet, row_no, version + 1, {run.stamp},
          entry_id from ledger_row_of where fate = 'updated' order by new_id""",
    )
    run.update(  # another organisation took the issuer’s place; also where people acted upon the problem here
        LedgerEntry,
        "issuer_id = %s",
        """select issuer_id, entry_id from ledger_plan
        where entry_id is not null and issuer_id is distinct from issued_by order by entry_id""",
    )
    columns = ["matter_id", "household_id", "area_id", "role", "organisation_id"]
    updated = run.among("matter_id", "select new_id from ledger_row_of where fate = 'updated'")
    run.load_state(
        "ledger_subject", MatterSubject, ["id", *columns[:3]], f"origin = '' and person_id is null and {updated}"
    )
    run.delete(  # what the row no longer names; one about whom nothing is said keeps all
        MatterSubject,
        """select s.id from ledger_subject s join ledger_row_of p on p.new_id = s.matter_id
        where p.places_said is not null and p.source <> 'petition' and not exists (
          select 1 from ledger_token t where t.sheet = p.sheet and t.row_no = p.row_no and t.area_id is not null
            and (s.household_id = t.household_id or t.household_id is null and s.area_id = t.area_id)) order by 1""",
    )
    run.insert(
        MatterSubject,
        ["matter_id", "household_id", "area_id", "origin", "standard", "item"],
        """select distinct p.new_id, t.household_id, case when t.household_id is null then t.area_id end as area_id,
          '' as origin, '' as standard, '' as item
        from ledger_row_of p join ledger_token t using (sheet, row_no)
        where t.area_id is not null and p.source <> 'petition' and not exists (
          select 1 from ledger_subject s where s.matter_id = p.new_id and (s.household_id = t.household_id
            or t.household_id is null and s.area_id = t.area_id)) order by 1, 2, 3""",
    )
    run.load_state("ledger_joint", MatterUnit, ["matter_id", *columns[3:]], updated)
    run.insert(
        MatterUnit,
        ["matter_id", "organisation_id", "role", "added_at"],
        f"""select new_id, lead_id, 'joint', {run.stamp} from ledger_row_of p
        where lead_id is not null and lead_id is distinct from holder_id and not exists (
          select 1 from ledger_joint j where j.matter_id = p.new_id and j.organisation_id = p.lead_id
            and j.role = 'joint') order by 1""",
    )


def _tell(run: Run, kind: Kind, staged: str) -> None:
    """What is doubtful, by the area of the problem: nobody of that name, a day missing, closed by nobody."""
    run.issue_scope(kind.name, "select distinct a.code from ledger_plan p join area_now a using (area_id)")
    rows = "from ledger_plan p join area_now a using (area_id)"
    told = (
        ("kept_by_hand", "", "kept"),
        ("ledger_place_unknown", "village", "column_short"),
        ("ledger_unit_unknown", "unit", "unit_said is not null and unit_found is null and not by_hand"),
        ("ledger_person_unknown", "person", "person_said is not null and person_found is null and not by_hand"),
        ("ledger_person_unknown", "verifier", "verifier_said is not null and verifier_found is null and not by_hand"),
        ("ledger_no_limit", "limit_on", "limit_on is null and closed_on is null and not by_hand"),
        ("ledger_unverified", "verifier", "closed_on is not null and not verified and not by_hand"),
    )
    for code, column, when in told:
        run.issues(f"select '{code}', '{kind.name}', a.code, '', sheet, row_no, '{column}', label {rows} where {when}")
    run.issues(
        f"select 'ledger_identity', '{kind.name}', a.code, '', sheet, row_no, 'text', label {rows}"
        " where (sheet, row_no) in (select sheet, row_no from ledger_masked)"
    )
    run.issues(
        f"""select 'ledger_place_unknown', '{kind.name}', a.code, '', t.sheet, t.row_no, 'places', p.label
        from (select distinct sheet, row_no from ledger_token where area_id is null) t
          join ledger_plan p using (sheet, row_no) join area_now a on a.area_id = p.area_id"""
    )
    run.issues(
        f"""select f.code, '{kind.name}', a.code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join ledger_plan p using (sheet, row_no) join area_now a using (area_id)"""
    )

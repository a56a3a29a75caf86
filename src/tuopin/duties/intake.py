"""Taking in the helpers' workbook (帮扶责任人)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.register.importing.changes import named
from tuopin.register.importing.waiting import known_rows
from tuopin.register.models import Household, Import

from .headquarters.intake import plan_opinions
from .models import (
    Assignment,
    CardCode,
    Commitment,
    Incident,
    IncidentReport,
    KnowledgeCheck,
    Lead,
    Official,
    OfficialName,
    OfficialTie,
    Opinion,
    PlanStep,
    PresenceSheet,
    TeamLeave,
    TeamProposal,
    Visit,
)
from .officials.roster import plan_roster
from .planning.models import PlanHelper, PlanLine
from .teams.intake import plan_presence
from .visits import holding as visits
from .visits.intake import plan_visits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from tuopin.core.workbook import Kind
    from tuopin.register.importing.run import Run
    from tuopin.register.models import RegisterEvent

    type Named = tuple[type[Model], type[Model], str]


def uses_of_event(event: RegisterEvent) -> Iterator[Title]:
    """A helper answers for the household that an event made."""
    made = event.changes.get("made", {}).get("household")
    if made is not None and Assignment.objects.filter(household_id=made).exists():
        yield Title("新户已有帮扶责任人", "somebody answers for the new household")
    if made is not None and Commitment.objects.filter(household_id=made).exists():
        yield Title("新户已有帮扶责任书", "a commitment was made for the new household")
    if made is not None and Incident.objects.filter(household_id=made).exists():
        yield Title("新户已有返贫、受灾事件", "an incident is recorded for the new household")
    person = event.changes.get("made", {}).get("person")
    since = made is not None and any(
        each.objects.filter(household_id=made).exists() for each in (CardCode, OfficialTie)
    )
    if since or (person is not None and Official.objects.filter(person_id=person).exists()):
        yield Title(  # one wording for all: whose relative is an official is not said here
            "新户或新成员已有明白卡等记录", "cards or other records name the new household or member"
        )
    yield from visits.uses_of_event(event)


def uses_of_import(record: object) -> Iterator[Title]:
    """An official who came with an import has an account, or stands in a plan or commitment; a household has one.
    Changes of areas ask too: they bring no officials."""
    if not isinstance(record, Import):
        return
    asked = {
        key: [(about, rows._default_manager.all(), column) for about, rows, column in each]
        for key, each in (("since", _SINCE), ("promised", _PROMISED), ("planned", _PLANNED))
    }
    asked["visited"] = visits.naming(record)
    asked["brought"] = [(Visit, Visit.objects.all(), "pk")]
    asked["account"] = [(Official, Official.objects.filter(user__isnull=False), "pk")]
    found = named(record, asked)
    if "visited" in found:
        yield visits.HELD
    elif "brought" in found:
        yield from visits.uses_of_import(record)
    if "since" in found:  # one wording for all: which of them it is, is not said
        yield Title("其中的干部或户已有驻村、事件等记录", "officials or households of it have records since")
    if "promised" in found:
        yield Title(
            "其中的干部或户已写入指挥部方案、贯彻落实意见或军令状",
            "officials or households of it stand in plans, opinions or commitments",
        )
    if "planned" in found:
        yield Title(
            "其中的干部或户写在批量指派方案里（未执行的草案请先否决）",
            "officials or households of it stand in plans of bulk assignment (refuse drafts first)",
        )
    if "account" in found:
        yield Title("已为其中的帮扶责任人建了账号", "accounts were made for helpers of it")


_PROMISED: tuple[Named, ...] = (
    (Official, PlanStep, "official_id"), (Official, Opinion, "official_id"),
    (Official, Commitment, "superior_id"), (Official, Commitment, "inferior_id"),
    (Household, Commitment, "household_id"),
)  # fmt: skip
_PLANNED: tuple[Named, ...] = (
    (Household, PlanLine, "household_id"), (Official, PlanHelper, "official_id"), (Official, PlanLine, "before_id"),
)  # fmt: skip
_SINCE: tuple[Named, ...] = (
    (Official, PresenceSheet, "official_id"), (Official, TeamLeave, "official_id"),
    (Official, KnowledgeCheck, "official_id"), (Official, TeamProposal, "official_id"),
    (Official, IncidentReport, "official_id"), (Official, Lead, "official_id"),
    (Household, Incident, "household_id"),
)  # fmt: skip


WORKBOOK_ROLES = (Assignment.Role.HELPER, Assignment.Role.ASSISTANT)
IN_WORKBOOK = f"role in ({', '.join(repr(str(each)) for each in WORKBOOK_ROLES)})"
"""The assignments that the helpers' workbook knows, as SQL."""

DETAILS = ("unit", "unit_relation", "post", "sex", "politics", "phone")


def plan_helpers(run: Run, kind: Kind) -> None:
    """One row a helper and household. The same helper from the same day is one term: a later export may end it."""
    staged = run.stage(kind)
    known_rows(run, kind, staged)
    _stage(run, kind, staged)
    _compare(run)
    _officials(run)
    _write(run)
    run.fates("select sheet, row_no, fate from helper_plan")
    run.fates(
        f"select k.sheet, k.row_no, 'rejected' from {staged}_known k anti join helper_staged s using (sheet, row_no)"
    )
    _issues(run, kind, staged)


def _stage(run: Run, kind: Kind, staged: str) -> None:
    """Terms as [from, to): the workbook's end date is the last day of duty. Of two live on one day the second in the
    file is the assistant."""
    known = {item.name for item in kind.fields}
    details = ", ".join(f"coalesce({name}, '') as {name}" if name in known else f"'' as {name}" for name in DETAILS)
    run.engine.run(
        "helpers",
        f"""create or replace table helper_staged as
        with term as (
          select sheet, row_no, household_id, household_code, helper_name as name, {details},
            coalesce(start_date, as_of) as valid_from, end_date + 1 as valid_to, start_date is not null as
              since_known, as_of
          from {staged}_known where helper_name is not null)
        select *, valid_from <= as_of and (valid_to is null or valid_to > as_of) as live
        from term where (valid_to is null or valid_to > valid_from)
        qualify row_number() over (partition by household_id, name, valid_from order by sheet, row_no) = 1""",
    )
    run.engine.run(
        "roles",
        """create or replace table helper_staged as select *, case
          when live and row_number() over (partition by household_id, live order by sheet, row_no) > 1
            then 'assistant' else 'helper' end as role
        from helper_staged""",
    )


def _compare(run: Run) -> None:
    """What somebody has ended here stays as it was ended, whatever an export says."""
    columns = ["id", "household_id", "official_id", "role", "name", *DETAILS, "valid_from", "valid_to", "by_hand"]
    which = run.among("household_id", "select distinct household_id from helper_staged")
    run.load_state("helper_known", Assignment, columns, f"household_id is not null and {IN_WORKBOOK} and {which}")
    run.engine.run("blank details", "".join(f"update helper_known set {d} = '' where {d} is null;" for d in DETAILS))
    same = " and ".join(f"s.{column} is not distinct from k.{column}" for column in DETAILS)
    run.engine.run(
        "compare helpers",
        f"""create or replace table helper_plan as
        with pair as (select s.* replace (
            case when k.by_hand then k.valid_to else s.valid_to end as valid_to,
            case when k.by_hand then k.role else s.role end as role),
          k.id as known_id, k.official_id as known_official, {same} and (k.by_hand
            or s.valid_to is not distinct from k.valid_to and s.role = k.role) as same
        from helper_staged s left join helper_known k using (household_id, name, valid_from))
        select * exclude (same), case when known_id is null then 'created' when same then 'unchanged' else 'updated' end
          as fate
        from pair""",
    )
    # a helper of the register who is still on duty and not named in this export leaves room for no second one
    run.engine.run(
        "second helpers",
        """update helper_plan set role = 'assistant' where fate = 'created' and role = 'helper' and valid_to is null
        and household_id in (select household_id from helper_known k where role = 'helper' and valid_to is null
          and not exists (select 1 from helper_plan p where p.known_id = k.id))""",
    )


def _officials(run: Run) -> None:
    """Whose the rows are: the same name, unit and telephone is one person. A known term under a new unit or telephone
    stays its official's; who is named for the first time is a new official."""
    asked = "select distinct name from helper_plan where fate in ('created', 'updated')"
    run.load_state("official_name", OfficialName, ["name", "unit", "phone", "official_id"], run.among("name", asked))
    run.engine.run(
        "officials",
        """create or replace table helper_official as
        select p.name, p.unit, p.phone, arg_max(p.sex, p.valid_from) as sex, arg_max(p.politics, p.valid_from) as
          politics, max(n.official_id) is not null as named,
          coalesce(max(n.official_id), min(p.known_official)) is null as fresh,
          coalesce(max(n.official_id), min(p.known_official)) as new_id
        from helper_plan p left join official_name n
          on n.name = p.name and coalesce(n.unit, '') = p.unit and coalesce(n.phone, '') = p.phone
        where p.fate in ('created', 'updated') group by all""",
    )
    run.number("helper_official", Official, "name, unit, phone")
    columns = ["id", "name", "unit", "phone", "sex", "politics"]
    run.insert(
        Official,
        columns,
        "select new_id, name, unit, phone, sex, politics from helper_official where fresh order by new_id",
    )
    run.insert(
        OfficialName,
        ["name", "unit", "phone", "official_id", "decided"],
        "select name, unit, phone, new_id, false from helper_official where not named order by new_id, unit, phone",
    )


def _write(run: Run) -> None:
    joined = "helper_plan p join helper_official o using (name, unit, phone)"
    run.update(
        Assignment,
        ", ".join(f"{column} = %s" for column in ("official_id", *DETAILS, "valid_to", "role")),
        f"select o.new_id, {', '.join(f'p.{each}' for each in DETAILS)}, p.valid_to, p.role, p.known_id from {joined} "
        "where fate = 'updated' order by p.valid_to nulls last",  # ends before openings: one helper at any moment
    )
    columns = [
        "official_id", "household_id", "role", "name", *DETAILS, "valid_from", "valid_to", "since_known", "by_hand",
        "reason", "sheet_id", "row",
    ]  # fmt: skip
    run.insert(
        Assignment,
        columns,
        f"select o.new_id, household_id, role, name, {', '.join(f'p.{each}' for each in DETAILS)}, valid_from, "
        f"valid_to, since_known, false, '', sheet, row_no from {joined} where fate = 'created' order by sheet, row_no",
    )


def _issues(run: Run, kind: Kind, staged: str) -> None:
    run.issue_scope(kind.name, f"select distinct household_code from {staged}_known")
    run.issues(
        f"""select 'two_live_helpers', '{kind.name}', household_code, '', sheet, row_no, 'helper_name', ''
        from helper_plan where role = 'assistant'"""
    )
    run.issues(
        f"""select case when k.helper_name is null then 'no_helper_name' when k.end_date < k.start_date then
          'end_before_start'
          else 'duplicate_row' end, '{kind.name}', k.household_code, '', k.sheet, k.row_no, 'helper_name', ''
        from {staged}_known k anti join helper_staged s using (sheet, row_no)"""
    )
    run.issues(
        f"""select f.code, '{kind.name}', k.household_code, '', f.sheet, f.row_no, f.header, f.value
        from {staged}_fault f join {staged}_known k using (sheet, row_no)"""
    )


INTAKES = {
    "helper": plan_helpers,
    "opinion": plan_opinions,
    "presence": plan_presence,
    "roster": plan_roster,
    "visit": plan_visits,
}

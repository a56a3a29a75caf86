"""Entitled against received: 12 policies over 1,000,000 persons in SQLite, against the same query written by hand.

usage: bench_gaps.py [--quick]     (--quick: 100,000 persons)

``gaps_seconds``: judging by the rules of the pack, payments beside them, counts of every area and the rows that differ,
as far as they are ready to be stored; ``by_hand_seconds``: the same tables read on the same way into the same engine,
the twelve conditions and the comparison as one person would write them for this day, counts by village and rows.
``differences`` must be 0: both find the same rows. ``stored_seconds``: the service with everything stored.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from harness import HERE, python, report, say, workplace

DAY = "2018-12-01"

BASE = """
create table paid as
  select policy, household_id, person_id from payment
  where paid_on >= case when policy in ('house_repair', 'water_project') then date '1900-01-01'
    when policy in ('vocational_grant', 'schooling_grant') then date '2018-09-01' else date '2018-01-01' end;
create table household_known as
  select r.id, r.area_id, v.county_id,
    coalesce(s.registration in ('registered', 'exit_proposed', 'returned')
      or (s.registration = 'exited' and s.support is distinct from 'ended'), null)
      or coalesce(s.monitoring in ('unstable_exit', 'near_poor', 'sudden_hardship'), false) as helped,
    l.dangerous_house, not l.water_safe as water_unsafe
  from residence r join village v using (area_id) left join living l using (id) left join status s using (id);
create table listed as
  select distinct p.policy, h.county_id from paid p join household_known h on h.id = p.household_id;
create table entitled as
  with p as (
    select m.person_id, m.household_id, h.area_id, h.county_id, h.helped,
      case when c.study is not null then c.study <> 'not_in_school'
        when c.education is not null and c.study_unclear is distinct from true then false end as at_school, c.*,
      date_diff('year', i.birth_date, date '2018-12-01')
        - (strftime(i.birth_date, '%m%d') > '1201')::integer as age
    from member m join household_known h on h.id = m.household_id left join condition c on c.id = m.person_id
    left join identity i on i.id = m.person_id)
  select person_id, household_id, area_id, county_id, policy, entitled from (
    select person_id, household_id, area_id, county_id,
      helped and at_school and study in ('vocational_1', 'vocational_2', 'vocational_3', 'college_1', 'college_2',
        'college_3') as vocational_grant,
      helped and at_school and study in ('primary', 'grade_7', 'grade_8', 'grade_9') as schooling_grant,
      helped and resident_insurance and coalesce(not employee_insurance, true) as insurance_subsidy,
      helped and health like '%serious%' as serious_illness_aid,
      helped and health like '%chronic%' as family_doctor,
      health like '%disabled%' and low_income_support as disability_allowance,
      helped and age >= 16 and labour in ('ordinary', 'skilled', 'weak') and public_post_months > 0 as public_post_pay
    from p) unpivot include nulls (entitled for policy in (vocational_grant, schooling_grant, insurance_subsidy,
      serious_illness_aid, family_doctor, disability_allowance, public_post_pay))
  union all
  select null, id, area_id, county_id, policy, entitled from (
    select h.id, h.area_id, h.county_id, a.low_income as low_income_allowance, a.special as special_care_allowance,
      helped and a.able as micro_credit, helped and dangerous_house as house_repair,
      helped and water_unsafe as water_project
    from household_known h left join (
      select household_id, case when bool_or(low_income_support) then true when bool_or(low_income_support is null)
          then null else false end as low_income,
        case when bool_or(special_support) then true when bool_or(special_support is null)
          then null else false end as special,
        case when bool_or(able) then true when bool_or(able is null) then null else false end as able
      from (select *, age between 18 and 65 and labour in ('ordinary', 'skilled', 'weak') as able from p)
      group by 1) a on a.household_id = h.id)
    unpivot include nulls (entitled for policy in (low_income_allowance, special_care_allowance, micro_credit,
      house_repair, water_project));
create table compared as
  select e.*, r.policy is not null as received, l.policy is not null as listed
  from entitled e left join (select distinct policy, household_id, person_id from paid) r
    on r.policy = e.policy and r.household_id = e.household_id and r.person_id is not distinct from e.person_id
  left join listed l on l.policy = e.policy and l.county_id = e.county_id;
create table counts as
  select area_id, policy, count(*) filter (where entitled and received) as both_,
    count(*) filter (where entitled and not received and listed) as missing,
    count(*) filter (where not entitled and received) as excess,
    count(*) filter (where entitled is null and not received) as unknown,
    count(*) filter (where entitled is null and received) as unclear,
    count(*) filter (where entitled and not received and not listed) as no_list
  from compared group by 1, 2;
"""
ROWS = """
select policy, kind, household_id, person_id from (
  select *, case when entitled and not received and listed then 'missing' when not entitled and received then 'excess'
    when entitled is null and received then 'unclear' end as kind from compared) where kind is not null
order by all
"""
CONDITION = (
    "study", "study_unclear", "education", "resident_insurance", "employee_insurance", "health", "low_income_support",
    "special_support", "labour", "public_post_months",
)  # fmt: skip


def pay() -> None:
    """Payments for most, by arithmetic: every third person under four policies, every fourth household under two."""
    from django.db import connection

    from tuopin.measures.models import Payment
    from tuopin.platform.database import write

    if Payment.objects.exists():
        return
    with write(), connection.cursor() as cursor:
        persons = (("schooling_grant", 3), ("serious_illness_aid", 5), ("insurance_subsidy", 2), ("family_doctor", 7))
        columns = "household_id, policy, amount, in_kind, paid_on, day_known, document, office, recorded_at"
        same = "%s, 50000, '', '2018-10-15', true, '', '', '2018-12-01 00:00:00'"
        for policy, salt in persons:
            cursor.execute(
                f"insert into measures_payment (person_id, {columns}) select person_id, household_id, {same}"
                f" from register_membership where person_id %% {salt} = 0",
                [policy],
            )
        for policy, salt in (("low_income_allowance", 4), ("house_repair", 9)):
            cursor.execute(
                f"insert into measures_payment ({columns}) select id, {same} from register_household"
                f" where id %% {salt} = 0",
                [policy],
            )


def by_hand() -> tuple[float, list[tuple[object, ...]]]:
    """Seconds, and the rows that differ."""
    from tuopin.core.engine import Engine
    from tuopin.measures.models import Payment
    from tuopin.platform.home import home
    from tuopin.register import state
    from tuopin.register.models import (
        AreaVersion,
        HouseholdLiving,
        Membership,
        PersonCondition,
        PersonIdentity,
        Residence,
        StatusPeriod,
    )  # fmt: skip

    began = time.perf_counter()
    with Engine(spill=home() / "staging") as engine:
        now = "superseded_at is null"
        state.load(engine, "payment", Payment, ["policy", "household_id", "person_id", "paid_on"], now)
        state.load(engine, "member", Membership, ["person_id", "household_id"], "valid_to is null")
        state.load(engine, "lives", Residence, ["household_id", "area_id"], "valid_to is null")
        state.load(engine, "persons", PersonCondition, ["person_id", *CONDITION], now)
        state.load(engine, "births", PersonIdentity, ["person_id", "birth_date"], now)
        state.load(engine, "houses", HouseholdLiving, ["household_id", "dangerous_house", "water_safe"], now)
        state.load(engine, "periods", StatusPeriod, ["household_id", "axis", "value"], "valid_to is null")
        state.load(engine, "areas", AreaVersion, ["area_id", "path", "level"], "valid_to is null")
        engine.run(
            "views",
            """create view residence as select household_id as id, area_id from lives;
            create view condition as select person_id as id, * exclude (person_id) from persons;
            create view identity as select person_id as id, birth_date from births;
            create view living as select household_id as id, * exclude (household_id) from houses;
            create view status as select household_id as id, any_value(value) filter (where axis = 'registration') as
              registration, any_value(value) filter (where axis = 'support') as support,
              any_value(value) filter (where axis = 'monitoring') as monitoring from periods group by 1;
            create table village as select v.area_id, c.area_id as county_id from areas v join areas c
              on v.level = 'village' and c.level = 'county' and starts_with(v.path, c.path)""",
        )
        engine.run("by hand", BASE)
        engine.rows("select * from counts")
        found = engine.rows(ROWS)
    return time.perf_counter() - began, found


def by_rules() -> tuple[float, list[tuple[object, ...]]]:
    import datetime

    from tuopin.measures.comparing import Comparison
    from tuopin.standards.places import Place

    began = time.perf_counter()
    with Comparison(Place(None, ""), datetime.date.fromisoformat(DAY)) as made:
        made.work_out()
        made.figures()
        found = [row[:4] for row in made.gaps()]
    return time.perf_counter() - began, found


def steps() -> None:
    """Where the time goes, step by step, on stderr."""
    from tuopin.core.engine import Engine

    for name in ("run", "load"):
        plain = getattr(Engine, name)

        def timed(self: object, step: str, *more: object, plain: object = plain, name: str = name) -> None:
            began = time.perf_counter()
            plain(self, step, *more)  # type: ignore[operator]  # the engine's own
            print(f"{time.perf_counter() - began:7.3f} {name} {step}", file=sys.stderr)

        setattr(Engine, name, timed)
    by_rules()
    by_hand()


def inside() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuopin.platform.settings")
    django.setup()
    import datetime

    from tuopin.measures.services import work_out
    from tuopin.platform.access import local_admin

    pay()
    if sys.argv[2:3] == ["--steps"]:
        steps()
        return
    by_rules()  # both sides with everything loaded
    rules, found = by_rules()
    hand, listed = by_hand()
    ours = {(policy, kind, household, person) for household, person, policy, kind in found}
    theirs = {(policy, kind, household, person) for policy, kind, household, person in listed}
    began = time.perf_counter()
    work_out(local_admin(), day=datetime.date.fromisoformat(DAY))
    print(
        json.dumps(
            {
                "gaps_seconds": rules, "by_hand_seconds": hand, "ratio": rules / hand, "rows": len(ours),
                "differences": len(ours ^ theirs), "stored_seconds": time.perf_counter() - began,
            }
        )
    )  # fmt: skip
    for each in sorted(ours ^ theirs, key=str)[:5]:
        print(each, each in ours, file=sys.stderr)


def main() -> None:
    if sys.argv[1:2] == ["--inside"]:
        inside()
        return
    households = 28_600 if "--quick" in sys.argv[1:] else 286_000
    with workplace() as folder:
        home = Path(folder) / "home"
        say(f"filling: {python(home, HERE / 'fill_register.py', str(households)).seconds:.0f} s")
        report(json.loads(python(home, HERE / "bench_gaps.py", "--inside").stdout))


if __name__ == "__main__":
    main()

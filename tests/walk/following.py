"""What follows what a county's clerk left behind: plans answered, lists paid, cards printed, reports, a lead.

Together with the files beside it it fills every table of the rooms above the standards for both counties
(:func:`lacking` says which it does not); all words bear the county's mark.
"""

from __future__ import annotations

import dataclasses
import datetime
import io
import secrets
from typing import TYPE_CHECKING

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from docx import Document

from console_city import DAY
from tuopin.cycle import services as cycle
from tuopin.cycle.models import ClosingProposal
from tuopin.duties.assigning import caseload
from tuopin.duties.assigning import services as assigning
from tuopin.duties.assigning.following import keep as follow_helpers
from tuopin.duties.cards import ledger, letters, printing
from tuopin.duties.cards import services as cards
from tuopin.duties.commitments import judging
from tuopin.duties.commitments import services as commitments
from tuopin.duties.headquarters import opinions
from tuopin.duties.headquarters import services as headquarters
from tuopin.duties.incidents import leads
from tuopin.duties.incidents import services as incidents
from tuopin.duties.models import (
    Assignment,
    CardCode,
    HeadquartersPlan,
    Incident,
    KnowledgeCheck,
    Opinion,
    PlanStep,
    Term,
)
from tuopin.duties.officials import naming, ties
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.duties.teams import knowledge, presence, reporting
from tuopin.duties.teams import rules as team_rules
from tuopin.duties.visits import drafts as visit_drafts
from tuopin.duties.visits import services as visits
from tuopin.measures import services as measures
from tuopin.measures.models import HelpPlan, IncomeWorksheet, PlannedMeasure, Project
from tuopin.measures.plans import services as plans
from tuopin.measures.projects import services as projects
from tuopin.measures.worksheets import services as worksheets
from tuopin.measures.worksheets import taking
from tuopin.orders import services as orders
from tuopin.orders.board import drafting
from tuopin.orders.changes import Given
from tuopin.orders.models import LeadProposal, LedgerEntry, MatterUnit, SentForm
from tuopin.platform import evidence
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import Evidence, User
from tuopin.register.importing.services import import_paths
from tuopin.register.models import AreaVersion, Household, Membership, PersonIdentity, Residence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from django.db.models import Model

    from tuopin.platform.access import Actor
    from tuopin.platform.evidence import Kept

ROOMS = ("measures", "duties", "orders", "cycle")


def paper(mark: str, what: str) -> Kept:
    """A signed paper of its own: no two are one file."""
    return evidence.keep(SimpleUploadedFile(f"{mark}{what}.pdf", f"%PDF-1.4 {mark}{what}".encode()))


def village_of(household: str) -> AreaVersion:
    home = Residence.objects.get(household__code=household, valid_to=None)
    return AreaVersion.objects.get(area_id=home.area_id, valid_to=None)


def help_given(user: User, area: AreaVersion, household: str, mark: str, folder: Path) -> None:
    """Plans and a worksheet signed, a measure done, a project accepted; a list of payments, and the comparison."""
    actor, today, key = actor_for(user), timezone.localdate(), Household.objects.get(code=household).pk
    for plan in HelpPlan.objects.filter(household_id=key):
        plans.answer(actor, [plan.pk], "signed", today, paper=paper(mark, f"计划{plan.year}"))
        (measure,) = PlannedMeasure.objects.filter(plan=plan)
        plans.record_done(actor, [plans.Done(measure.pk, today, 98_765, f"{mark}单", f"{mark}见效")])
    (sheet,) = IncomeWorksheet.objects.filter(household_id=key)
    signed = worksheets.Reply("signed", today, f"{mark}帮", today, paper=paper(mark, "收入"))
    worksheets.answer(actor, [sheet.pk], signed)
    taking.take(actor, [sheet.pk])
    (project,) = Project.objects.filter(code=f"{mark}01")
    projects.accept(actor, [project.pk], today, passed=True, document=f"{mark}验收")
    path = folder / f"{mark}发放.csv"
    rows = f"{household},低保金,480.00,2018-11-10,{mark}文,{mark}局\n"
    path.write_text(f"户编号,补贴项目,发放金额（元）,发放日期,文件依据,发放单位\n{rows}", "utf-8")
    import_paths(actor, [path], as_of=datetime.date(2018, 12, 4))
    measures.work_out(actor, day=DAY, area=area.code)


def offices(user: User, area: AreaVersion, household: str, mark: str) -> None:
    """An organisation that watches another, two entries of one official who has relatives in a household, a bound."""
    actor = actor_for(user)

    def found(name: str, kind: str) -> int:
        return organisations.found_organisation(actor, f"{mark}{name}", kind, area_id=area.area_id, day=DAY)

    group, watched = found("纪检组", "discipline_group"), found("被监督", "department")
    organisations.link_organisations(actor, group, [watched], relation="watches", day=DAY)
    names = [(f"{mark}亲属", "", ""), (f"{mark}亲属", mark, "")]
    one, other = officials.add_officials(actor, names, area_id=area.area_id, day=DAY)
    naming.merge(one, [other])
    in_office = Term.objects.latest("pk").official_id
    for who in (one, in_office):
        ties.tie(actor, who, household, "kin", day=DAY, document=f"{mark}核实")
    assigning.begin(actor, {village_of(household).area_id: in_office}, role="contact_point", day=DAY)
    caseload.set_bound(actor, area.area_id, "helper", 97, day=DAY)
    _helper_of_the_register(actor, household, mark)


def _helper_of_the_register(actor: Actor, household: str, mark: str) -> None:
    """A helper who stands in the register himself: he takes a neighbour's household over, then his own is known."""
    living = Residence.objects.filter(area_id=village_of(household).area_id, valid_to=None)
    homes = living.exclude(household__code=household).order_by("-household_id").values_list("household_id", flat=True)
    helped = Assignment.objects.filter(household_id__in=homes, role="helper", valid_to=None).latest("household_id")
    own = next(home for home in homes if home != helped.household_id)
    name = PersonIdentity.objects.filter(
        person__memberships__household_id=own, person__memberships__valid_to=None, superseded_at=None
    ).values_list("name", flat=True)[0]
    [who] = officials.add_officials(actor, [(name, f"{mark}村", "")], area_id=village_of(household).area_id, day=DAY)
    assigning.hand_over(actor, {helped.pk: who}, day=timezone.localdate(), reason=f"{mark}接手")
    ties.tie(actor, who, Household.objects.get(pk=own).code, "own", day=timezone.localdate(), document=f"{mark}核实")
    follow_helpers()


def papers(user: User, area: AreaVersion, household: str, mark: str) -> None:
    """Cards of the village, one of them handed over; its ledger; a Word template of the county."""
    actor, village = actor_for(user), village_of(household)
    printing.print_cards(actor, village.code, "both", "all")
    card = CardCode.objects.filter(household__code=household, copy=CardCode.Copy.HOUSEHOLD, ended_at=None).latest("pk")
    cards.hand_over(actor, [card.pk], timezone.localdate())
    ledger.print_ledger(actor, village.code)
    template, held = Document(io.BytesIO(letters.default())), io.BytesIO()
    template.add_paragraph(f"{mark}告知")
    template.save(held)
    letters.hand_in(actor, area.code, SimpleUploadedFile(f"{mark}模板.docx", held.getvalue()))


def commanded(user: User, office: int, mark: str) -> None:
    """The headquarters' field of work, its plan with a paper, a step done, an opinion issued."""
    actor, today = actor_for(user), timezone.localdate()
    headquarters.describe(actor, office, field="industry", lead_id=None, day=today)
    before = HeadquartersPlan.objects.filter(organisation_id=office).latest("version")
    step = headquarters.Wanted(f"{mark}步骤二", DAY, today, deliverable=f"{mark}成果", goal=f"{mark}目标")
    draft = headquarters.Draft(office, "year", today.year, (step,), before.version, f"{mark}文二", f"{mark}理由")
    plan = headquarters.keep_plan(actor, draft, paper=paper(mark, "方案"))
    number = PlanStep.objects.filter(plan=plan).latest("pk").pk
    headquarters.report(actor, [headquarters.Progress(number, today, 100, f"{mark}完成", paper(mark, "进展"))])
    (opinion,) = Opinion.objects.filter(organisation_id=office, superseded_at=None)
    opinions.issue(actor, opinion.pk, day=today, document=f"{mark}意见", paper=paper(mark, "意见"))


def promised(user: User, area: AreaVersion, mark: str) -> None:
    """A commitment that both have signed and somebody has judged; one that was never signed gave way to it."""
    actor, today = actor_for(user), timezone.localdate()
    before = today - datetime.timedelta(days=40)
    names = [(f"{mark}{each}", "", "") for each in "受立"]
    one, other = officials.add_officials(actor, names, area_id=area.area_id, day=DAY)
    day = today - datetime.timedelta(days=10)
    draft = commitments.Draft(
        one,
        other,
        day,
        (commitments.Target("words", day, words=f"{mark}口碑"),),
        area_id=area.area_id,
        title=f"{mark}状",
    )
    [first] = commitments.draft(actor, [draft], today=before)
    again = dataclasses.replace(draft, supersedes=first.pk, reason=f"{mark}改")
    [row] = commitments.draft(actor, [again], today=before)
    signed = paper(mark, "状")
    commitments.sign_on_paper(actor, [row.pk], commitments.SIDES, day=before, paper=signed, today=before)
    judging.judge(actor, row.pk, 1, True, day=today, reason=f"{mark}测评", paper=paper(mark, "测评"))


def team_followed(user: User, area: AreaVersion, household: str, mark: str) -> None:
    """A team that a unit dispatches: an absent member, a proposal about him, a check scored, a report sent."""
    actor, today, village = actor_for(user), timezone.localdate(), village_of(household)
    month = team_rules.before(today.replace(day=1))
    own = organisations.found_organisation(actor, f"{mark}工作队", "resident_team", area_id=village.area_id, day=DAY)
    unit = organisations.found_organisation(actor, f"{mark}派出单位", "dispatching_unit", area_id=area.area_id, day=DAY)
    organisations.link_organisations(actor, unit, [own], relation="dispatches", day=DAY)
    [who] = officials.add_officials(actor, [(f"{mark}缺勤", "", "")], area_id=village.area_id, day=DAY)
    assigning.begin(actor, {village.area_id: who}, role="team_member", day=DAY)
    absent = presence.Month(who, month, "A" * team_rules.length(month), {1: f"{mark}不在"})
    presence.confirm(local_admin(), presence.keep(actor, village, [absent]))  # not by who wrote it
    reporting.propose(actor, village, who, month.year)
    for check in KnowledgeCheck.objects.filter(area_id=village.area_id, scored_at=None):
        knowledge.score(actor, check, dict.fromkeys(range(len(check.questions)), mark))
    for pair in reporting.pairs(village.area_id, today):
        reporting.send(actor, village, pair, month, team_rules.last_day(month))


def seen(user: User, household: str, mark: str) -> None:
    """A visit of today with its place, who was met and what was found; a report of the incident, and its end."""
    actor, today, key = actor_for(user), timezone.localdate(), Household.objects.get(code=household).pk
    helper = Assignment.objects.filter(household_id=key, role="helper", valid_to=None).first()
    person = Membership.objects.filter(household_id=key, valid_to=None).values_list("person_id", flat=True).first()
    assert helper is not None
    assert person is not None
    found = (visit_drafts.Found("food", "met", f"{mark}看粮"),)
    draft = visit_drafts.Draft(
        today, (helper.official_id,), key, met=(person,), note=f"{mark}记", findings=found,
        clock=datetime.time(8, 30), latitude=34_98765, longitude=115_98765,
    )  # fmt: skip
    visits.record(actor, [draft])
    (row,) = Incident.objects.filter(household_id=key)
    incidents.report(actor, row, f"{mark}报告", official_id=helper.official_id, day=today, document=f"{mark}上报单")
    incidents.close(actor, row, "helped", day=today, note=f"{mark}办结")


def lead(officer: User, area: AreaVersion, mark: str) -> str:
    """A lead of the county, kept by an officer of discipline inspection: its key."""
    [who] = officials.add_officials(local_admin(), [(f"{mark}当事", "", "")], area_id=area.area_id, day=DAY)
    wanted = leads.Wanted(who, "inspection", f"{mark}事由", f"{mark}来件", told_by=f"{mark}反映人")
    return leads.open_lead(actor_for(officer), wanted)


def matters(user: User, area: AreaVersion, household: str, mark: str) -> None:
    """A directive to two units of the county; a problem about the household that was merged, and one with its paper."""
    actor, now, village = actor_for(user), timezone.now(), village_of(household)
    first, second = (
        organisations.found_organisation(actor, f"{mark}{name}", "department", area_id=area.area_id, day=DAY)
        for name in ("水利局", "住建局")
    )
    base = orders.Draft(
        "directive", f"{mark}指令", area.area_id, source="audit", category="water", issuer_id=first, text=f"{mark}要求",
    )  # fmt: skip
    drafting.draft(actor, base, [(first, None), (second, None)], now, issue=True)
    about = (orders.SubjectRef("household", Household.objects.get(code=household).pk),)
    drafts = [
        orders.Draft("problem", f"{mark}问题{at}", village.area_id, source="visit", category="housing",
                     label=f"{mark}{at}", issuer_id=first, holder_id=second, demand=f"{mark}材料",
                     root_cause=f"{mark}病根", subjects=about)
        for at in range(2)
    ]  # fmt: skip
    doubled, kept = (row.pk for row in orders.draft(actor, drafts, now))
    orders.act(actor, "issue", [doubled, kept], Given(), now)
    orders.act(actor, "merge", [doubled], Given(f"{mark}重复", into_id=kept), now)
    orders.act(actor, "receive", [kept], Given(), now)
    orders.act(actor, "progress", [kept], Given(f"{mark}进展", papers=(paper(mark, "佐证"),)), now)
    LedgerEntry.objects.create(  # as if it had come from an office’s workbook
        matter_id=kept, keeper_id=area.area_id, source="visit", label=f"{mark}0", unit=f"{mark}住建局",
        person=f"{mark}某", verifier=f"{mark}验收人", places=f"{mark}村", evidence=f"{mark}佐证", recorded_at=now,
    )  # fmt: skip
    joint = organisations.found_organisation(actor, f"{mark}协办", "department", area_id=area.area_id, day=DAY)
    MatterUnit.objects.create(matter_id=kept, organisation_id=joint, role=MatterUnit.Role.JOINT, added_at=now)
    SentForm.objects.create(key=secrets.token_hex(16), matter_id=kept, sent_at=now)
    [who] = officials.add_officials(local_admin(), [(f"{mark}责任人", "", "")], area_id=area.area_id, day=DAY)
    LeadProposal.objects.create(  # as the clock does when a limit is long past
        key=secrets.token_hex(16), matter_id=kept, due=now, holder_id=second, official_id=who, proposed_at=now
    )
    cycle.choose(actor, area, [("household_exit", "not_met")], first, now)
    ClosingProposal.objects.create(  # as a later evaluation does
        matter_id=kept, standard="household_exit", day=DAY, proposed_at=now
    )


def papers_of(numbers: Mapping[str, list[int]]) -> dict[str, int]:
    """The newest paper of each kind, by what it is about."""
    rows = Evidence.objects.filter(pk__in=numbers.get("platform.evidence", ())).order_by("pk")
    return {f"paper:{about}": number for number, about in rows.values_list("pk", "about")}


# -- what is lacking ----------------------------------------------------------------------------------------------


def lacking(area: AreaVersion, numbers: Mapping[str, object]) -> set[str]:
    """Tables of the rooms above the standards without a row of the county: neither made by its clerk (``numbers``, by
    model) nor about one of its households, nor hung on a row that he made."""
    return {label for label, model in tables().items() if label not in numbers and not _held(model, area, numbers)}


def tables() -> dict[str, type[Model]]:
    found = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    return {model._meta.label_lower: model for model in found if model._meta.managed}


def _held(model: type[Model], area: AreaVersion, numbers: Mapping[str, object]) -> bool:
    rows = model._default_manager.all()
    villages = AreaVersion.objects.filter(level="village", path__startswith=area.path, valid_to=None).values("area_id")
    for field in model._meta.fields:
        about = field.related_model._meta.label_lower if field.is_relation else ""  # type: ignore[union-attr]
        if about == "register.household":
            homes = Residence.objects.filter(area_id__in=villages, valid_to=None).values("household_id")
            if rows.filter(**{f"{field.name}__in": homes}).exists():
                return True
        elif about in numbers and about.split(".")[0] in ROOMS and rows.filter(**{field.name: numbers[about]}).exists():
            return True
    return False

"""What a county's clerk leaves behind in the rooms of measures and duties."""

from __future__ import annotations

import datetime
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from console_city import DAY
from tuopin.duties.assigning import services as assigning
from tuopin.duties.commitments import services as commitments
from tuopin.duties.headquarters import opinions
from tuopin.duties.headquarters import services as headquarters
from tuopin.duties.headquarters.models import PlanStep
from tuopin.duties.incidents import services as incidents
from tuopin.duties.models import Assignment
from tuopin.duties.officials import services as officials
from tuopin.duties.organisations import services as organisations
from tuopin.duties.planning import services as plans_of_duties
from tuopin.duties.planning.asking import asked
from tuopin.duties.teams import knowledge, leave, presence
from tuopin.duties.teams import rules as team_rules
from tuopin.duties.visits import drafts as visit_drafts
from tuopin.duties.visits import photos
from tuopin.duties.visits import services as visits
from tuopin.measures.livelihood import services as livelihood
from tuopin.measures.models import (
    Dividend,
    EnterpriseLink,
    EnterpriseRisk,
    EnterpriseVersion,
    Loan,
    Relocation,
    Work,
)
from tuopin.measures.plans import services as plans
from tuopin.measures.projects import benefits
from tuopin.measures.projects import services as projects
from tuopin.measures.worksheets import services as worksheets
from tuopin.platform import evidence
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import User
from tuopin.register import counting
from tuopin.register.models import (
    AreaVersion,
    Household,
    PersonIdentity,
    Residence,
)

if TYPE_CHECKING:
    from tuopin.platform.models import User


def plan_help(user: User, household: str, mark: str) -> None:
    """Help plans of this year and of the register's, that the household has not signed yet; an income worksheet; a
    project with its money, that benefits the household."""
    actor = actor_for(user)
    key, today, year = Household.objects.get(code=household).pk, timezone.localdate(), counting.as_of().year
    wanted = plans.Wanted("industry", f"{mark}养猪", f"{mark}畜牧局", today, fund=f"{mark}资金")
    plans.keep(actor, [plans.Draft(key, today.year, (), (wanted,))])
    then = replace(wanted, due=datetime.date(year, 12, 31))
    plans.keep(actor, [plans.Draft(key, year, (), (then,))])
    worksheets.keep(actor, [worksheets.Draft(key, year, 2, {"crops": 100_000}, {"crops": f"{mark}小麦"})])
    home = Residence.objects.get(household_id=key, valid_to=None).area_id
    draft = projects.Draft(f"{mark}01", year, f"{mark}大棚", "industry", home, due=datetime.date(year, 6, 30))
    (project,) = projects.keep(actor, [draft])
    benefits.add(actor, project.project_id, [benefits.Given(household)])
    county = project.project.county_id
    fund = projects.open_fund(actor, area_id=county, year=year, tier="county", name=f"{mark}资金")
    moved = datetime.date(year, 3, 1)
    projects.move(actor, [
        projects.Move("in", 100, moved, fund.pk, None, f"{mark}文"),
        projects.Move("allocated", 90, moved, fund.pk, project.project_id, f"{mark}文"),
        projects.Move("paid", 80, moved, fund.pk, project.project_id, f"{mark}文", f"{mark}公司"),
    ])  # fmt: skip


def command(user: User, area: AreaVersion, mark: str) -> int:
    """A headquarters with a plan, progress and an opinion; a commitment with its paper. Returns its number."""
    actor, today = actor_for(user), timezone.localdate()
    office = organisations.found_organisation(actor, f"{mark}指挥部", "headquarters", area_id=area.area_id, day=DAY)
    one, two = officials.add_officials(
        actor, [(f"{mark}甲", "", ""), (f"{mark}乙", "", "")], area_id=area.area_id, day=DAY
    )
    step = headquarters.Wanted(f"{mark}步骤", DAY, today, official_id=one, deliverable=f"{mark}成果")
    plan = headquarters.keep_plan(actor, headquarters.Draft(office, "year", today.year, (step,), document=f"{mark}文"))
    number = PlanStep.objects.get(plan=plan).pk
    headquarters.report(actor, [headquarters.Progress(number, today, 10, f"{mark}进展")])
    opinions.ask(actor, [opinions.Asked(office, area.area_id, f"{mark}局")], due=today)
    target = commitments.Target("words", today, words=f"{mark}目标")
    draft = commitments.Draft(two, one, today, (target,), area_id=area.area_id, title=f"{mark}军令状")
    [row] = commitments.draft(actor, [draft])
    paper = evidence.keep(SimpleUploadedFile(f"{mark}签字.pdf", b"%PDF-1.4"))
    commitments.sign_on_paper(actor, [row.pk], ["inferior"], day=today, paper=paper)
    return office


def team(user: User, household: str, mark: str) -> None:
    """An incident of the household; a member of its village's team with a sheet, leave and a check."""
    actor, today = actor_for(user), timezone.localdate()
    incidents.open_incidents(actor, [incidents.Opening(household, "disaster", today, "village", f"{mark}受灾")])
    home = Residence.objects.get(household__code=household, valid_to=None)
    village = AreaVersion.objects.get(area_id=home.area_id, valid_to=None)
    [who] = officials.add_officials(actor, [(f"{mark}队员", "", "")], area_id=village.area_id, day=DAY)
    assigning.begin(actor, {village.area_id: who}, role="team_member", day=DAY)
    month = (today.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)
    presence.keep(actor, village, [presence.Month(who, month, "P" * team_rules.length(month))])
    leave.ask(actor, village, who, today, today, f"{mark}事由")
    knowledge.draw_check(actor, village, who, seed=1)


def visit(user: User, household: str, mark: str) -> None:
    """A visit with what was said, a problem and a photo."""
    actor, key = actor_for(user), Household.objects.get(code=household).pk
    helper = Assignment.objects.filter(household_id=key, role="helper", valid_to=None).first()
    assert helper is not None
    told = (visit_drafts.Trouble("water", f"{mark}断水"),)
    draft = visit_drafts.Draft(timezone.localdate(), (helper.official_id,), key, said=f"{mark}说", problems=told)
    (made,) = visits.record(actor, [draft])
    content = io.BytesIO()
    Image.new("RGB", (40, 30), (len(mark), 90, key % 256)).save(content, "JPEG")
    photo = SimpleUploadedFile("photo.jpg", content.getvalue())
    photos.attach(actor, made.visit.number, photos.read_all([photo]))


def plan_duties(user: User, area: AreaVersion) -> None:
    """A draft of bulk assignment for the county."""
    given = {
        "area": area.code, "day": timezone.localdate().isoformat(), "only": "all", "statuses": "every", "pool": "area",
        "bounds": {"": [0, 99]},
    }  # fmt: skip
    plans_of_duties.make(actor_for(user), asked(given))


def live_by(user: User, area: AreaVersion, household: str, mark: str) -> None:
    """An enterprise at risk, a link and a dividend overdue, work, a move; a loan, which needs the class bank."""
    actor, key = actor_for(user), Household.objects.get(code=household).pk
    made = livelihood.keep_enterprise(
        actor, EnterpriseVersion(as_of=DAY, name=f"{mark}公司", kind="leading", area_id=area.area_id)
    )
    risk = EnterpriseRisk(enterprise_id=made.enterprise_id, day=DAY, level="risk", ground=f"{mark}欠款")
    livelihood.record_risks(actor, [risk])
    hangs = {"household_id": key, "enterprise_id": made.enterprise_id, "form": "shares"}
    livelihood.keep_links(actor, [EnterpriseLink(**hangs, valid_from=DAY, contract=f"{mark}合同", agreed=98_765)])
    livelihood.record_dividends(actor, [Dividend(**hangs, period=mark, due_on=DAY, due=98_765)])
    grown = PersonIdentity.objects.filter(
        person__memberships__household_id=key, person__memberships__valid_to=None, birth_date__lt=DAY.replace(year=2000)
    )
    person = grown.values_list("person_id", flat=True).first()
    if person is not None:
        livelihood.keep_work(actor, [Work(person_id=person, kind="away", employer=f"{mark}厂", valid_from=DAY)])
    livelihood.record_relocations(actor, [Relocation(household_id=key, as_of=DAY, site=f"{mark}小区", has_job=False)])
    loan = Loan(household_id=key, bank=f"{mark}银行", granted=DAY, amount=98_765)
    livelihood.keep_loans(local_admin(), [loan])


def office(user: User, area: AreaVersion, mark: str) -> None:
    """An organisation with a post and its holder, who is away; another official in the pool."""
    actor, name = actor_for(user), f"{mark}组织"
    office = organisations.found_organisation(actor, name, "department", area_id=area.area_id, day=DAY)
    post = organisations.add_post(actor, office, f"{mark}职务", day=DAY)
    names = [(f"{mark}任", name, ""), (f"{mark}干部", "", "")]
    who, _other = officials.add_officials(actor, names, area_id=area.area_id, day=DAY)
    officials.appoint(actor, who, post, day=DAY)
    officials.note_absence(actor, who, "sick", day=DAY, document=f"{mark}假条")

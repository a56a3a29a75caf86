"""Addresses of duties, under /duties/."""

from __future__ import annotations

from django.urls import path

from .assigning import views as assigning
from .cards import letter_pages, paper_pages
from .cards import public as public_card
from .cards import views as cards
from .commitments import views as commitments
from .headquarters import opinion_views
from .headquarters import views as headquarters
from .helpers import views as helpers
from .incidents import lead_views as leads
from .incidents import views as incidents
from .officials import acts as official_acts
from .officials import views as officials
from .organisations import views as organisations
from .planning import views as planning
from .teams import views as teams
from .visits import coverage_views as visit_coverage
from .visits import views as visits
from .watching import views as watching

urlpatterns = [
    path("officials/", officials.official_list, name="officials"),
    path("officials/find/", officials.find, name="find_official"),
    path("officials/<int:number>/", officials.official_page, name="official"),
    path("officials/new/", officials.new_official, name="new_official"),
    path("officials/<int:number>/leave/", official_acts.leave, name="leave"),
    path("organisations/", organisations.organisation_list, name="organisations"),
    path("organisations/new/", organisations.new_organisation, name="new_organisation"),
    path("organisations/<int:number>/", organisations.organisation_page, name="organisation"),
    path("posts/<int:number>/appoint/", organisations.appoint, name="appoint"),
    path("watching/", watching.watching_page, name="watching"),
    path("caseloads/", watching.caseload_page, name="caseloads"),
    path("gaps/", officials.gap_page, name="gaps"),
    path("plans/", planning.plan_list, name="plans"),
    path("plans/new/", planning.new_plan, name="new_plan"),
    path("plans/lines/", planning.plan_lines, name="plan_lines"),
    path("plans/<int:number>/", planning.plan_page, name="plan"),
    path("plans/<int:number>/changes/", planning.plan_changes, name="plan_changes"),
    path("plans/<int:number>/lines/<str:household>/", planning.plan_line, name="plan_line"),
    path("assign/household/<str:household>/", assigning.assign_household, name="assign_household"),
    path("assign/area/<str:area>/", assigning.assign_area, name="assign_area"),
    path("teams/", teams.team_list, name="teams"),
    path("teams/checks/<int:number>/", teams.knowledge_check, name="knowledge_check"),
    path("teams/<str:area>/", teams.team, name="team"),
    path("teams/<str:area>/report/", teams.team_report, name="team_report"),
    path("teams/<str:area>/members/<int:number>/", teams.member_month, name="member_month"),
    path("incidents/", incidents.incident_list, name="incidents"),
    path("incidents/<int:number>/", incidents.incident, name="incident"),
    path("incidents/new/<str:household>/", incidents.new_incident, name="new_incident"),
    path("leads/", leads.lead_list, name="leads"),
    path("leads/new/", leads.new_lead, name="new_lead"),
    path("leads/mine/", leads.own_leads, name="own_leads"),
    path("leads/<str:lead>/", leads.lead, name="lead"),
    path("accounts/", helpers.helper_accounts_page, name="helper_accounts"),
    path("accounts/make/", helpers.make, name="make_helper_accounts"),
    path("accounts/decide/", helpers.decide, name="decide_helpers"),
    path("accounts/slips/<int:number>/", helpers.show_slips, name="slips"),
    path("card/", public_card.card, name="card"),
    path("cards/", cards.cards, name="cards"),
    path("cards/print/", cards.print_page, name="print_cards"),
    path("cards/preview/", cards.preview, name="card_preview"),
    path("cards/mark/", cards.mark, name="mark_cards"),
    path("headquarters/", headquarters.headquarters_list, name="headquarters"),
    path("headquarters/<int:number>/", headquarters.headquarters_page, name="headquarters_one"),
    path("headquarters/<int:number>/people/", headquarters.assign_people, name="assign_headquarters"),
    path("headquarters/<int:number>/write/", headquarters.write_plan, name="headquarters_write"),
    path("headquarters/plans/<int:number>/", headquarters.plan_page, name="headquarters_plan"),
    path("headquarters/plans/<int:number>/papers/<int:paper_id>/", headquarters.paper, name="headquarters_paper"),
    path("opinions/", opinion_views.opinion_matrix, name="opinions"),
    path("opinions/<int:number>/", opinion_views.opinion_page, name="opinion"),
    path("opinions/<int:number>/papers/<int:paper_id>/", opinion_views.opinion_paper, name="opinion_paper"),
    path("ledger/", paper_pages.ledger_page, name="ledger"),
    path("ledger/print/", paper_pages.print_ledger, name="print_ledger"),
    path("cards/wall/", paper_pages.wall, name="wall_sheet"),
    path("papers/handbook/<str:household>/", paper_pages.handbook, name="handbook"),
    path("papers/notice/<int:number>/", paper_pages.notice, name="notice"),
    path("commitments/", commitments.commitment_list, name="commitments"),
    path("commitments/write/", commitments.write_commitment, name="commitment_write"),
    path("commitments/<int:number>/", commitments.commitment_page, name="commitment"),
    path("commitments/<int:number>/pdf/", commitments.printed, name="commitment_pdf"),
    path("commitments/<int:number>/papers/<int:paper_id>/", commitments.paper, name="commitment_paper"),
    path("visits/", visit_coverage.visit_list, name="visits"),
    path("visits/mine/", visit_coverage.my_visits, name="my_visits"),
    path("visits/coverage/", visit_coverage.coverage_page, name="visit_coverage"),
    path("visits/problems/", visit_coverage.problem_list, name="visit_problems"),
    path("visits/problems/<int:number>/", visit_coverage.problem, name="visit_problem"),
    path("visits/<int:number>/", visits.visit, name="visit"),
    path("visits/<int:number>/correct/", visits.correct, name="correct_visit"),
    path("visits/photos/<int:photo_id>/remove/", visits.remove_photo, name="remove_visit_photo"),
    path("visits/photos/<int:photo_id>/", visits.photo, name="visit_photo"),
    path("visits/photos/<int:photo_id>/thumb/", visits.thumb, name="visit_thumb"),
    path("visits/household/<str:household>/", visits.household_visits, name="household_visits"),
    path("visits/household/<str:household>/record/", visits.record, name="record_visit"),
    path("visits/area/<str:area>/record/", visits.record_area, name="record_area_visit"),
    path("letters/", letter_pages.letters_file, name="letters"),
    path("letters/template/", letter_pages.templates, name="templates"),
    path("letters/template/file/", letter_pages.template_file, name="template_file"),
]

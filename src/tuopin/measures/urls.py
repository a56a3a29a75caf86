"""Addresses of measures, under /measures/."""

from __future__ import annotations

from django.urls import path

from . import views
from .livelihood import views as livelihood
from .plans import progress_views as progress
from .plans import views as plans
from .projects import views as projects
from .worksheets import views as worksheets

urlpatterns = [
    path("gaps/", views.overview, name="gaps"),
    path("gaps/list/", views.gap_list, name="gap_list"),
    path("gaps/work-out/", views.work_out, name="work_out"),
    path("payments/", views.payment_list, name="payments"),
    path("policies/", views.policy_list, name="policies"),
    path("progress/", progress.overview, name="progress"),
    path("progress/list/", progress.measure_list, name="measures"),
    path("worksheets/", worksheets.overview, name="worksheets"),
    path("worksheets/<str:code>/", worksheets.worksheet, name="worksheet"),
    path("worksheets/<str:code>/papers/<int:paper_id>/", worksheets.paper, name="worksheet_paper"),
    path("projects/", projects.overview, name="projects"),
    path("projects/list/", projects.project_list, name="project_list"),
    path("projects/new/", projects.new_project, name="new_project"),
    path("projects/funds/", projects.funds, name="funds"),
    path("projects/<int:number>/", projects.project, name="project"),
    path("plans/<str:code>/", plans.plan, name="plan"),
    path("plans/<str:code>/papers/<int:paper_id>/", plans.paper, name="plan_paper"),
    path("livelihood/", livelihood.overview, name="livelihood"),
    path("livelihood/<str:code>/", livelihood.household, name="household_livelihood"),
    path("enterprises/", livelihood.enterprise_list, name="enterprises"),
    path("enterprises/new/", livelihood.new_enterprise, name="new_enterprise"),
    path("enterprises/<int:enterprise_id>/", livelihood.enterprise, name="enterprise"),
    path("links/", livelihood.link_list, name="links"),
    path("dividends/", livelihood.dividend_list, name="dividends"),
    path("work/", livelihood.work_list, name="work"),
    path("loans/", livelihood.loan_list, name="loans"),
    path("relocations/", livelihood.relocation_list, name="relocations"),
]

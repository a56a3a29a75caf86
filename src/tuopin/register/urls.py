"""Addresses of the register's own pages, under /register/."""

from __future__ import annotations

from django.urls import include, path

from tuopin.register import export_views, revealing_views
from tuopin.register.correcting import bulk_pages, issue_pages
from tuopin.register.correcting import pages as correcting
from tuopin.register.events import balance_pages
from tuopin.register.events import pages as events
from tuopin.register.events.areas import views as area_events
from tuopin.register.outlines import views as outlines

urlpatterns = [
    path("imports/", include("tuopin.register.importing.urls")),
    path("matching/", include("tuopin.register.matching.urls")),
    path("corrections/", issue_pages.corrections, name="corrections"),
    path("corrections/household/<str:code>/", correcting.household, name="correct_household"),
    path("corrections/village/<str:code>/", correcting.village, name="correct_village"),
    path("corrections/county/<str:code>/", correcting.county, name="correct_county"),
    path("corrections/<int:number>/undo/", correcting.undo, name="undo_correction"),
    path("corrections/drafts/<int:number>/", correcting.draft, name="draft"),
    path("corrections/bulk/<str:kind>/", bulk_pages.bulk, name="bulk"),
    path("corrections/workbook/", bulk_pages.edited_workbook, name="edited_workbook"),
    path("issues/", issue_pages.overview, name="issues"),
    path("issues/list/", issue_pages.issue_list, name="issue_list"),
    path("issues/<str:code>/correct/", issue_pages.correct_issues, name="correct_issues"),
    path("events/", events.events, name="events"),
    path("events/household/<str:code>/", events.household, name="household_events"),
    path("events/household/<str:code>/code/", events.give_code, name="household_code"),
    path("events/household/<str:code>/<str:kind>/", events.record, name="record_event"),
    path("events/<int:number>/undo/", events.undo, name="undo_event"),
    path("balance/", balance_pages.page, name="balance"),
    path("workbooks/", export_views.workbooks, name="workbooks"),
    path("identity/<str:code>/<int:person>/", revealing_views.identity, name="identity"),
    path("areas/new/", area_events.new, name="area_change_new"),
    path("areas/drafts/<int:number>/", area_events.draft, name="area_draft"),
    path("areas/changes/<int:number>/", area_events.event, name="area_event"),
    path("areas/former/<str:code>/", area_events.ended, name="area_ended"),
    path("areas/of/<str:area>/", area_events.changes, name="area_changes"),
    path("outlines/<str:area>/", outlines.below, name="outlines"),
]

"""Addresses of standards, under /standards/."""

from __future__ import annotations

from django.urls import path

from . import quality_pages, views
from .comparing import views as comparing
from .lifecycle import pages as lifecycle
from .procedures import views as procedures
from .sealed import views as sealed

urlpatterns = [
    path("packs/<slug:pack>/", lifecycle.pack, name="pack"),
    path("packs/<slug:pack>/<str:item>/", lifecycle.item, name="pack_item"),
    path("evaluate/", views.evaluate, name="evaluate"),
    path("quality/", quality_pages.overview, name="quality"),
    path("quality/<slug:standard>/<slug:item>/", quality_pages.rule, name="quality_rule"),
    path("procedures/", procedures.overview, name="procedures"),
    path("procedures/begin/", procedures.begin, name="procedure_begin"),
    path("procedures/batch/", procedures.batch, name="procedure_batch"),
    path("procedures/<int:number>/", procedures.one, name="procedure"),
    path("procedures/<int:number>/notice/", procedures.notice, name="procedure_notice"),
    path("procedures/<int:number>/papers/<int:paper_id>/", procedures.paper, name="procedure_paper"),
    path("compare/", comparing.compare, name="compare"),
    path("compare/line/", comparing.line, name="line"),
    path("compare/<int:number>/", comparing.compared, name="compared"),
    path("seals/", sealed.overview, name="seals"),
    path("sealed/<int:number>/", sealed.one, name="sealed"),
    path("sealed/<int:number>/rows.csv", sealed.rows, name="sealed_rows"),
    path("federation/", sealed.federation, name="federation"),
    path("federation/<int:number>/look/", sealed.look, name="federation_look"),
]

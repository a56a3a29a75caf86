"""Addresses of standards, under /standards/."""

from __future__ import annotations

from django.urls import path

from . import quality_pages, views
from .comparing import views as comparing

urlpatterns = [
    path("evaluate/", views.evaluate, name="evaluate"),
    path("quality/", quality_pages.overview, name="quality"),
    path("quality/<slug:standard>/<slug:item>/", quality_pages.rule, name="quality_rule"),
    path("compare/", comparing.compare, name="compare"),
    path("compare/line/", comparing.line, name="line"),
    path("compare/<int:number>/", comparing.compared, name="compared"),
]

"""Addresses of standards, under /standards/."""

from __future__ import annotations

from django.urls import path

from . import views
from .comparing import views as comparing

urlpatterns = [
    path("evaluate/", views.evaluate, name="evaluate"),
    path("compare/", comparing.compare, name="compare"),
    path("compare/line/", comparing.line, name="line"),
    path("compare/<int:number>/", comparing.compared, name="compared"),
]

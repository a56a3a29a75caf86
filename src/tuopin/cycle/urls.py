"""Addresses of the cycle, under /cycle/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from . import chain_views, views, way_views

if TYPE_CHECKING:
    from django.urls import URLPattern

urlpatterns: list[URLPattern] = [
    path("openings/", views.openings, name="openings"),
    path("follow-up/", views.follow_up, name="follow_up"),
    path("chain/", chain_views.chain_page, name="chain"),
    path("households/<str:code>/", way_views.trace, name="trace"),
    path("matters/<int:number>/plan/", way_views.plan_item, name="plan_item"),
]

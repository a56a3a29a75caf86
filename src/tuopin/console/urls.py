"""Addresses of the pages: areas, lists and households by their codes, never by names."""

from __future__ import annotations

from django.urls import path

from tuopin.console import figures, household, list_pages, node_pages, views

urlpatterns = [
    path("", views.home, name="home"),
    path("find/", views.find, name="find"),
    path("areas/<str:area>/", views.area, name="area"),
    path("areas/<str:area>/results/", views.area_results, name="results"),
    path("areas/<str:area>/figures/", figures.figures, name="figures"),
    path("areas/<str:area>/nodes/", node_pages.nodes, name="nodes"),
    path("areas/<str:area>/households/", list_pages.households, name="households"),
    path("areas/<str:area>/persons/", list_pages.persons, name="persons"),
    path("areas/<str:area>/villages/", list_pages.villages, name="villages"),
    path("areas/<str:area>/<slug:standard>/", views.subjects, name="subjects"),
    path("households/", list_pages.households, name="my_households"),
    path("villages/", list_pages.villages, name="my_villages"),
    path("households/<str:code>/", household.household, name="household"),
    path("packs/", views.packs, name="packs"),
    path("packs/<slug:pack>/<slug:standard>/", views.standard, name="standard"),
    path("packs/<slug:pack>/<slug:standard>/cases/", views.cases, name="cases"),
]

"""Addresses of department lists; ``register/urls.py`` includes them under matching/."""

from __future__ import annotations

from django.urls import path, re_path

from . import views

urlpatterns = [
    path("", views.runs, name="match_runs"),
    path("new/", views.hand_in, name="match_new"),
    path("<int:number>/", views.run, name="match_run"),
    re_path(r"^(?P<number>[0-9]{1,15})/(?P<what>matched|doubts|missing)/$", views.people, name="match_people"),
    path("<int:number>/decide/", views.decide, name="match_decide"),
    path("<int:number>/columns/", views.choose_columns, name="match_columns"),
    path("<int:number>/write/", views.write, name="match_write"),
    path("<int:number>/close/", views.close, name="match_close"),
    path("results/<int:number>/undo/", views.take_back, name="match_undo"),
]

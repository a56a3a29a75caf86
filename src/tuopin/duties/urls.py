"""Addresses of duties, under /duties/."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("accounts/", views.helper_accounts_page, name="helper_accounts"),
    path("accounts/make/", views.make, name="make_helper_accounts"),
    path("accounts/decide/", views.decide, name="decide_helpers"),
    path("accounts/slips/<int:number>/", views.show_slips, name="slips"),
]

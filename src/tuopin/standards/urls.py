"""Addresses of standards, under /standards/."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [path("evaluate/", views.evaluate, name="evaluate")]

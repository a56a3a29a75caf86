"""Addresses below /api/ and the pages around it."""

from __future__ import annotations

from django.urls import path

from . import pages, site
from .guard import guarded

urlpatterns = [
    path("", pages.docs, name="docs"),
    path("openapi.json", pages.openapi, name="openapi"),
    *site.patterns(),
    path("<path:rest>", guarded(site.unknown), name="unknown"),
]

"""Addresses of the register's own pages, under /register/."""

from __future__ import annotations

from django.urls import path

from tuopin.register import export_views, revealing_views
from tuopin.register.outlines import views as outlines

urlpatterns = [
    path("workbooks/", export_views.workbooks, name="workbooks"),
    path("identity/<str:code>/<int:person>/", revealing_views.identity, name="identity"),
    path("outlines/<str:area>/", outlines.below, name="outlines"),
]

"""Addresses of imports, under /register/imports/."""

from __future__ import annotations

from django.urls import path

from . import history_views, views

urlpatterns = [
    path("", history_views.imports, name="imports"),
    path("<int:number>/", history_views.one, name="import"),
    path("<int:number>/undo/", history_views.undo, name="undo_import"),
    path("<int:number>/rejects/<int:sheet>/", history_views.rejects, name="import_rejects"),
    path("headers/", history_views.headers, name="import_headers"),
    path("new/", views.new, name="new_import"),
    path("sets/<int:number>/", views.prepared, name="import_set"),
    path("sets/<int:number>/files/", views.files, name="import_files"),
    path("sets/<int:number>/progress/", views.progress, name="import_progress"),
]

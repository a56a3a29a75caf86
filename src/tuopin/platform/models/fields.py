"""Fields that lists sort and narrow by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    _Text = models.CharField[str, str]
else:
    _Text = models.CharField


class PlainField(_Text):
    """Text compared by its code points in both databases, whatever the server's language: the texts that begin alike
    are one range of an index. SQLite compares so anyway; PostgreSQL is told."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        found: dict[str, Any] = dict(super().db_parameters(connection))
        if connection.vendor == "postgresql":
            found["collation"] = "C"
        return found

"""Rows that are written once. The database refuses the same by triggers (``migrations/_append_only.py``)."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class AppendOnlyError(RuntimeError):
    """Somebody tried to change or delete a row that is written once."""


class AppendOnlyQuerySet[M: models.Model](models.QuerySet[M]):
    """A query set without ``update`` and ``delete``."""

    def update(self, **_values: Any) -> NoReturn:
        raise AppendOnlyError(f"{self.model._meta.db_table} is append-only")

    def delete(self) -> NoReturn:
        raise AppendOnlyError(f"{self.model._meta.db_table} is append-only")


class AppendOnly(models.Model):
    """A model whose rows are inserted and read, never changed."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"{self._meta.db_table} is append-only")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError(f"{self._meta.db_table} is append-only")

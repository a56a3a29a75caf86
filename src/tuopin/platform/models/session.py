"""Signed-in sessions, and wrong attempts by address."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """A session as Django keeps it, and whose it is: so that a person sees the own ones and can end them.

    ``device`` is what the browser says of itself, in a few words. Deleting a row ends the session.
    """

    user_id = models.BigIntegerField(null=True, db_index=True)
    device = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "platform_session"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from tuopin.platform.accounts.sessions import SessionStore

        return SessionStore


class Attempts(models.Model):
    """Wrong passwords and codes from one address until a moment; ``address`` is a keyed hash, not the address."""

    address = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "platform_attempts"

    def __str__(self) -> str:
        return f"{self.count}"

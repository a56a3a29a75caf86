"""The shapes that several operations share."""

from __future__ import annotations

import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from tuopin.core.language.catalogue import Title
from tuopin.platform.models import Job


class Text(Schema):
    """A text in both languages of the product."""

    zh: str
    en: str


def text(title: Title) -> Text:
    """A title as JSON."""
    return Text(zh=title.zh, en=title.en)


class JobOut(Schema):
    """A job. ``result`` names where it led, ``error`` what went wrong."""

    id: int
    kind: str
    state: str = Field(description="queued, running, done or failed")
    done: int
    total: int
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created_at: datetime.datetime
    finished_at: datetime.datetime | None


def job_out(row: Job) -> JobOut:
    """A job as JSON."""
    return JobOut(
        id=row.pk,
        kind=row.kind,
        state=row.state,
        done=row.progress_done,
        total=row.progress_total,
        result=row.result,
        error=row.error,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


class Page[Item](Schema):
    """Some of many. ``next`` is the cursor that ``after`` takes; null at the end."""

    items: list[Item]
    next: str | None

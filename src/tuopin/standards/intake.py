"""What an import must know of this room: its evaluations are built on what was imported before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.language.catalogue import Title

from .models import Evaluation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.register.models import Import


def uses_of_import(record: Import) -> Iterator[Title]:
    """An evaluation made after the import stands on its data."""
    found = Evaluation.objects.filter(started_at__gt=record.finished_at).order_by("started_at").first()
    if found is not None:
        at = timezone.localtime(found.started_at).strftime("%Y-%m-%d %H:%M")
        yield Title(f"之后已按标准判定过（{at}）", f"the standards were evaluated on it since ({at})")

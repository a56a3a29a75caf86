"""What hangs on an official and is handed over before that official leaves: found by name, ``duties/assigning/``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

from .hung.selectors import supervised_by

if TYPE_CHECKING:
    from collections.abc import Iterator


def hangs_on(official_id: int) -> Iterator[Title]:
    """The signs that the official supervises. Numbers alone: who lets officials go may not see the signs."""
    numbers = ", ".join(str(each) for each in supervised_by(official_id)[:20])
    if numbers:
        yield Title(f"挂牌督战 № {numbers}", f"supervision of signs № {numbers}")

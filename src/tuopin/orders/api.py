"""Orders through the API: what its parts publish."""

from __future__ import annotations

from ninja import Router

from .alike.api import router as alike
from .board.api import router as matters
from .hung.api import router as hung
from .papers.api import router as papers

router = Router(tags=["orders"])
router.add_router("", matters)
router.add_router("", alike)
router.add_router("", papers)
router.add_router("", hung)

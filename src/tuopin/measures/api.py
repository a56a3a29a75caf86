"""Measures through the API: what its parts publish."""

from __future__ import annotations

from ninja import Router

from .livelihood.api import router as livelihood
from .plans.api import router as plans
from .projects.api import router as projects
from .worksheets.api import router as worksheets

router = Router(tags=["measures"])
router.add_router("", livelihood)
router.add_router("", plans)
router.add_router("", projects)
router.add_router("", worksheets)

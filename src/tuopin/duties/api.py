"""Duties through the API: what its parts publish."""

from __future__ import annotations

from ninja import Router

from .cards.api import router as cards
from .commitments.api import router as commitments
from .headquarters.api import router as headquarters
from .incidents.api import router as incidents
from .officials.api import router as officials
from .planning.api import router as planning
from .teams.api import router as teams
from .visits.api import router as visits

router = Router(tags=["duties"])
router.add_router("", officials)
router.add_router("", headquarters)
router.add_router("", commitments)
router.add_router("", visits)
router.add_router("", incidents)
router.add_router("", teams)
router.add_router("", planning)
router.add_router("", cards)

"""Matters (directives, problems, petitions): what may happen to them, and when. Pure; the room ``orders`` writes."""

from .clock import STEPS, Rhythm, Step, before, due, limit_after, moved, next_at, steps
from .model import ENDED, KINDS, OPEN, STATES, WAITING, WHO, Kind, Need, Refusal, Standing, Transition, Who
from .table import ACTS, TRANSITIONS, acts_in, diagram, refusal, target_of

__all__ = [
    "ACTS",
    "ENDED",
    "KINDS",
    "OPEN",
    "STATES",
    "STEPS",
    "TRANSITIONS",
    "WAITING",
    "WHO",
    "Kind",
    "Need",
    "Refusal",
    "Rhythm",
    "Standing",
    "Step",
    "Transition",
    "Who",
    "acts_in",
    "before",
    "diagram",
    "due",
    "limit_after",
    "moved",
    "next_at",
    "refusal",
    "steps",
    "target_of",
]

"""Who should help whom: see ``planning.py``; the task ``task.py``, the mathematics ``network.py``."""

from .planning import Parts, Solution, evaluate, gap_of, share, solve
from .task import MOST, Household, Official, Task, Weights

__all__ = [
    "MOST",
    "Household",
    "Official",
    "Parts",
    "Solution",
    "Task",
    "Weights",
    "evaluate",
    "gap_of",
    "share",
    "solve",
]

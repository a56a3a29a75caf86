"""The solver of linear and integer programmes, set so that it says the same each time."""

from __future__ import annotations

from typing import Any


def repeatable() -> Any:
    """A quiet solver that gives the same answer each time: one thread, its seed fixed."""
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # it has no types
    for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("parallel", "off")):
        solver.setOptionValue(option, value)
    return solver

"""Procedures (程序) as data: steps in order, who acts, what is asked for, how long each must or may take.

A definition is read from a pack (:func:`read_procedure`); what was done is a :class:`History`; :func:`advance` takes it
one act further or says why not. Nothing here knows a clock, a database or a language: the day, the calendar and who
somebody is are inputs.
"""

from tuopin.core.procedures.advancing import advance, clocks, current, earliest, latest, replay, start
from tuopin.core.procedures.model import (
    COMPLETED,
    STOPPED,
    Act,
    Clock,
    Doubts,
    Evidence,
    History,
    Maximum,
    Outcome,
    Parties,
    Procedure,
    Refusal,
    Step,
    Wait,
)
from tuopin.core.procedures.reading import read_procedure

__all__ = [
    "COMPLETED",
    "STOPPED",
    "Act",
    "Clock",
    "Doubts",
    "Evidence",
    "History",
    "Maximum",
    "Outcome",
    "Parties",
    "Procedure",
    "Refusal",
    "Step",
    "Wait",
    "advance",
    "clocks",
    "current",
    "earliest",
    "latest",
    "read_procedure",
    "replay",
    "start",
]

"""Standards as data: packs with dated parameters, the judgement of a subject and of a whole register, cases, probing.

A pack is read (:func:`load_pack`), one of its standards made ready for a day (:func:`prepare`), and then judged in two
ways that never differ: :class:`Judge` takes one subject (with :func:`explain_judgement` for the reasons), and
:func:`tuopin.core.standards.pipeline.evaluate` a register in the set engine.
"""

from tuopin.core.standards.cases import Case, Outcome, read_cases, run_cases
from tuopin.core.standards.expecting import Expected, as_published
from tuopin.core.standards.judging import Judge, Judgement, shown_text
from tuopin.core.standards.kinds import KINDS, SEVERITIES, Kind, Said, Severity
from tuopin.core.standards.model import DatedParameter, DatedValue, Item, NotTested, Pack, PackError, Standard
from tuopin.core.standards.nodes import Node
from tuopin.core.standards.packs import find_packs, load_pack
from tuopin.core.standards.probe import probe
from tuopin.core.standards.programs import Draft, Prepared, PreparedItem, Shown, prepare, validate
from tuopin.core.standards.verdicts import FROM_LETTER, LETTERS, VERDICTS, Verdict, item_verdict, overall_verdict

__all__ = [
    "FROM_LETTER",
    "KINDS",
    "LETTERS",
    "SEVERITIES",
    "VERDICTS",
    "Case",
    "DatedParameter",
    "DatedValue",
    "Draft",
    "Expected",
    "Item",
    "Judge",
    "Judgement",
    "Kind",
    "Node",
    "NotTested",
    "Outcome",
    "Pack",
    "PackError",
    "Prepared",
    "PreparedItem",
    "Said",
    "Severity",
    "Shown",
    "Standard",
    "Verdict",
    "as_published",
    "find_packs",
    "item_verdict",
    "load_pack",
    "overall_verdict",
    "prepare",
    "probe",
    "read_cases",
    "run_cases",
    "shown_text",
    "validate",
]

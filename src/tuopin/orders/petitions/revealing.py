"""Who came, shown to one reader of the petition office for a stated reason, which the read log keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.platform.auditing import readlog
from tuopin.platform.problems import Problem
from tuopin.register import record

from .. import reach, selectors
from ..services import missing
from . import guard, sealed
from .models import Petitioner

if TYPE_CHECKING:
    from tuopin.platform.access import Actor

NOTE_LENGTH = 200
OTHER = "other"
REASONS = {
    "answer": Title("受理、答复时告知来访人", "telling the petitioner what was decided"),
    "ask": Title("向来访人了解情况", "asking the petitioner"),
    "paraphrase": Title("核对转述是否准确", "comparing the paraphrase"),
    OTHER: Title("其他（请说明）", "another reason (say which)"),
}


class NoReason(Problem):
    """The form lacks a reason."""


def reveal(actor: Actor, number: int, reason: str, note: str) -> sealed.Who:
    """Who came, for a reader of the petition office; the read log has the reason before anything is shown.

    Raises Missing for everybody else, NoReason."""
    row = selectors.matter(actor, number)
    kept = Petitioner.objects.filter(pk=row.pk).first()
    if kept is None or "office" not in reach.hands(actor, [row])[row.pk]:
        raise missing()
    if kept.erased_at is not None:
        raise guard.erased()
    said = " ".join(note.split())[:NOTE_LENGTH]
    if reason not in REASONS or (reason == OTHER and not said):
        raise NoReason(
            "no_reason", "请选择查看原因；选“其他”时请写明。",
            "Choose why you need to know; with “another reason” say which.",
        )  # fmt: skip
    who = sealed.unsealed(kept)
    if sealed.repeated(who, said):  # the log of readings is read by others
        said = ""
    readlog.read(actor, f"petitioner:{row.pk}", {"reason": reason, "note": record.masked(said)}, 1)
    return who

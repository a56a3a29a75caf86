"""The interpreter on one core: households judged a second, with and without the explanation of what is not met.

usage: bench_interpreter.py [--quick]     (--quick: a tenth of the households)

The households are drawn once, blanks and amounts on the line included, and judged again and again. ``explained``: the
values, comparisons and members of every item that is not met or unknown; ``worded``: every item as a page shows it.
"""

from __future__ import annotations

import datetime
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import tuopin.packs
from harness import report
from tuopin.core.language import explain
from tuopin.core.language.catalogue import Catalogue
from tuopin.core.standards import Judge, find_packs, load_pack, prepare
from tuopin.core.standards.explaining import explain_judgement
from tuopin.core.standards.probe import Generator
from tuopin.register import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuopin.core.standards import Prepared

DAY = datetime.date(2018, 12, 1)


def standard() -> Prepared:
    packs = find_packs([Path(tuopin.packs.__file__).parent])
    catalogue = Catalogue(facts.LEVELS, facts.TABLES, facts.PERIODS, facts.DERIVED)
    return prepare(load_pack("shangqiu-2018", packs), "household_exit", catalogue, DAY)


def a_second(work: Callable[[dict[str, object]], object], subjects: Sequence[dict[str, object]]) -> float:
    """Subjects a second; the first thousand are not timed."""
    for subject in subjects[:1_000]:
        work(subject)
    began = time.process_time()
    for subject in subjects:
        work(subject)
    return len(subjects) / (time.process_time() - began)


def main() -> None:
    prepared = standard()
    generator = Generator(prepared, seed=1)
    pool = [generator.subject() for _ in range(2_000)]
    subjects = pool * (5 if "--quick" in sys.argv[1:] else 50)
    judge = Judge(prepared)

    def explained(subject: dict[str, object]) -> None:
        judgement = judge(subject)
        for key, verdict in judgement.items.items():
            if verdict in {"not_met", "unknown"}:
                explain(judgement.result, f"{key}:test")

    def worded(subject: dict[str, object]) -> None:
        judgement = judge(subject)
        explain_judgement(prepared, judgement, subject, judge.shown(judgement))

    report(
        {
            "persons_a_household": sum(len(subject["person"]) for subject in pool) / len(pool),  # type: ignore[arg-type]  # a list by construction
            "judged_a_second": a_second(judge, subjects),
            "explained_a_second": a_second(explained, subjects),
            "worded_a_second": a_second(worded, subjects[: len(subjects) // 10]),
        }
    )


if __name__ == "__main__":
    main()

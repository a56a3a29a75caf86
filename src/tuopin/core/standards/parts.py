"""A register in parts, judged part by part: what has changed in one county is judged in that county alone.

A part is one county or several, whole: up to the county each level of a chain hangs below the next, so a part's
verdicts rest on its own rows and on nothing else. They stand in a folder of their own with what they add up to. Of the
levels above (city, province, nation) nothing is judged but what the parts' sums say: a few numbers a part. So a changed
county costs a county's work, and a nation takes no more memory than its largest part.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from typing import TYPE_CHECKING

from tuopin.core.standards.chain import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tuopin.core.engine import SetEngine
    from tuopin.core.standards.chain import Pass
    from tuopin.core.standards.pipeline import Verdicts

type Sums = Counter[tuple[str, str, int]]
"""(standard, item or ``overall``, code 0—3 of the verdict) → number of subjects."""

_SUMS = "sums.json"


def judge_part(
    passes: Sequence[Pass], engine: SetEngine, relations: Mapping[str, str], folder: Path, part: str
) -> Sums:
    """Run a chain over the relations of one part, and put its verdicts and sums in ``<folder>/<part>``.

    What stood there goes in one step when the new is whole; the folders of other parts are not touched. After a power
    cut the folder is the old one, the new one, or (between two renamings) missing: then the part counts as not judged.
    """
    target, fresh, old = folder / part, folder / f".{part}.new", folder / f".{part}.old"
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    fresh.mkdir(parents=True)
    found = run(passes, engine, relations, fresh)
    sums: Sums = Counter()
    for key, verdicts in found.items():
        sums.update({(key, item, code): number for item, code, number in _counted(engine, verdicts)})
    listed = [[*key, number] for key, number in sorted(sums.items())]
    with (fresh / _SUMS).open("w", encoding="utf-8") as file:
        json.dump(listed, file)
        file.flush()
        os.fsync(file.fileno())
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return sums


def add_up(folder: Path, parts: Iterable[str]) -> Sums:
    """What the verdicts of these parts add up to: a city's counties, a province's, all. FileNotFoundError for a part
    that has not been judged."""
    sums: Sums = Counter()
    for part in parts:
        for standard, item, code, number in json.loads((folder / part / _SUMS).read_text("utf-8")):
            sums[standard, item, code] += number
    return sums


def judged(folder: Path) -> list[str]:
    """The parts that have been judged, in order."""
    return sorted(path.parent.name for path in folder.glob(f"*/{_SUMS}") if not path.parent.name.startswith("."))


def _counted(engine: SetEngine, verdicts: Verdicts) -> list[tuple[str, int, int]]:
    """(item, code, number) of a table of verdicts, in one pass."""
    asked = [(key, code) for key in ("overall", *verdicts.keys) for code in range(4)]
    columns = ", ".join(f'count(*) FILTER (WHERE "{key}" = {code})' for key, code in asked)
    (numbers,) = engine.rows(f'SELECT {columns} FROM "{verdicts.table}"')  # noqa: S608 - keys are names
    return [(key, code, number) for (key, code), number in zip(asked, numbers, strict=True) if number]

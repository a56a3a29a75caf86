"""One file from its cells to staged sheets. Runs in the child process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from tuopin.core.workbook.errors import WorkbookError
from tuopin.core.workbook.headers import SEARCHED_ROWS, Claims, check_map, find_header, names_unit
from tuopin.core.workbook.kinds import MONEY_UNITS
from tuopin.core.workbook.model import StagedSheet
from tuopin.core.workbook.sources import sheets_of
from tuopin.core.workbook.text import key, render, shorten
from tuopin.core.workbook.titles import title_date, title_money_unit, title_year
from tuopin.core.workbook.write import REASON_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tuopin.core.workbook.headers import Match
    from tuopin.core.workbook.kinds import Kind
    from tuopin.core.workbook.model import Limits
    from tuopin.core.workbook.staging import Stager

CHUNK = 20_000


def stage_file(
    path: Path,
    kinds: Sequence[Kind],
    staging_dir: Path,
    extra: Mapping[str, Mapping[str, str]],
    limits: Limits,
    progress: Callable[[int], None],
) -> list[StagedSheet]:
    """Stage every sheet of a known kind. Raises WorkbookError; what was staged by then is the caller's to clear."""
    check_map(extra, kinds)
    staged: list[StagedSheet] = []
    others: list[str] = []
    closest: list[tuple[str, Claims]] = []
    for sheet in sheets_of(path, limits):
        first = list(islice(sheet.rows, SEARCHED_ROWS))
        head = [[render(cell) for cell in row] for row in first]
        try:
            match, close = find_header(head, kinds, extra)
            if match:
                job = _Sheet(path.name, sheet.name, match, head[: match.row])
                rows = chain(first[match.row + 1 :], sheet.rows)
                staged.append(job.stage(rows, staging_dir, len(staged), _after(staged, progress)))
        except WorkbookError as error:
            error.sheet = sheet.name
            raise
        if match is None and (_is_filled(head) or any(_is_filled([row]) for row in sheet.rows)):
            others.append(sheet.name)
            closest += [(sheet.name, close)] if close else []
    if not staged:
        raise _unknown(closest) if others else WorkbookError("empty_file")
    return [replace(sheet, others=tuple(others)) for sheet in staged]


def _is_filled(rows: Iterable[Sequence[object]]) -> bool:
    return any(render(cell).strip() for row in rows for cell in row)


def _after(staged: Sequence[StagedSheet], progress: Callable[[int], None]) -> Callable[[int], None]:
    done = sum(sheet.rows for sheet in staged)
    return lambda rows: progress(done + rows)


def _unknown(closest: Sequence[tuple[str, Claims]]) -> WorkbookError:
    """Says which kind came closest and which columns it lacks."""
    if not closest:
        return WorkbookError("unknown_kind", searched=SEARCHED_ROWS, closest_zh="", closest_en="")
    sheet, claims = min(closest, key=lambda pair: (len(pair[1].missing), pair[1].rank))
    missing = "、".join(claims.missing)
    return WorkbookError(
        "unknown_kind",
        sheet=sheet,
        row=claims.row + 1,
        searched=SEARCHED_ROWS,
        closest_zh=f"最接近“{claims.kind.title_zh}”，但缺少：{missing}。",
        closest_en=f'It is closest to "{claims.kind.title_en}", but lacks: {missing}. ',
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet whose header is found. ``above``: the rows above the header, as text."""

    file: str
    name: str
    match: Match
    above: Sequence[Sequence[str]]

    def stage(
        self, rows: Iterator[Sequence[object]], folder: Path, number: int, progress: Callable[[int], None]
    ) -> StagedSheet:
        from tuopin.core.workbook.staging import Stager  # half a second of imports: the child starts them in a thread

        match = self._in_title_unit()
        stager = Stager(match, self.above, folder, f"sheet-{number}")
        next_row = match.row + 2
        try:
            while chunk := list(islice(rows, CHUNK)):
                stager.add(chunk, next_row)
                next_row += len(chunk)
                progress(next_row - match.row - 2)
        finally:
            stager.close()
        return self._result(match, stager)

    def _in_title_unit(self) -> Match:
        """单位：万元 above the header holds for money columns whose header names no unit."""
        unit = MONEY_UNITS[title_money_unit(self.above)]
        if unit == "1":
            return self.match
        factors = dict(self.match.factors)
        for name, at in self.match.columns.items():
            field = self.match.kind.field(name)
            if field.type == "money" and not names_unit(self.match.headers[at], field):
                factors[name] = unit
        return replace(self.match, factors=factors)

    def _result(self, match: Match, stager: Stager) -> StagedSheet:
        claimed = set(match.columns.values())
        titles = tuple(tuple(shorten(cell, 200) for cell in row if cell.strip()) for row in self.above)
        return StagedSheet(
            file=self.file,
            sheet=self.name,
            kind=match.kind.name,
            header_row=match.row + 1,
            columns={name: match.headers[at] for name, at in match.columns.items()},
            unknown_headers=tuple(
                header
                for at, header in enumerate(match.headers)
                if at not in claimed and key(header) and header != REASON_HEADER
            ),
            missing=tuple(field.name for field in match.kind.fields if field.name not in match.columns),
            rows=stager.rows,
            skipped=stager.skipped,
            faults=dict(stager.faults),
            titles=titles,
            title_date=title_date(titles),
            title_year=title_year(titles),
            raw_headers=match.headers,
            data=stager.data,
            raw=stager.raw,
            fault_file=stager.fault_file,
        )

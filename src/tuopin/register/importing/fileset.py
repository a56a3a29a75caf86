"""From paths to staged sheets: find the files, have each read by a child process, settle the day and the year."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from django.utils import timezone

from tuopin.core.workbook import StagedSheet, WorkbookError, read_file
from tuopin.platform.catalogue import workbook_kinds
from tuopin.platform.home import make_home
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tuopin.core.engine import Engine
    from tuopin.core.workbook import Kind

type Titles = Mapping[str, Mapping[str, str]]

SKIPPED_IN_FOLDERS = ("unknown_kind", "wrong_type", "empty_file")
"""Reasons for which a file lying in a folder is listed and left out; named on its own it is refused."""


READERS = 2
"""Child processes at a time: each may take much memory."""
_FIRST_YEAR = 1949


@dataclass(frozen=True, slots=True)
class Given:
    """A file with what its owner calls it (it lies under another name), and the kind it was said to be ('' = found)."""

    path: Path
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file to read; ``in_folder`` says that its folder was named, not the file itself. ``digest``: SHA-256."""

    path: Path
    in_folder: bool
    digest: str
    name: str
    kind: str = ""

    def named(self, sheet: StagedSheet) -> StagedSheet:
        """The sheet under the name that its owner knows; a text file's only sheet is called as the file."""
        if self.name == self.path.name:
            return sheet
        title = self.name.rpartition(".")[0] or self.name
        return replace(sheet, file=self.name, sheet=title if sheet.sheet == self.path.stem else sheet.sheet)


@dataclass(slots=True)
class FileSet:
    """The staged sheets of a set in the order of application, and the files of the folders that are no workbooks."""

    sheets: list[tuple[StagedSheet, str]] = field(default_factory=list)  # with the SHA-256 of the file
    skipped: list[tuple[str, str]] = field(default_factory=list)  # base name, reason


@contextmanager
def staging_folder() -> Iterator[Path]:
    """A folder of this process under TUOPIN_HOME; what a killed process left behind is swept first."""
    base = make_home() / "staging"
    base.mkdir(exist_ok=True)
    for left in base.iterdir():
        pid = left.name.partition("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    folder = base / f"{os.getpid()}-{secrets.token_hex(4)}"  # one process may have several on the way
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def read_set(
    paths: Sequence[Path | Given], staging: Path, titles: Titles | None, progress: Callable[[str, int], None]
) -> FileSet:
    """Read every file of the set, a few at a time. Raises Problem for the first file that is refused; nothing is
    taken then. ``titles``: headers beyond the aliases, by kind."""
    kinds = workbook_kinds()
    found = FileSet()
    try:
        files = _distinct(paths, found)
        with ThreadPoolExecutor(READERS) as pool:
            try:
                for file, sheets in _read(pool, files, list(kinds.values()), staging, titles, progress):
                    if isinstance(sheets, str):
                        found.skipped.append((file.name, sheets))
                    else:
                        found.sheets += [(file.named(sheet), file.digest) for sheet in sheets]
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    except WorkbookError as error:
        raise refusal(error) from error
    if not found.sheets:
        raise Problem(
            "nothing_to_import",
            "没有找到可导入的工作簿。请检查路径，或用 --map 指定表头。",
            "no workbook of a known kind was found. Check the path, or name the headers with --map.",
        )
    order = {name: at for at, name in enumerate(kinds)}
    found.sheets.sort(key=lambda item: order[item[0].kind])
    return found


def refusal(error: WorkbookError) -> Problem:
    """A file's refusal as a message."""
    details = {key: value for key, value in error.to_json().items() if key != "code"}
    return Problem(error.code, error.zh, error.en, **details)


def _read(
    pool: ThreadPoolExecutor,
    files: list[File],
    kinds: list[Kind],
    staging: Path,
    titles: Titles | None,
    progress: Callable[[str, int], None],
) -> Iterator[tuple[File, list[StagedSheet] | str]]:
    """Each file with its sheets, or with the reason why it is left out, in the order of the files."""
    started = []
    for number, file in enumerate(files):
        folder = staging / str(number)
        folder.mkdir()
        tell = partial(progress, file.name)
        asked = [kind for kind in kinds if file.kind in ("", kind.name)]
        extra = {kind.name: titles.get(kind.name, {}) for kind in asked} if titles else None
        started.append(pool.submit(read_file, file.path, asked, folder, extra_titles=extra, progress=tell))
    for module in ("tuopin.core.engine", "tuopin.platform.arrow"):  # half a second: while the children read
        import_module(module)
    for file, reading in zip(files, started, strict=True):
        try:
            yield file, reading.result()
        except WorkbookError as error:
            error.file = file.name
            if not file.in_folder or error.code not in SKIPPED_IN_FOLDERS:
                raise
            yield file, error.code


def _distinct(paths: Sequence[Path | Given], found: FileSet) -> list[File]:
    """The files of the set; one that is there twice is read once."""
    files: list[File] = []
    for given, in_folder in _files(paths):
        digest = _digest(given.path)
        if any(file.digest == digest for file in files):
            found.skipped.append((given.name, "same_file_twice"))
        else:
            files.append(File(given.path, in_folder, digest, given.name, given.kind))
    return files


def _files(paths: Sequence[Path | Given]) -> Iterator[tuple[Given, bool]]:
    for path in paths:
        if isinstance(path, Given):
            yield path, False
        elif path.is_dir():
            inside = [item for item in sorted(path.rglob("*")) if item.is_file()]
            yield from ((Given(item, item.name), True) for item in inside if not item.name.startswith((".", "~$")))
        else:
            yield Given(path, path.name), False


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise WorkbookError("not_found", file=path.name) from error
    except OSError as error:
        raise WorkbookError("not_readable", file=path.name, reason=error.strerror or "") from error


def settle_day(found: FileSet, engine: Engine, as_of: date | None, year: int | None) -> tuple[date, int]:
    """The as-of date and the ledger year of a set.

    Day: the one given, else the newest export date in the title rows, else the newest 核查日期, else refused; a set of
    areas alone needs none. Year: the one given, else the one named in a title, else the calendar year of the day.
    """
    sheets = [sheet for sheet, _digest in found.sheets]
    day = as_of or max((sheet.title_date for sheet in sheets if sheet.title_date), default=None)
    if day is None:
        day = max(filter(None, (_newest_check(sheet, engine) for sheet in sheets)), default=None)
    if day is None and all(sheet.kind == "areas" for sheet in sheets):
        day = timezone.localdate()
    if day is None:
        raise Problem(
            "no_as_of",
            "表中没有导出时间，也没有核查日期，无法确定数据日期。请用 --as-of 2018-12-01 指定。",
            "neither an export date nor a date of checking stands in the workbooks. Say which day they describe: "
            "--as-of 2018-12-01.",
        )
    if day.year < _FIRST_YEAR or day > timezone.localdate():  # 2108 for 2018 would outlast every later import
        raise Problem(
            "bad_as_of",
            f"数据日期 {day.isoformat()} 不对：不能晚于今天，也不能早于 {_FIRST_YEAR} 年。请改正数据日期。",
            f"The day {day.isoformat()} cannot be right: it lies ahead, or before {_FIRST_YEAR}. Mend the day that the "
            "workbooks describe.",
            as_of=day.isoformat(),
        )
    named = max((sheet.title_year for sheet in sheets if sheet.title_year), default=None)
    return day, year or named or day.year


def _newest_check(sheet: StagedSheet, engine: Engine) -> date | None:
    if "check_date" not in sheet.columns:
        return None
    newest = engine.one("select max(check_date) from read_parquet(?)", [str(sheet.data)])[0]
    return newest if isinstance(newest, date) else None

"""Reading county workbooks: the header is found by content, every cell cleaned by its field's type.

A file is parsed in a child process with limits on memory, time and cell range, because a few bytes can kill a reader.
Nothing here knows households or databases: it turns a file into *staged sheets*, Parquet files that the importer
reads.

.. code-block:: python

    from tuopin.core.workbook import Limits, WorkbookError, load_kind, read_file

    kinds = [load_kind(path) for path in ...]                       # TOML files of the rooms
    sheets = read_file(path, kinds, staging_dir)                    # list[StagedSheet], at least one
    sheets = read_file(path, kinds, staging_dir,
                       extra_titles={"helper": {"包保干部": "helper_name"}},   # from --map
                       limits=Limits(), progress=lambda rows: ...)

``read_file(path, kinds, staging_dir, *, extra_titles=None, limits=Limits(), progress=None) -> list[StagedSheet]``
    Raises :class:`WorkbookError` when the file is refused: ``error.code``, ``error.zh``, ``error.en`` and file, sheet,
    row, column, value. Code ``unknown_kind`` means that no sheet has a known header: in a folder such a file is
    listed and skipped. ``staging_dir`` must exist; files are named by a counter, ``sheet-0-data.parquet`` …; give each
    file a folder of its own. ``progress`` gets the number of rows read so far, from the calling thread.

``load_map(path) -> dict[str, dict[str, str]]``
    ``--map FILE.toml``: tables named by kind, ``"header" = "field"``; ``"header" = ""`` makes the reader ignore it.

:class:`StagedSheet` says what was found and where ``data``, ``raw`` and ``fault_file`` lie; see its docstring for the
columns and their encodings. Bad cells are NULL in ``data`` and stand in ``fault_file`` with a code:
``bad_number bad_date bad_boolean bad_code too_long no_unit out_of_range
precision_lost`` and, for a person's ID number, one of
``id_missing id_precision_lost id_length id_check_digit``; ``extra_cells`` (no field) marks a text row with more filled
cells than the header.

``inspect_file(path, kinds, *, extra_titles=None, limits=Limits(), progress=None) -> list[SheetView]``
    Looks at a file without taking it: kinds, headers known and unknown, rows, the first of them.

``write_rejects(path, headers, rows, *, titles=())``
    The reject workbook: title rows, the original header and cells as text, and a last column with the reason
    (``REASON_HEADER``), which the reader ignores, so that a corrected file can be imported again.

``write_table(path, headers, rows, *, titles=())``
    A workbook of text cells in the shape that the reader takes.

``write_sheet(path, columns, rows, *, titles=())``
    Many rows of text, numbers and dates into one sheet, as they come.
"""

from tuopin.core.workbook.bulk import LAST_ROW, SheetColumn, write_sheet
from tuopin.core.workbook.errors import WorkbookError
from tuopin.core.workbook.inspecting import SheetView
from tuopin.core.workbook.kinds import Field, Kind, load_kind, load_map
from tuopin.core.workbook.model import Limits, StagedSheet
from tuopin.core.workbook.reader import inspect_file, read_file
from tuopin.core.workbook.write import REASON_HEADER, write_rejects, write_table

__all__ = [
    "LAST_ROW",
    "REASON_HEADER",
    "Field",
    "Kind",
    "Limits",
    "SheetColumn",
    "SheetView",
    "StagedSheet",
    "WorkbookError",
    "inspect_file",
    "load_kind",
    "load_map",
    "read_file",
    "write_rejects",
    "write_sheet",
    "write_table",
]

"""The verdicts of an evaluation as a workbook, for those who work on with a list."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuopin.core.standards import KINDS
from tuopin.standards.explaining.reasons import Reasons, prepared_of
from tuopin.standards.packs import get_pack
from tuopin.standards.selectors import decode, decode_facts, rows_with_codes

if TYPE_CHECKING:
    from tuopin.platform.access import Actor
    from tuopin.standards.models import Evaluation

_LAST_ROW = 1_048_575
_WHOLE = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "constant_memory": True}


def write_verdicts(actor: Actor, evaluation: Evaluation, path: str, language: str = "zh") -> str:
    """Write code, verdicts, shown facts and, in the ``language``, the reason of every subject in the grants; return the
    file's SHA-256.

    Every cell is text, so that nothing becomes a formula and codes keep their digits. More rows than a sheet holds go
    on to another sheet.
    """
    import xlsxwriter

    standard = get_pack(evaluation.pack).standard(evaluation.standard)
    titles = {item.key: item.title.zh for item in standard.items}
    kind = KINDS[evaluation.kind]
    words = {str(verdict): said.title.zh for verdict, said in kind.items.items()}
    overall = {str(verdict): said.title.zh for verdict, said in (kind.overall or {}).items()}
    header = [
        "编码",
        *(["总评"] if kind.overall is not None else []),
        *(titles[key] for key in evaluation.items),
        *(fact["name"] for fact in evaluation.shown),
        "原因" if language == "zh" else "Reason",
    ]
    reasons = Reasons(evaluation, prepared_of(evaluation))
    title = f"{standard.title.zh}　{evaluation.day}　{evaluation.pack}"
    if evaluation.draft:
        title += "　草案，未经确认：" + "、".join(titles.get(key, key) for key in evaluation.draft)
    with xlsxwriter.Workbook(path, _WHOLE) as book:
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        sheet, row = _sheet(book, title, header, bold), 2
        for code, letters, shown in rows_with_codes(actor, evaluation):
            if row > _LAST_ROW:
                sheet, row = _sheet(book, title, header, bold), 2
            verdicts = [
                (overall if key == "overall" else words)[verdict]
                for key, verdict in decode(evaluation, letters).items()
                if key != "overall" or kind.overall is not None
            ]
            facts = ["" if value is None else str(value) for value in decode_facts(evaluation, shown).values()]
            why = reasons.of(letters, shown)
            reason = "" if why is None else why.zh if language == "zh" else why.en
            for column, cell in enumerate([code, *verdicts, *facts, reason]):
                sheet.write_string(row, column, cell, text)
            row += 1
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sheet(book: Any, title: str, header: list[str], bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, title, bold)
    for column, cell in enumerate(header):
        sheet.write_string(1, column, cell, bold)
    sheet.freeze_panes(2, 1)
    sheet.set_column(0, len(header), 16)
    return sheet

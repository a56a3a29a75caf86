"""Why a file is refused, in words a clerk can act on, in Chinese and in English."""

from __future__ import annotations

from typing import Any

# code -> (what happened and what to do, in Chinese; the same in English). Placeholders are filled from ``detail``.
MESSAGES: dict[str, tuple[str, str]] = {
    "not_found": ("找不到文件。", "the file does not exist."),
    "not_readable": ("无法打开文件：{reason}。", "the file cannot be opened: {reason}."),
    "empty_file": ("文件是空的。请重新导出。", "the file is empty. Export it again."),
    "wrong_type": (
        "不是可读取的表格（看起来是{looks_like}）。请另存为 .xlsx 或 .csv。",
        "not a workbook that can be read (it looks like {looks_like}). Save it as .xlsx or .csv.",
    ),
    "encrypted": (
        "工作簿有密码。请在 Excel 或 WPS 中取消密码后另存。",
        "the workbook has a password. Remove it in Excel or WPS and save again.",
    ),
    "damaged": (
        "文件不完整或已损坏（{reason}）。请重新导出或重新复制。",
        "the file is truncated or damaged ({reason}). Export or copy it again.",
    ),
    "zip_bomb": (
        "文件解压后异常庞大（{unpacked} 字节），已拒绝读取。",
        "the file unpacks to an abnormal size ({unpacked} bytes) and was refused.",
    ),
    "xml_entities": (
        "文件中含有实体定义（DOCTYPE），正常的表格没有，已拒绝读取。",
        "the file declares entities (DOCTYPE), which no ordinary workbook does; it was refused.",
    ),
    "cell_range": (
        "单元格 {cell} 离其他数据太远，整表达到 {rows} 行 {columns} 列，超出可读范围。请删除该单元格后另存。",
        (
            "cell {cell} lies far from all others and stretches the sheet to {rows} rows by {columns} columns, "
            "more than can be read. Delete that cell and save again."
        ),
    ),
    "too_large": (
        "文件太大，读取时超出内存限制（{memory} MB）。请分成几个文件，或另存为 .csv。",
        "the file is too large: reading passed the memory limit ({memory} MB). Split it, or save it as .csv.",
    ),
    "too_slow": (
        "读取超过 {seconds} 秒，已停止。请分成几个文件，或另存为 .csv。",
        "reading took more than {seconds} seconds and was stopped. Split the file, or save it as .csv.",
    ),
    "reader_failed": (
        "读取程序意外中止（{reason}），文件可能已损坏。请用 Excel 或 WPS 打开后另存为 .xlsx 再试。",
        (
            "the reader stopped unexpectedly ({reason}); the file may be damaged. Open it in Excel or WPS, save it as "
            ".xlsx and try again."
        ),
    ),
    "bad_encoding": (
        "文字编码无法识别（不是 UTF-8、UTF-16 或 GB18030）。请另存为 UTF-8 的 .csv。",
        "the text encoding is not UTF-8, UTF-16 or GB18030. Save it as .csv in UTF-8.",
    ),
    "bad_text_table": (
        "无法按分隔符拆分（{reason}）。请检查引号，或另存为 .xlsx。",
        "the text cannot be split into columns ({reason}). Check the quotation marks, or save it as .xlsx.",
    ),
    "unknown_kind": (
        "前 {searched} 行中没有找到已知表格的表头。{closest_zh}如表头名称不同，可用 --map 指定。",
        (
            "no header of a known kind within the first {searched} rows. {closest_en}If the headers have other names, "
            "say so with --map."
        ),
    ),
    "two_columns": (
        "两列都表示“{title}”：第 {first_column} 列“{first}”和第 {second_column} 列“{second}”。请删除或改名其中一列。",
        (
            'two columns claim "{title}": column {first_column} "{first}" and column {second_column} "{second}". '
            "Delete or rename one of them."
        ),
    ),
    "disk_full": ("磁盘空间不足，未读取完。", "the disk is full; reading was not finished."),
    "bad_map": ("列名对照有误：{reason}。", "the header map is wrong: {reason}."),
}


class WorkbookError(Exception):
    """A file is refused as a whole; nothing of it was taken.

    ``code`` is a key of :data:`MESSAGES`; ``file`` the base name; ``sheet``, ``row`` (1-based), ``column`` (letters)
    and ``value`` say where, as far as known; ``detail`` fills the message. :attr:`zh` and :attr:`en` are whole
    sentences beginning with the place.
    """

    def __init__(
        self,
        code: str,
        *,
        file: str = "",
        sheet: str = "",
        row: int | None = None,
        column: str = "",
        value: str = "",
        **detail: Any,
    ) -> None:
        self.code = code
        self.file = file
        self.sheet = sheet
        self.row = row
        self.column = column
        self.value = value
        self.detail = detail
        super().__init__(self.en)

    @property
    def zh(self) -> str:
        place = "，".join(
            part
            for part in (
                self.file,
                self.sheet and f"工作表“{self.sheet}”",
                self.row and f"第 {self.row} 行",
                self.column and f"{self.column} 列",
                self.value and f"“{self.value}”",
            )
            if part
        )
        text = MESSAGES[self.code][0].format(**self.detail)
        return f"{place}：{text}" if place else text

    @property
    def en(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file,
                self.sheet and f'sheet "{self.sheet}"',
                self.row and f"row {self.row}",
                self.column and f"column {self.column}",
                self.value and f'"{self.value}"',
            )
            if part
        )
        text = MESSAGES[self.code][1].format(**self.detail)
        return f"{place}: {text}" if place else text

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON types only; :meth:`from_json` reads it back."""
        return {
            "code": self.code,
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            **self.detail,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> WorkbookError:
        values = dict(document)
        return cls(values.pop("code"), **values)

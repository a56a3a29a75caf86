"""The one error of the rule language, and the place in a file it points to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an expression's first character stands: file, line and column (from 1), and what it is the text of."""

    file: str = ""
    line: int = 1
    column: int = 1
    what: str = ""  # such as "item income, test"

    def at(self, line: int, column: int) -> Origin:
        """The place of a character that stands at ``line`` and ``column`` (from 1) of the expression itself."""
        if line == 1:
            return Origin(self.file, self.line, self.column + column - 1, self.what)
        return Origin(self.file, self.line + line - 1, column, self.what)


class RuleError(ValueError):
    """A rule that must not load.

    ``code`` names the refusal (``unknown_name``, ``wrong_type``, ``unit_mismatch`` …); ``found`` and ``expected`` are
    short texts in the words of the language itself; ``zh`` and ``en`` are whole messages with the place in front;
    ``hint_zh`` and ``hint_en`` (may be empty) say what to write instead.
    """

    def __init__(
        self,
        code: str,
        origin: Origin,
        zh: str,
        en: str,
        *,
        found: str = "",
        expected: str = "",
        hint_zh: str = "",
        hint_en: str = "",
    ) -> None:
        self.code = code
        self.origin = origin
        self.file, self.line, self.column = origin.file, origin.line, origin.column
        self.found, self.expected = found, expected
        self.hint_zh, self.hint_en = hint_zh, hint_en
        what = f" ({origin.what})" if origin.what else ""
        place_zh = f"{origin.file or '表达式'} 第 {origin.line} 行第 {origin.column} 列{what}"
        place_en = f"{origin.file or 'expression'}, line {origin.line}, column {origin.column}{what}"
        self.zh = f"{place_zh}：{zh}{'。' + hint_zh if hint_zh else ''}"
        self.en = f"{place_en}: {en}{'; ' + hint_en if hint_en else ''}"
        super().__init__(self.en)

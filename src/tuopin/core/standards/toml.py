"""Reading TOML tables with types checked and misspelt keys refused."""

from __future__ import annotations

import datetime
import re
import tomllib
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title
from tuopin.core.standards.model import PackError

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?")


def read(path: Path, shown: str) -> tuple[dict[str, object], str]:
    """The table of a TOML file and its text; ``shown`` is the name of the file in messages."""
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except UnicodeDecodeError as error:
        raise PackError("not_utf8", shown, "不是 UTF-8 文本", "is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise PackError("bad_toml", shown, f"不是有效的 TOML：{error}", f"is not valid TOML: {error}") from error


class Section:
    """A TOML table being read: every key must be asked for, so that :meth:`close` can refuse unknown ones."""

    def __init__(self, table: object, file: str, where: str) -> None:
        self.file, self.where = file, where
        if not isinstance(table, dict):
            raise self.error("not_a_table", "此处应为表", "a table was expected here")
        self._table: dict[str, object] = dict(table)

    def error(self, code: str, zh: str, en: str) -> PackError:
        place = f"[{self.where}] " if self.where else ""
        return PackError(code, self.file, place + zh, place + en)

    def take(self, key: str) -> object:
        """The raw value, ``None`` if absent."""
        return self._table.pop(key, None)

    def rest(self) -> dict[str, object]:
        """All keys not asked for yet."""
        rest, self._table = self._table, {}
        return rest

    def has(self, key: str) -> bool:
        return key in self._table

    def text(self, key: str, default: str | None = None) -> str:
        value = self.take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not (value.strip() or default is not None):
            raise self.error("bad_value", f"{key} 应为文字", f"{key} must be text")
        return value

    def optional(self, key: str) -> str | None:
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error("bad_value", f"{key} 应为文字", f"{key} must be text")
        return value

    def flag(self, key: str) -> bool:
        value = self.take(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self.error("bad_value", f"{key} 应为 true 或 false", f"{key} must be true or false")
        return value

    def integer(self, key: str, default: int | None = None) -> int | None:
        value = self.take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 9:
            raise self.error("bad_value", f"{key} 应为 0—9 的整数", f"{key} must be a whole number from 0 to 9")
        return value

    def date(self, key: str) -> datetime.date | None:
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
            raise self.error("bad_value", f"{key} 应为日期，如 2018-01-01", f"{key} must be a date such as 2018-01-01")
        return value

    def title(self, key: str = "title", *, default: str | None = None) -> Title:
        """``key.zh`` and ``key.en``; ``default`` stands for both where the key is absent."""
        value = self.take(key)
        if value is None and default is not None:
            return Title(default, default)
        section = Section(value if value is not None else {}, self.file, f"{self.where}.{key}".lstrip("."))
        title = Title(section.text("zh"), section.text("en"))
        section.close()
        return title

    def tables(self, key: str) -> list[object]:
        """An array of tables, empty if absent."""
        value = self.take(key)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error("bad_value", f"{key} 应写作 [[{key}]]", f"{key} must be written [[{key}]]")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self.error("bad_value", f"{key} 应为文字列表", f"{key} must be a list of texts")
        return tuple(value)

    def close(self) -> None:
        """Refuses keys that nothing asked for: a misspelt key must not be silently ignored."""
        if self._table:
            unknown = ", ".join(sorted(self._table))
            raise self.error("unknown_key", f"不认识的键：{unknown}", f"unknown key: {unknown}")


def scaled(text: object, scale: int) -> int | None:
    """A decimal written as text (or a whole number) as the integer ``value * 10**scale``; ``None`` if it is none.

    A binary float is refused: 0.1 has no exact value.
    """
    if isinstance(text, bool) or not isinstance(text, str | int) or not _NUMBER.fullmatch(str(text)):
        return None
    try:
        value = Decimal(text).scaleb(scale)
    except InvalidOperation:
        return None
    return int(value) if value == value.to_integral_value() else None

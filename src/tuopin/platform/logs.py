"""Logs that hold no personal data: query strings are cut off, and an exception is logged by place, not by its text."""

from __future__ import annotations

import logging
import re
import traceback
from datetime import UTC, datetime

_QUERY = re.compile(r"\?\S*")
_NUMBER = re.compile(r"\d{15,}[Xx]?")


class NoPersonalData(logging.Filter):
    """Takes query strings and long numbers (identity cards, accounts) out of a message."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = _NUMBER.sub("[number]", _QUERY.sub("?…", record.getMessage()))
        record.msg, record.args = text, None
        return True


def places(error: BaseException) -> str:
    """Class and lines of code of an exception and its causes, without the text, which may quote a person's data."""
    lines = []
    seen: BaseException | None = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(lines)


class PlainFormatter(logging.Formatter):
    """``time level logger message``, then the places of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="seconds")
        line = f"{at} {record.levelname} {record.name} {record.getMessage()}"
        error = record.exc_info[1] if record.exc_info else None
        return f"{line}\n{places(error)}" if error is not None else line

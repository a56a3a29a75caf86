"""Where in a TOML file a value stands, so that an error in an expression can name line and column.

``tomllib`` gives values without their places. A standard's expressions are strings on one line; this scan follows
table headers and keys line by line and remembers where each string's first character stands.
"""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*(\[{1,2})\s*([^\[\]#]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*([A-Za-z0-9_.\-]+)\s*=\s*("{3}|'{3}|"|')""")


def places(text: str) -> dict[tuple[str, str], tuple[int, int]]:
    """(table, key) → (line, column) from 1 of the first character inside the quotes.

    The n-th ``[[item]]`` is the table ``item[n]`` (from 0); ``[fact.in_school]`` is ``fact.in_school``; keys above
    the first header have the table ``""``.
    """
    found: dict[tuple[str, str], tuple[int, int]] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = header.group(2)
            if header.group(1) == "[[":
                index = counts.get(table, 0)
                counts[table] = index + 1
                table = f"{table}[{index}]"
            continue
        key = _KEY.match(line)
        if key:
            found[table, key.group(1)] = (number, key.end() + 1)
    return found

"""The code on a card: twenty digits in five groups, for a telephone's number pad. Nineteen are random (63 bits), the
last one tells a slip of the finger from a wrong code. Kept under a key of the installation alone
(docs/decisions/0089)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from tuopin.platform.home import home, keep_secret

if TYPE_CHECKING:
    from pathlib import Path

DIGITS = 20
KEY_FILE = "card_key"
LONGEST = 100
"""Characters that somebody may type: digits with spaces and dashes between."""


@cache
def _key(path: Path) -> bytes:
    return keep_secret(path, secrets.token_hex(32).encode())


def new_code() -> str:
    """A code that nobody has."""
    body = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}d}"
    return body + _check_digit(body)


def _check_digit(body: str) -> str:
    """ISO 7064, MOD 11,10: every single wrong digit shows, and nearly every two that changed places."""
    held = 10
    for digit in body:
        held = (held + int(digit)) % 10 or 10
        held = held * 2 % 11
    return str((11 - held) % 10)


def normal(text: str) -> str | None:
    """The code in what somebody typed (spaces, dashes, full-width digits), None where it can be none: wrong in length
    or in its check digit."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST])
    digits = "".join(each for each in plain if each not in " -–—\t\r\n\u3000.")
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if _check_digit(digits[:-1]) == digits[-1] else None


def key_of(code: str) -> str:
    """What stands in the database in place of a code."""
    return hmac.digest(_key(home() / "keys" / KEY_FILE), code.encode(), hashlib.sha256).hex()


def grouped(code: str) -> str:
    """As it is printed: ``1234 5678 9012 3456 7890``."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))

"""Hashing of first passwords: random ones, made by the thousand, good for one sign-in (docs/decisions/0029).

A slow hash protects what people think up. A random password of 79 bits needs none, and a quick one lets an office make
20,000 accounts in seconds. At the first sign-in the hash is replaced by the ordinary one, and a new password is asked
for.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher


class FirstPasswordHasher(PBKDF2PasswordHasher):
    """PBKDF2 with few rounds, only for passwords of :func:`tuopin.platform.accounts.services.random_password`."""

    algorithm = "tuopin_first"
    iterations = 1_000

    def verify(self, password: str, encoded: str) -> bool:
        """As Django's; a wrong one takes as long as with the ordinary hash, so that time tells nothing."""
        if super().verify(password, encoded):
            return True  # Django now makes the ordinary hash of it, which takes that long
        ordinary = get_hasher("default")
        ordinary.encode(password, ordinary.salt())
        return False

    def must_update(self, encoded: str) -> Any:  # noqa: ARG002 - Django's signature
        """Always: the first right sign-in replaces it."""
        return True


def encode(password: str) -> str:
    """The stored form of a first password."""
    hasher = FirstPasswordHasher()
    return str(hasher.encode(password, hasher.salt()))

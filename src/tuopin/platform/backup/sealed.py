"""Keys under a passphrase: scrypt makes a key of it, AES-256-GCM seals the files."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

NAME = "keys.sealed"
SECRET = ("secret_key", "audit_key.pem", "sealing_key", "search_key", "identity_key", "card_key")
_MEMORY = 2**16  # scrypt's n: 64 MiB, about a fifth of a second


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_MEMORY, r=8, p=1).derive(passphrase.encode())


def seal(keys: Path, passphrase: str) -> bytes:
    """The private keys of a folder as one sealed document."""
    if len(passphrase) < 12:
        raise Problem("short_passphrase", "口令至少要 12 个字符。", "The passphrase must have at least 12 characters.")
    plain = {name: (keys / name).read_text("ascii") for name in SECRET if (keys / name).exists()}
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, orjson.dumps(plain), NAME.encode())
    return orjson.dumps({"salt": _text(salt), "nonce": _text(nonce), "sealed": _text(sealed)})


def unseal(document: bytes, passphrase: str) -> dict[str, bytes]:
    """The keys by file name. Raises Problem if the passphrase is wrong."""
    parts = orjson.loads(document)
    key = _key(passphrase, base64.b64decode(parts["salt"]))
    try:
        plain = AESGCM(key).decrypt(base64.b64decode(parts["nonce"]), base64.b64decode(parts["sealed"]), NAME.encode())
    except InvalidTag as error:
        raise Problem(
            "wrong_passphrase", "口令不正确。未作任何改动。", "The passphrase is wrong. Nothing was changed."
        ) from error
    return {name: text.encode("ascii") for name, text in orjson.loads(plain).items() if name in SECRET}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")

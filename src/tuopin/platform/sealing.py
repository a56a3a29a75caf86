"""Short secrets that lie in the database sealed with a key of the data folder: who has only the one has neither."""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TYPE_CHECKING

from tuopin.platform.home import home, keep_secret
from tuopin.platform.problems import Problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_FILE = "sealing_key"


def _cipher() -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # loaded only where something is sealed

    made = base64.urlsafe_b64encode(secrets.token_bytes(32))
    return AESGCM(base64.urlsafe_b64decode(keep_secret(home() / "keys" / KEY_FILE, made)))


def seal(purpose: str, plain: bytes) -> str:
    """``plain`` under AES-256-GCM as text; it opens only for the same purpose."""
    nonce = secrets.token_bytes(12)
    return base64.b64encode(nonce + _cipher().encrypt(nonce, plain, purpose.encode())).decode("ascii")


def fingerprint(purpose: str, text: str) -> str:
    """A digest of ``text`` (64 characters) that tells two texts apart and, without the key, nothing else: nobody finds
    a short text by trying all of them."""
    made = base64.urlsafe_b64encode(secrets.token_bytes(32))
    key = keep_secret(home() / "keys" / KEY_FILE, made)
    return hmac.digest(key, f"{purpose}\0{text}".encode(), "sha256").hex()


def unseal(purpose: str, sealed: str) -> bytes:
    """What was sealed. Raises Problem for another key (after a restore without its keys) or a text that was touched."""
    from cryptography.exceptions import InvalidTag

    try:
        data = base64.b64decode(sealed, validate=True)
        return _cipher().decrypt(data[:12], data[12:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise Problem(
            "sealed_with_another_key",
            "这项内容是用另一把密钥封存的（可能恢复备份时没有恢复密钥），无法打开。请管理员重置。",
            "This was sealed with another key (perhaps a backup was restored without its keys) and cannot be opened."
            " Ask an administrator to reset it.",
        ) from error

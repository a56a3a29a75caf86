"""The key that signs the head of the audit chain, and the last head: both lie outside the database, in ``keys/``.

Who can write the database but not this folder cannot cut or rebuild the chain without it showing. Public keys of
former installations (after a restore without keys) lie in ``keys/trusted/`` as ``<fingerprint>.pem``.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from tuopin.platform.home import home, keep_secret

if TYPE_CHECKING:
    from pathlib import Path

KEY_FILE = "audit_key.pem"
HEAD_FILE = "audit_head.json"
TRUSTED = "trusted"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """Number and hash of the last link, the fingerprint of the key, and the signature in hexadecimal."""

    seq: int
    hash: str
    key: str
    signature: str


def _message(seq: int, hashed: str) -> bytes:
    return f"tuopin audit head {seq}:{hashed}".encode()


def _private_key() -> Ed25519PrivateKey:
    new = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = load_pem_private_key(keep_secret(home() / "keys" / KEY_FILE, new), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"keys/{KEY_FILE} is not an Ed25519 key")
    public = key.public_key()
    keep_secret(  # beside the private key, so that old heads can be checked even when that is lost
        home() / "keys" / TRUSTED / f"{fingerprint(public)}.pem",
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the raw public key, in hexadecimal."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def sign_head(seq: int, hashed: str) -> SignedHead:
    """Sign a head with this installation's key (made at first use)."""
    key = _private_key()
    return SignedHead(seq, hashed, fingerprint(key.public_key()), key.sign(_message(seq, hashed)).hex())


def trusted_keys() -> dict[str, Ed25519PublicKey]:
    """The public keys in ``keys/trusted/``, this installation's own among them, by fingerprint."""
    keys = [_private_key().public_key()]
    for path in sorted((home() / "keys" / TRUSTED).glob("*.pem")):
        key = load_pem_public_key(path.read_bytes())
        if isinstance(key, Ed25519PublicKey):
            keys.append(key)
    return {fingerprint(key): key for key in keys}


def is_genuine(signed: SignedHead, keys: dict[str, Ed25519PublicKey]) -> bool:
    """Whether the signature is by one of ``keys`` and fits number and hash."""
    key = keys.get(signed.key)
    if key is None:
        return False
    try:
        key.verify(bytes.fromhex(signed.signature), _message(signed.seq, signed.hash))
    except (InvalidSignature, ValueError):
        return False
    return True


def sign_digest(what: str, digest: str) -> dict[str, str]:
    """Sign the digest of a document with this installation's key: its fingerprint, the raw public key, the signature.
    ``what`` keeps a signature from being used for another kind of document."""
    key = _private_key()
    public = key.public_key()
    return {
        "key": fingerprint(public),
        "public_key": public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex(),
        "signature": key.sign(f"tuopin {what} {digest}".encode()).hex(),
    }


def signed_digest(what: str, digest: str, key: str, signature: str, keys: dict[str, Ed25519PublicKey]) -> bool:
    """Whether one of ``keys``, named by its fingerprint, signed this digest as a document of this kind."""
    known = keys.get(key)
    if known is None:
        return False
    try:
        known.verify(bytes.fromhex(signature), f"tuopin {what} {digest}".encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def keep_head(signed: SignedHead) -> None:
    """Keep the head beside the key. Written whole or not at all; called under the chainer's lock."""
    write_whole(home() / "keys" / HEAD_FILE, head_bytes(signed))


def head_bytes(signed: SignedHead) -> bytes:
    """A signed head as it lies in a file."""
    return orjson.dumps(asdict(signed))


def kept_head() -> SignedHead | None:
    """The head kept beside the key; None while there is none. Raises ValueError if it cannot be read."""
    try:
        document = orjson.loads((home() / "keys" / HEAD_FILE).read_bytes())
    except FileNotFoundError:
        return None
    return SignedHead(int(document["seq"]), str(document["hash"]), str(document["key"]), str(document["signature"]))


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file so that a reader, or a power cut, finds the old one or the new one, never half of either."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

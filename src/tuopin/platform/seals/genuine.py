"""Whose seal it is: the signature of a manifest, by the key that signs the head of the audit chain."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tuopin.platform.auditing import signing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_WHAT = "seal"


def sign(content: bytes) -> dict[str, str]:
    """The signature of a manifest's canonical content."""
    return signing.sign_digest(_WHAT, hashlib.sha256(content).hexdigest())


def genuine(content: bytes, signature: Mapping[str, Any], keys: dict[str, Ed25519PublicKey] | None = None) -> bool:
    """Whether one of ``keys`` (else those that this installation trusts) signed the content."""
    key, signed = signature.get("key"), signature.get("signature")
    if not isinstance(key, str) or not isinstance(signed, str):
        return False
    known = signing.trusted_keys() if keys is None else keys
    return signing.signed_digest(_WHAT, hashlib.sha256(content).hexdigest(), key, signed, known)

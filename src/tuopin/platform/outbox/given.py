"""What the environment says of mail and of hours. Imported by the settings: no Django here."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

_SCHEMES = {"smtp": {}, "smtp+starttls": {"use_tls": True}, "smtps": {"use_ssl": True}}
TIMEOUT = 20  # seconds


def mailer(url: str) -> dict[str, Any] | None:
    """The options of Django's SMTP backend for ``smtp+starttls://user:password@host:587`` (``smtps``: TLS from the
    start, ``smtp``: none); None for anything else."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not host or parts.path.strip("/") or parts.query or parts.fragment:
        return None
    options: dict[str, Any] = {"host": host, "timeout": TIMEOUT, **_SCHEMES[parts.scheme]}
    if port:
        options["port"] = port
    if parts.username:
        options |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return {"OPTIONS": options}


def is_sender(text: str) -> bool:
    """Whether mail may come from it: ``tuopin@office.example``, with or without a name before."""
    _name, address = parseaddr(text)
    name, at, domain = address.rpartition("@")
    return bool(name and at and domain) and text.isprintable() and address.isascii() and " " not in address


def hours(text: str) -> tuple[str, str] | None:
    """``08:00-20:00`` as two times in ISO form, the first before the second; None for anything else."""
    begins, dash, ends = text.strip().partition("-")
    if not dash or not all(_is_time(each) for each in (begins, ends)) or begins >= ends:
        return None
    return begins, ends


def _is_time(text: str) -> bool:
    hour, colon, minute = text.partition(":")
    digits = len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdigit()
    return bool(colon) and digits and int(hour) < 24 and int(minute) < 60

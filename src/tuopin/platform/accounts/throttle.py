"""Wrong passwords and codes by address: who tries many names from one place is stopped before anything is compared.

Accounts lock by themselves (``accounts.py``); this stops one password tried over many accounts. Counted in the
database, because several processes serve. Only failures count: a whole office may sit behind one address.
"""

from __future__ import annotations

import datetime
import ipaddress
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tuopin.platform.database import write
from tuopin.platform.models import Attempts

if TYPE_CHECKING:
    from django.http import HttpRequest

FAILURES = 60
MINUTES = 15


def address_of(request: HttpRequest) -> str:
    """The address a request comes from; behind ``TUOPIN_PROXIES`` trusted proxies the one the outermost of them saw.

    What stands further left in ``X-Forwarded-For`` was written by the client and is not believed. IPv6 addresses
    count by network (/64): a machine has as many as it likes there.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.TUOPIN_PROXIES
    if proxies:
        named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(named) >= proxies:
            address = named[-proxies]
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return "unknown"  # a unix socket, or nonsense: one bucket for all of it
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def blocked(request: HttpRequest, purpose: str = "") -> int:
    """Minutes until this address may try again; 0 = now. What is tried for another ``purpose`` counts by itself."""
    now = timezone.now()
    row = Attempts.objects.filter(pk=_key(request, purpose), until__gt=now, count__gte=FAILURES).first()
    return int((row.until - now).total_seconds() // 60) + 1 if row else 0


def failed(request: HttpRequest, purpose: str = "") -> None:
    """Count a wrong attempt. The time runs from the first one."""
    now, key = timezone.now(), _key(request, purpose)
    with write():
        Attempts.objects.filter(until__lte=now).delete()
        until = now + datetime.timedelta(minutes=MINUTES)
        Attempts.objects.bulk_create([Attempts(address=key, count=0, until=until)], ignore_conflicts=True)
        Attempts.objects.filter(pk=key).update(count=F("count") + 1)


def _key(request: HttpRequest, purpose: str) -> str:
    return salted_hmac(f"tuopin.platform.throttle{purpose}", address_of(request), algorithm="sha256").hexdigest()

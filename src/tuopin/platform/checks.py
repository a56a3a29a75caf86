"""System checks with hints: what would make this installation unsafe or let a rule of access fail silently."""

from __future__ import annotations

import os
import stat
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Warning, register  # noqa: A004 - Django's name for it
from django.utils import timezone

from tuopin.platform import catalogue, roles, working_days
from tuopin.platform.accounts import second_factor
from tuopin.platform.home import home
from tuopin.platform.outbox import gateway, given


def register_checks() -> None:
    """Make the checks known to Django (called once, when the application is ready)."""
    register(check_roles, "tuopin")
    register(check_keys, "tuopin")
    register(check_second_factor, "tuopin")
    register(check_outbox, "tuopin")
    register(check_calendar, "tuopin")
    register(check_deployment, "security", deploy=True)


def check_roles(**_options: Any) -> list[CheckMessage]:
    """Each permission that a role names is published by a room, each field class exists."""
    found: list[CheckMessage] = []
    published = catalogue.permissions()
    rooms = {name.partition(".")[0] for name in published}
    for role in roles.all_roles().values():
        for name in role.permissions:
            name = name.removeprefix("!")  # what is taken out of a pattern must exist too
            room = name.partition(".")[0]
            if "*" not in name and room in rooms and name not in published:
                found.append(
                    Error(
                        f"role {role.key}: no room publishes the permission {name}",
                        hint=f"Mend platform/roles.toml or add the permission to {room}/permissions.py.",
                        id="tuopin.E001",
                    )
                )
        found += [
            Error(
                f"role {role.key}: no such field class {name}",
                hint=f"Field classes are {', '.join(roles.FIELD_CLASSES)}.",
                id="tuopin.E002",
            )
            for name in role.field_classes
            if name not in roles.FIELD_CLASSES
        ]
    return found


def check_keys(**_options: Any) -> list[CheckMessage]:
    """Nobody but the owner may read the keys."""
    folder = home() / "keys"
    if os.name == "nt" or not folder.is_dir():
        return []
    open_files = [
        path.name for path in folder.iterdir() if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if not open_files:
        return []
    return [
        Warning(
            f"keys that others can read: {', '.join(sorted(open_files))}",
            hint="chmod 600 on them; if others use this machine, make new ones (docs/operate/keys.md).",
            id="tuopin.W001",
        )
    ]


def check_second_factor(**_options: Any) -> list[CheckMessage]:
    """A misspelt role would protect nobody."""
    strange = second_factor.unknown_roles()
    if not strange:
        return []
    return [
        Error(
            f"TUOPIN_SECOND_FACTOR_ROLES names no roles: {', '.join(strange)}",
            hint=f"Roles are {', '.join(roles.all_roles())}; none for nobody (docs/operate/access.md).",
            id="tuopin.E004",
        )
    ]


def check_outbox(**_options: Any) -> list[CheckMessage]:
    """What was set for messages and cannot be read would send nothing, and say nothing."""
    found: list[CheckMessage] = []
    hint = "See docs/operate/messages.md."

    def wrong(name: str, number: int, *, heeded: bool) -> None:
        if os.environ.get(name, "").strip() and not heeded:
            found.append(
                Error(f"{name} is not as it must be: it counts for nothing", hint=hint, id=f"tuopin.E{number:03}")
            )

    wrong("TUOPIN_MAIL_URL", 6, heeded=bool(settings.MAILERS))
    wrong("TUOPIN_MAIL_FROM", 11, heeded=given.is_sender(settings.DEFAULT_FROM_EMAIL))
    wrong("TUOPIN_GATEWAY_URL", 7, heeded=gateway.address() is not None)
    wrong("TUOPIN_OPEN_HOURS", 8, heeded=given.hours(os.environ.get("TUOPIN_OPEN_HOURS", "")) is not None)
    days = os.environ.get("TUOPIN_MESSAGES_DAYS", "").strip()
    wrong("TUOPIN_MESSAGES_DAYS", 9, heeded=days == str(settings.TUOPIN_MESSAGES_DAYS))
    if not settings.MAILERS and not settings.TUOPIN_GATEWAY_URL:
        found.append(Info("no mail server is set up: messages stay in the inbox", hint=hint, id="tuopin.I001"))
    elif not settings.TUOPIN_SITE_ADDRESS.startswith(("https://", "http://")):
        found.append(Warning("digests bear no links: TUOPIN_SITE_ADDRESS is not set", hint=hint, id="tuopin.W005"))
    return found


def check_calendar(**_options: Any) -> list[CheckMessage]:
    """Limits in working days rest on the days off of the year: those that came with the product, or were added."""
    hint = "Write calendar/YEAR.toml in the data folder (docs/operate/clock.md)."
    found: list[CheckMessage] = [
        Error(f"calendar/{name} cannot be read: it counts for nothing", hint=hint, id="tuopin.E010")
        for name in working_days.faults()
    ]
    today, years = timezone.localdate(), working_days.calendar().years
    if today.year not in years:
        found.append(Warning(f"the days off of {today.year} are not known", hint=hint, id="tuopin.W006"))
    elif today.month == 12 and today.year + 1 not in years:
        found.append(Info(f"the days off of {today.year + 1} are not known yet", hint=hint, id="tuopin.I002"))
    return found


def check_deployment(**_options: Any) -> list[CheckMessage]:
    """A server that others reach must speak TLS."""
    found: list[CheckMessage] = []
    outside = [host for host in settings.ALLOWED_HOSTS if host not in {"localhost", "127.0.0.1", "[::1]"}]
    if outside and not settings.SESSION_COOKIE_SECURE:
        found.append(
            Warning(
                "the server is reached from other machines without TLS",
                hint="Put a TLS proxy in front and set TUOPIN_HTTPS=1 (docs/operate/production.md).",
                id="tuopin.W002",
            )
        )
    given = os.environ.get("TUOPIN_PROXIES", "").strip()
    if given and given != "0" and not settings.TUOPIN_PROXIES:
        found.append(
            Error(f"TUOPIN_PROXIES={given} is no number from 0 to 5", hint="Count the proxies.", id="tuopin.E005")
        )
    if settings.SESSION_COOKIE_SECURE and not settings.TUOPIN_PROXIES:
        found.append(
            Warning(
                "behind a TLS proxy everybody seems to come from one address: wrong passwords of one stop all",
                hint="Say how many proxies stand in front: TUOPIN_PROXIES=1 (docs/operate/access.md).",
                id="tuopin.W003",
            )
        )
    if outside and not second_factor.required_roles():
        found.append(
            Warning(
                "the server is reached from other machines and no role needs a second factor",
                hint="Unset TUOPIN_SECOND_FACTOR_ROLES, or name roles (docs/operate/access.md).",
                id="tuopin.W004",
            )
        )
    if settings.DEBUG:
        found.append(Error("TUOPIN_DEBUG=1 shows data in error pages", hint="Unset TUOPIN_DEBUG.", id="tuopin.E003"))
    return found

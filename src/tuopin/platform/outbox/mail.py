"""Mail: one digest a person and day, by the server of ``TUOPIN_MAIL_URL``."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import DNS_NAME, EmailMessage, mailers

from tuopin.platform.outbox.channels import SENT, Outcome, is_over
from tuopin.platform.outbox.planning import MAIL

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tuopin.platform.outbox.channels import Parcel

_FOR_GOOD = range(500, 600)


class Mail:
    """Django's mail server ``default``; off where none is set up."""

    name = MAIL
    size = 20  # as many may be sent twice when the process is killed before it has written down that they were sent

    def is_on(self) -> bool:
        return "default" in mailers

    def deliver(
        self,
        parcels: Sequence[Parcel],
        now: datetime.datetime,  # noqa: ARG002 - as the protocol says
        until: float | None = None,
    ) -> Mapping[int, Outcome]:
        found: dict[int, Outcome] = {}
        try:
            connection = mailers["default"]
            connection.open()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return {each.id: Outcome("later", _why(error), away=True) for each in parcels}
        try:
            for parcel in parcels:
                if is_over(until):
                    break
                found[parcel.id] = _send(connection, parcel)
                if found[parcel.id].away:
                    break
        finally:
            _close(connection)
        return found


def _why(error: Exception) -> str:
    """Why nobody could be asked, as a code: what the server said may quote what it was told."""
    if isinstance(error, smtplib.SMTPResponseException):  # a wrong password, an account that is shut
        return f"smtp_{error.smtp_code}"[:40]
    return "bad_server" if isinstance(error, ValueError) else "unreachable"  # a name or password that no mail may have


def _send(connection: Any, parcel: Parcel) -> Outcome:
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or DNS_NAME
    headers = {
        "Message-ID": f"<{parcel.key}@{host}>",  # a repetition bears the same
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    message = EmailMessage(parcel.subject, parcel.text, to=[parcel.address], headers=headers)
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as refused:
        for_good = all(code in _FOR_GOOD for code, _text in refused.recipients.values())
        _reset(connection)
        return Outcome("never" if for_good else "later", "recipient_refused")
    except smtplib.SMTPResponseException as refused:
        _reset(connection)
        return Outcome("later", f"smtp_{refused.smtp_code}"[:40])
    except (smtplib.SMTPException, OSError):
        return Outcome("later", "unreachable", away=True)
    except ValueError:  # an address or a line that no mail may have
        return Outcome("never", "bad_address")
    return SENT


def _reset(connection: Any) -> None:
    """A server that hung up after a refusal is asked anew for the next one."""
    try:
        if getattr(connection, "connection", None) is not None:
            connection.connection.rset()
    except (smtplib.SMTPException, OSError):
        _close(connection)


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        connection.connection = None

"""The platform's own commands, one file per subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.platform.commands import audit, backup, developer, outbox, seals, serve, user

if TYPE_CHECKING:
    import click

commands: list[click.Command] = [
    serve.serve,
    serve.work,
    user.user,
    audit.audit,
    backup.backup,
    backup.restore,
    outbox.outbox,
    seals.seal,
    seals.seals,
    seals.verify_seal,
    seals.erase_identities,
    developer.migrate,
    developer.manage,
]


def settle() -> None:
    """What every command does in the end: chain pending audit entries and take in the read log."""
    from tuopin.platform.prepare import is_prepared

    if not is_prepared():  # the command never got as far as the database
        return
    from tuopin.platform.auditing.audit import chain_pending
    from tuopin.platform.auditing.readlog import drain

    chain_pending()
    drain()

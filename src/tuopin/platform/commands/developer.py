"""Hidden commands for scripts and developers."""

from __future__ import annotations

import click


@click.command(hidden=True)
def migrate() -> None:
    """准备数据目录与数据库。 Create or migrate keys and database; every command does the same first."""


@click.command(hidden=True, context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands, on this data folder."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["tuopin manage", *arguments])

"""Commands of orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .board.cli import matters_command
from .clock.cli import commands as clock
from .petitions.cli import petitions

if TYPE_CHECKING:
    import click

commands: list[click.Command] = [matters_command, *clock, petitions]

"""Commands that compose several rooms."""

from __future__ import annotations

from pathlib import Path

import click

from tuopin.platform.cli import json_option, output, progress


@click.command()
@click.option(
    "--households", type=click.IntRange(20, 200_000), default=20_000, show_default=True, help="户数。 Households."
)
@click.option(
    "--keep-files",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="工作簿存放目录，默认 TUOPIN_HOME/demo。 Where the workbooks are kept.",
)
@json_option
def demo(households: int, folder: Path | None, as_json: bool) -> None:
    """装入虚构的示范市（演示数据）。 Load an invented city and make demo accounts; data already there are kept."""
    from tuopin.console.demo import ACCOUNTS, HELPER, load
    from tuopin.platform.access import local_admin

    with progress("示范市 demo city") as bar:
        password = load(local_admin(), households=households, folder=folder, tell=lambda _what, rows: bar(rows))
    made = (*ACCOUNTS, HELPER)
    listed = [{"username": item.username, "password": password, "zh": item.zh, "en": item.en} for item in made]
    lines = ["演示账号（数据均为虚构） Demo accounts (all data are invented)"]
    lines += [f"  {item['username']:<14}{password}    {item['zh']} {item['en']}" for item in listed]
    output({"accounts": listed}, as_json, "\n".join(lines))


commands: list[click.Command] = [demo]

"""``tuopin cycle``: matters opened for what was chosen, at the terminal."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - read by click
from pathlib import Path
from typing import Any

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output


@click.group("cycle")
def cycle_group() -> None:
    """由核查结果立案。 Matters opened for findings."""


@cycle_group.command("open")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@json_option
def open_command(area: str, as_json: bool) -> None:
    """按本区域已选的标准立案、重新交办、建议核实。 Open, reopen and propose for what was chosen for an area."""
    from django.utils import timezone

    from tuopin.register.selectors import area as area_of

    from . import services

    actor = local_admin()
    report = services.run(actor, area_of(actor, area), timezone.now())
    document = {"area": area, **report.document()}
    lines = [
        f"立案 opened\t{report.opened}", f"无承办 without a holder\t{report.without_holder}",
        f"重新交办 reopened\t{report.reopened}", f"建议核实 proposed to be closed\t{report.proposed}",
    ]  # fmt: skip
    lines += [f"无核查结果 no evaluation\t{standard}" for standard in document["left_out"]]
    output(document, as_json, "\n".join(lines))


@cycle_group.command("preview")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@json_option
def preview_command(area: str, as_json: bool) -> None:
    """立案前看件数。 How many matters would be opened."""
    from tuopin.register.selectors import area as area_of

    from . import selectors

    actor = local_admin()
    found = selectors.preview(actor, area_of(actor, area))
    rows = [
        {"standard": each.title.zh, "origin": each.origin.key, "item": title.zh, "found": every, "new": fresh}
        for each in found
        for title, every, fresh in each.items
    ]
    lines = [f"{row['standard']}\t{row['item']}\t{row['origin']}\t{row['found']}\t{row['new']}" for row in rows]
    output({"area": area, "items": rows}, as_json, "\n".join(lines))


@cycle_group.command("run")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="判定日。 The day to judge by.")
@click.option("--dry-run", is_flag=True, help="只看会做什么，不写入。 Only say what it would do.")
@json_option
def run_command(paths: tuple[Path, ...], area: str, day: datetime | None, dry_run: bool, as_json: bool) -> None:
    """导入（可选）→ 核查 → 立案；中断后再运行即可接着做。 Import (if files are named), evaluate, open matters."""
    from django.utils import timezone

    from tuopin.register.importing.services import import_paths
    from tuopin.register.selectors import area as area_of

    from . import chain

    actor, judged = local_admin(), day.date() if day is not None else None
    document: dict[str, Any] = {"area": area, "dry_run": dry_run}
    if paths:
        document["import"] = import_paths(actor, list(paths), dry_run=dry_run).summary()
    place = area_of(actor, area)
    if dry_run:
        document |= chain.look(actor, place, judged, None)
        lines = [f"判定日 day\t{document['day']}"]
        lines += [f"核查 evaluate\t{zh}" for zh, _en in document["standards"]]
        lines += [f"立案 open\t{each['title'][0]}\t{each['origin']}\t{each['fresh']}" for each in document["openings"]]
    else:
        evaluations, report = chain.run(actor, place, judged, timezone.now())
        document |= {"evaluations": evaluations, **report.document()}
        lines = [
            f"核查 evaluated\t{evaluations}", f"立案 opened\t{report.opened}",
            f"重新交办 reopened\t{report.reopened}", f"建议核实 proposed to be closed\t{report.proposed}",
        ]  # fmt: skip
    if paths:
        households = document["import"]["households"]
        lines.insert(0, f"导入户 households imported\t{households}")
    output(document, as_json, "\n".join(lines))


commands: list[click.Command] = [cycle_group]

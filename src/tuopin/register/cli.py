"""Commands of the register: import, issues."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tuopin.platform.access import local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.cli import json_option, output, progress, say, writable
from tuopin.register.events.areas.commands import areas
from tuopin.register.events.commands import balance_command
from tuopin.register.outlines.commands import maps

if TYPE_CHECKING:
    from datetime import date, datetime

DAY = click.DateTime(formats=["%Y-%m-%d"])


def as_day(value: datetime | None) -> date | None:
    """The date of a ``--on`` or ``--as-of`` option."""
    return value.date() if value else None


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option(
    "--as-of", type=DAY, help="数据日期（默认：表题中的导出时间，其次最新核查日期）。 The day the workbooks describe."
)
@click.option("--year", type=click.IntRange(1949, 2200), help="台账年度。 The ledger year.")
@click.option("--dry-run", is_flag=True, help="只预览，不写入。 Preview; write nothing.")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="表头对照 TOML。 Unknown headers, as TOML.")
@json_option
def import_command(
    paths: tuple[Path, ...],
    as_of: datetime | None,
    year: int | None,
    dry_run: bool,
    map_file: Path | None,
    as_json: bool,
) -> None:
    """导入一个或多个工作簿（文件或文件夹）作为一个整体。 Take in workbooks, files or folders, as one set."""
    from .importing.maps import keep_map, titles_in_force
    from .importing.services import import_paths

    with progress("导入 import") as bar:
        report = import_paths(
            local_admin(),
            paths,
            as_of=as_day(as_of),
            year=year,
            dry_run=dry_run,
            titles=titles_in_force(map_file),
            progress=lambda _what, rows: bar(rows),
        )
    if map_file is not None and not dry_run:
        keep_map(map_file)
    for path in report.reject_workbooks:
        say(f"被拒的行和原因：{path}", f"Rejected rows with reasons: {path}")
    if dry_run:
        say("预览：未写入任何内容。", "Preview: nothing was written.")
    output(report.document(), as_json, None if as_json else import_text(report.document()))


def import_text(report: dict[str, Any]) -> str:
    """The report for a terminal, both languages side by side."""
    lines = []
    for item in report["files"]:
        if item["kind"] is None:
            lines.append(f"– {item['name']}  已跳过 skipped ({item['reason']})")
            continue
        skipped = sum(item["skipped"].values())
        lines.append(
            f"✓ {item['name']} [{item['sheet']}]  {item['kind']}, 表头第 {item['header_row']} 行 header row, "
            f"{item['rows']:,} 行 rows, 跳过 skipped {skipped}"
        )
    rows = report["rows"]
    changes = (
        ("新增", "created"),
        ("更新", "updated"),
        ("未变", "unchanged"),
        ("被拒", "rejected"),
        ("待关联", "waiting"),
    )
    lines += ["", " · ".join(f"{zh} {en} {rows[en]:,}" for zh, en in changes)]
    rejected = len(report["rejected_households"])
    lines.append(
        f"户 households {report['households_imported']:,} · 人 persons {report['persons_imported']:,} · "
        f"被拒户 rejected households {rejected:,}"
    )
    if report["issues"]:
        from .issue_codes import issue_title

        lines += ["", "数据疑点 data issues (tuopin issues):"]
        for code, subjects in report["issues"].items():
            title = issue_title(code)
            lines.append(f"  {len(subjects):>6,}  {title.zh} / {title.en}  [{code}]")
    return "\n".join(lines)


@click.command("issues")
@click.option("--code", default="", help="只列此类。 This code only.")
@click.option("--subject", default="", help="只列此户或此村。 This household or village only.")
@json_option
def issues_command(code: str, subject: str, as_json: bool) -> None:
    """列出未关闭的数据疑点：文件、工作表、行、列、值。 List open data issues with their cells."""
    from .issue_codes import issue_codes
    from .selectors import open_issues

    actor = local_admin()
    found = list(open_issues(actor, code=code, subject=subject))
    readlog.read(actor, "register.issues", {"code": code, "subject": subject}, len(found))
    known = issue_codes()
    document = [
        {
            "code": issue.code,
            "severity": known[issue.code].severity,
            "kind": issue.kind,
            "subject": issue.subject,
            "person": issue.person,
            "file": issue.sheet.file if issue.sheet else None,
            "sheet": issue.sheet.name if issue.sheet else None,
            "row": issue.row,
            "column": issue.column,
            "value": issue.value,
        }
        for issue in found
    ]
    output({"issues": document}, as_json, _issue_text(document))


def _issue_text(document: list[dict[str, Any]]) -> str:
    from .issue_codes import issue_codes

    known = issue_codes()
    lines = []
    code = ""
    for issue in document:
        if issue["code"] != code:
            code = issue["code"]
            entry = known[code]
            lines += ["", f"{entry.title.zh} / {entry.title.en} [{code}]", f"  → {entry.action.zh} / {entry.action.en}"]
        place = f"{issue['file']} [{issue['sheet']}] 第 {issue['row']} 行 row" if issue["file"] else "登记 register"
        lines.append(f"  {issue['subject']:<18} {place}  {issue['column']}  {issue['value']}")
    return "\n".join(lines).lstrip() or "没有未关闭的数据疑点。 No open data issues."


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), callback=writable)
@click.option(
    "--kind",
    default="household_person",
    help="household_person | household_check | household_water | household_works | village | village_works",
)
@click.option("--on", "day", type=DAY, required=True, help="哪一天的资料。 What held on this day.")
@click.option("--area", "area_code", default="", help="区划代码。 Code of an area; default: everything.")
@json_option
def export_command(file: Path, kind: str, day: datetime, area_code: str, as_json: bool) -> None:
    """导出为工作簿，可再导入。 Write a workbook that can be imported again."""
    from .exporting import export_workbook

    rows = export_workbook(local_admin(), file, kind=kind, on=day.date(), area_code=area_code)
    output({"file": file.name, "kind": kind, "rows": rows}, as_json, f"{file}  {rows:,} 行 rows")


@click.command("reindex")
@json_option
def reindex_command(as_json: bool) -> None:
    """重建名单和查找用的索引。 Make anew what lists and the search read, the index of ID numbers included."""
    from . import cards, id_keys

    households = cards.refresh_all()
    persons = id_keys.reindex()
    text = f"{households:,} 户 households, {persons:,} 人 persons"
    output({"households": households, "persons": persons}, as_json, text)


commands: list[click.Command] = [
    reindex_command, maps, import_command, issues_command, export_command, balance_command, areas,
]  # fmt: skip

"""``tuopin backup`` and ``tuopin restore``"""

from __future__ import annotations

from pathlib import Path

import click

from tuopin.platform.cli import json_option, output, say
from tuopin.platform.problems import Problem

_passphrase = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="密钥口令所在文件（第一行）。 File whose first line is the passphrase of the keys.",
)


def _read(path: Path | None) -> str | None:
    """A passphrase never comes as an argument: those can be read by others on the machine."""
    if path is None:
        return None
    try:
        return path.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(
            "no_passphrase", f"读不出口令文件 {path}。", f"Cannot read the passphrase file {path}."
        ) from error


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_passphrase
@json_option
def backup(file: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """在线备份到一个文件。 Back everything up into one file, while others work."""
    from tuopin.platform.access import local_admin
    from tuopin.platform.backup.writing import backup as write_backup

    manifest = write_backup(local_admin(), file.absolute(), _read(passphrase_file))
    if manifest.keys == "none":
        say(
            "注意：备份不含私钥（签名密钥）。请另行保存 keys 目录，或用 --passphrase-file 加密后一并备份。",
            "Note: the private keys are not in it. Keep the folder keys elsewhere too, or use --passphrase-file.",
        )
    document = {
        "file": str(file),
        "size": file.stat().st_size,
        "audit_head": manifest.audit_head,
        "keys": manifest.keys,
        "parts": len(manifest.files),
    }
    output(document, as_json, f"{file}\t{file.stat().st_size:,}\t{manifest.audit_head}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_passphrase
@click.option(
    "--replace", is_flag=True, help="替换现有数据（原数据另存）。 Replace the data there are; they are kept aside."
)
@json_option
def restore(file: Path, passphrase_file: Path | None, replace: bool, as_json: bool) -> None:
    """核对并恢复备份。 Check a backup and put it in place."""
    from tuopin.platform.access import local_admin
    from tuopin.platform.backup.restoring import restore as put_back

    manifest, aside = put_back(local_admin(), file.absolute(), _read(passphrase_file), replace=replace)
    if manifest.keys == "encrypted" and passphrase_file is None:
        say(
            "备份里的密钥未取出（没有给 --passphrase-file），沿用本机密钥。",
            "The keys in the backup were not taken out (no --passphrase-file); this machine's own are used.",
        )
    document = {"restored": manifest.created_at, "audit_head": manifest.audit_head, "former": ""}
    if aside.exists():
        document["former"] = str(aside)
        say(
            f"原数据另存在 {aside}，确认无误后请删除。",
            f"The former data lie in {aside}. Delete them once all is well.",
        )
    output(document, as_json, f"{manifest.created_at}\t{manifest.audit_head}")

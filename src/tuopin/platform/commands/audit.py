"""``tuopin audit``"""

from __future__ import annotations

import click

from tuopin.platform.cli import json_option, output
from tuopin.platform.words import terminal_languages

_WORDS = {
    "ok": ("完整", "sound"),
    "broken": ("链条断裂：有记录被改动或删除", "broken: an entry was changed or removed"),
    "cut": ("链条被截短：结尾的记录不见了", "cut: entries at the end are missing"),
    "rebuilt": ("链条被重建：与已签名的链头不符", "rebuilt: it does not agree with a signed head"),
}


@click.group()
def audit() -> None:
    """审计日志。 The audit log."""


@audit.command()
@click.option(
    "--anchor", metavar="SEQ:HASH", help="外部保存的链头。 A head kept elsewhere, as printed by `audit head`."
)
@json_option
def verify(anchor: str | None, as_json: bool) -> int:
    """核对审计链。 Check the chain; exit status 3 if it is not sound."""
    from tuopin.platform.auditing.audit import verify as check

    report = check(anchor)
    lines = []
    for language in terminal_languages():
        english = language == "en"
        lines.append(f"{'Audit chain' if english else '审计链'}: {_WORDS[report.status][english]}")
        if report.reason:
            lines.append(f"  {report.reason} ({report.at})")
        lines.append(
            f"  {'entries chained' if english else '已入链'} {report.chained}"
            f", {'head' if english else '链头'} {report.head}"
        )
        lines.append(f"  {'waiting for the chainer (no fault)' if english else '待入链（正常）'} {report.pending}")
    output(report.document(), as_json, "\n".join(lines))
    return 0 if report.sound else 3


@audit.command()
@json_option
def head(as_json: bool) -> None:
    """打印链头，供外部保存。 Print the head, to be kept elsewhere as an anchor."""
    from tuopin.platform.auditing.audit import chain_pending
    from tuopin.platform.auditing.audit import head as end

    chain_pending()
    seq, hashed = end()
    output({"seq": seq, "hash": hashed, "anchor": f"{seq}:{hashed}"}, as_json, f"{seq}:{hashed}")

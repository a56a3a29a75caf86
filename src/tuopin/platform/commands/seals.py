"""``tuopin seal``, ``seals``, ``verify-seal``, ``erase-identities``"""

from __future__ import annotations

import click

from tuopin.platform.cli import json_option, output, progress, say
from tuopin.platform.words import terminal_languages


@click.command()
@json_option
def seal(as_json: bool) -> None:
    """封存当前数据。 Seal the register as it is now, while others work."""
    from tuopin.platform.access import local_admin
    from tuopin.platform.seals import services

    with progress("封存 seal") as bar:
        made = services.seal(local_admin(), lambda done, total, _what: bar(done, total))
    document = {
        "number": made.number, "digest": made.digest, "rows": made.rows, "bytes": made.bytes,
        "data_version": made.data_version,
    }  # fmt: skip
    output(document, as_json, f"{made.number}\t{made.rows:,}\t{made.digest}")


@click.command()
@json_option
def seals(as_json: bool) -> None:
    """列出封存。 List the seals, the newest first."""
    from django.utils import timezone

    from tuopin.platform.access import local_admin
    from tuopin.platform.seals import selectors, words

    rows = list(selectors.seals(local_admin())[:1000])
    document = {
        "seals": [
            {
                "number": row.number, "sealed_at": row.sealed_at, "digest": row.digest, "rows": row.rows,
                "bytes": row.bytes, "data_version": row.data_version, "state": row.state,
            }
            for row in rows
        ]
    }  # fmt: skip
    lines = [
        f"{row.number}\t{timezone.localtime(row.sealed_at):%Y-%m-%d %H:%M}\t{row.rows:,}\t{row.digest}\t"
        + " ".join(
            words.STATES[row.state].en if language == "en" else words.STATES[row.state].zh
            for language in terminal_languages()
        )
        for row in rows
    ]
    if not rows:
        say("还没有封存。", "There is no seal yet.")
    output(document, as_json, "\n".join(lines))


@click.command("verify-seal")
@click.argument("number", type=click.IntRange(1))
@json_option
def verify_seal(number: int, as_json: bool) -> int:
    """核对一份封存。 Check every byte of a seal; exit status 3 if it is not sound."""
    from tuopin.platform.access import local_admin
    from tuopin.platform.seals import checking, words

    with progress("核对 verify") as bar:
        found = checking.verify(local_admin(), number, lambda done, total, _what: bar(done, total))
    lines = []
    for language in terminal_languages():
        english = language == "en"
        state = words.STATES["sound" if found.sound else "faulty"]
        lines.append(f"{'Seal' if english else '封存'} {number}: {state.en if english else state.zh}")
        for fault in found.faults[:100]:
            title = words.fault(fault.code)
            lines.append(f"  {title.en if english else title.zh} {fault.file}")
        kept = words.IDENTITIES[found.identities]
        lines.append(f"  {'identities' if english else '身份资料'}: {kept.en if english else kept.zh}")
    output(found.document(), as_json, "\n".join(lines))
    return 0 if found.sound else 3


@click.command("erase-identities")
@click.option("--person", "persons", type=click.IntRange(1), multiple=True, help="人的内部编号。 Number of a person.")
@click.option("--household", "households", type=click.IntRange(1), multiple=True, help="户的内部编号。 Of a household.")
@click.option("--document", required=True, help="依据的文号。 Number of the paper that asks for it.")
@json_option
def erase_identities(persons: tuple[int, ...], households: tuple[int, ...], document: str, as_json: bool) -> None:
    """从所有封存的身份资料中删除。 Take persons or households out of what all seals hold of who is who."""
    from tuopin.platform.access import local_admin
    from tuopin.platform.seals import services

    done = services.erase(
        local_admin(), persons=frozenset(persons), households=frozenset(households), document=document
    )
    output(done, as_json, f"{done['seals']}\t{done['rows']}")

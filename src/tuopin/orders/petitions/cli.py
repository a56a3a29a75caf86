"""``tuopin petitions``: counts, what is due, erasing. No name, no word of anybody leaves here."""

from __future__ import annotations

import click

from tuopin.platform.access import local_admin
from tuopin.platform.auditing import readlog
from tuopin.platform.cli import json_option, output


@click.group("petitions")
def petitions() -> None:
    """信访件：件数、到期、清除来访人信息。 Petitions: counts, what is due, erasing who came."""


@petitions.command("counts")
@json_option
def counts_command(as_json: bool) -> None:
    """各状态件数。 How many in each state."""
    from . import counting, selectors

    found = selectors.counts(local_admin())
    readlog.read(local_admin(), "orders.petitions", {"counts": True}, counting.noted(len(found)))
    document = {"states": {key: count for key, _title, count in found}}
    said = [f"{title.zh} {title.en}: {count}" for _key, title, count in found]
    output(document, as_json, "\n".join(said) or "没有信访件。 No petition.")


@petitions.command("due")
@click.option("--days", type=click.IntRange(0, 366), default=7, help="多少天内到期。 Due within so many days.")
@json_option
def due_command(days: int, as_json: bool) -> None:
    """已过期和将到期的编号。 The numbers of what is late, or due soon."""
    from django.utils import timezone

    from . import counting, selectors

    found = selectors.due(local_admin(), timezone.now(), days)
    readlog.read(local_admin(), "orders.petitions", {"due": days}, counting.noted(len(found)))
    rows = [
        {"matter": each.row.pk, "state": each.row.state, "limit": each.limit.isoformat() if each.limit else None,
         "late": each.late}
        for each in found
    ]  # fmt: skip
    said = [f"№ {row['matter']} {row['state']} {row['limit']}{' 逾期 late' if row['late'] else ''}" for row in rows]
    output({"petitions": rows}, as_json, "\n".join(said) or "没有到期的。 Nothing is due.")


@petitions.command("erase")
@click.option("--yes", is_flag=True, help="确认清除；不加只看件数。 Erase; without it, only how many.")
@json_option
def erase_command(yes: bool, as_json: bool) -> None:
    """清除保存期满的来访人信息，不能恢复。 Erase who came where the time to keep it is over, for good."""
    from django.utils import timezone

    from . import erasing

    now = timezone.now()
    found = erasing.erase(local_admin(), now) if yes else erasing.due(local_admin(), now).count()
    said = (
        f"已清除 {found} 件。 {found} erased." if yes else f"可清除 {found} 件（加 --yes 执行）。 {found} to be erased."
    )
    output({"erased" if yes else "due": found}, as_json, said)

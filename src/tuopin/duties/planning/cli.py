"""Commands of bulk assignment: working out a plan, applying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tuopin.platform.access import local_admin
from tuopin.platform.cli import json_option, output

if TYPE_CHECKING:
    from datetime import datetime


@click.command("plan-duties")
@click.option("--area", required=True, help="区划代码。 Code of an area.")
@click.option("--on", "day", type=click.DateTime(formats=["%Y-%m-%d"]), required=True, help="生效日。 From which day.")
@click.option("--all", "everything", is_flag=True, help="全部重新安排，不只补空缺。 All anew, not only gaps.")
@click.option(
    "--least", type=click.IntRange(0, 1_000), default=0, help="每人至少几户。 Households an official at least."
)
@click.option(
    "--most", type=click.IntRange(1, 1_000), default=10, help="每人至多几户。 Households an official at most."
)
@click.option("--apply", "applied", is_flag=True, help="随即执行。 Apply it at once.")
@json_option
def plan_duties(
    area: str, day: datetime, everything: bool, least: int, most: int, applied: bool, as_json: bool
) -> None:
    """批量指派帮扶责任人：算出最优方案（草案）。 A plan of helpers, the best within the bounds, as a draft."""
    from . import selectors, services
    from .asking import asked

    actor = local_admin()
    only = "all" if everything else "gaps"
    given = {
        "area": area, "day": day.date().isoformat(), "only": only, "statuses": "exited", "pool": "area",
        "bounds": {"": [least, most]},
    }  # fmt: skip
    plan = services.make(actor, asked(given))
    begun = services.apply(actor, plan.pk) if applied else 0
    counts, gap = dict(selectors.counts(plan)), selectors.gap(plan)
    document = {
        "plan": plan.pk, "households": plan.households, "officials": plan.officials, **counts, "cost": plan.cost,
        "bound": plan.bound, "gap_hundredths_percent": gap, "applied": begun,
    }  # fmt: skip
    shortages = [f"{zh}\n{en}" for zh, en in plan.figures["shortages"]]
    lines = [
        f"方案 plan {plan.pk}: {plan.households:,} 户 households, {plan.officials:,} 名干部 officials",
        ", ".join(f"{title.zh} {title.en} {counts[key]:,}" for key, title in selectors.KINDS.items()),
        f"代价 cost {plan.cost:,}, 下限 bound {plan.bound:,}",
        f"与最优相差至多 gap at most {(gap or 0) / 100:.2f} %",
        *shortages,
    ]
    if applied:
        lines.append(f"已执行 applied: {begun:,}")
    output(document, as_json, "\n".join(lines))


commands: list[click.Command] = [plan_duties]

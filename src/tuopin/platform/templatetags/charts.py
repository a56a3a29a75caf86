"""``{% chart chart %}`` prints a chart, ``{% chart_scripts %}`` what draws it; both after ``{% load charts %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from tuopin.platform.charts import shown

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from tuopin.platform.charts import Chart

register = template.Library()


@register.inclusion_tag("platform/chart.html", takes_context=True)
def chart(context: dict[str, Any], chart: Chart, *, level: int = 2) -> dict[str, Any]:
    """Title, unit, source, day, picture and table. ``level`` is that of the heading. The CSV stands at ``?csv=KEY``."""
    rows = [
        (row, [(series, shown(series, cell)) for series, cell in zip(chart.series, row.cells, strict=True)])
        for row in chart.rows
    ]
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is not None:
        query["csv"] = chart.key
    return {
        "chart": chart,
        "request": request,
        "rows": rows,
        "level": level,
        "csv": f"?{query.urlencode()}" if query is not None else "",
        "coded": any(row.code for row in chart.rows),
    }


@register.simple_tag
def chart_scripts() -> SafeString:
    """For the head of a page with charts: the drawing library is loaded nowhere else."""
    return format_html(
        '<link rel="stylesheet" href="{}"><script defer src="{}"></script><script defer src="{}"></script>',
        static("platform/charts.css"), static("vendor/echarts.min.js"), static("platform/charts.js"),
    )  # fmt: skip

"""What happens below because of something above: the one file that says so.

==========================================  =====================================================  ==================
because of …                                … there is …                                           done by
==========================================  =====================================================  ==================
a condition not met by the newest           a problem 标准未达, for whoever ``cycle.toml`` names    ``services.run``
evaluation
a condition of which it is not known        a problem 数据核查                                      ``services.run``
a doubt that a rule of data quality finds,  a problem 数据核查                                      ``services.run``
and that nobody vouched for
an open problem that a visit found          a problem 走访                                          ``services.run``
an incident that is not closed              a problem 返贫、受灾事件                                ``services.run``
a finding judged again, or a problem found  the matter is reopened, with a new limit                ``services.run``
at a visit again, after the matter was
closed
an evaluation that no longer finds it, a    a proposal to verify and close; nobody closes by        ``services.run``
problem or an incident that somebody ended  machine
an import that somebody ticked it for       an evaluation of its area, then the matters             ``chain.run``
a problem of a household, if somebody       a measure of its help plan, once a matter               ``planning.put``
says so
such a measure that is done                 a proposal to report the matter done; nobody reports    ``planning.done``
                                            by machine
==========================================  =====================================================  ==================

All of it only for what a person chose for an area (``models.Opening``), and when a person begins it. A finding is a
subject, an origin (a key below), a standard and an item; it has one matter for good (unique keys of
``orders.models.MatterSubject``). Of a visit the standard is the sort of problem and the item what it is about; of an
incident the kind, and the day on which it was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuopin.core.standards.kinds import KindKey

type Sort = KindKey | Literal["told"]


@dataclass(frozen=True, slots=True)
class Origin:
    """A sort of findings: ``verdict`` of evaluations of ``kind``, or what people told (``told``: of visits and
    incidents); ``source`` of the matters that it opens (a key of ``orders/matters.toml``); ``ending``: what stands
    behind the item’s title in theirs. ``gone``: letters of a later verdict by which it no longer stands."""

    key: str
    title: Title
    kind: Sort
    verdict: str
    source: str
    ending: str
    gone: str


ORIGINS: Mapping[str, Origin] = {
    each.key: each
    for each in (
        Origin("not_met", Title("标准未达", "not met"), "conditions", "not_met", "not_met", "未达标", "m"),
        Origin(
            "unknown", Title("情况未知", "unknown"), "conditions", "unknown", "data_check", "情况未知，待核实", "mn"
        ),
        Origin("doubt", Title("数据疑点", "doubt in data"), "quality", "not_met", "data_check", "待核实", "m"),
        Origin("visit", Title("走访问题", "problem found at a visit"), "told", "", "visit", "问题，待处理", ""),
        Origin("incident", Title("返贫、受灾事件", "incident"), "told", "", "incident", "，待处置", ""),
    )
}
CLOSED_TITLE = "数据或保障问题，待核实"
"""The title of a matter whose item rests on facts of a class that an area does not open."""
CLOSED_TEXT = "发现问题，内容按权限在该户（该区域）的页面查看。"
CLOSED_AS = "unknown"
"""The origin that one of a closed class looks like where people told it."""
CLOSED_SOURCE = "data_check"
"""Its source where people told it: that there was an incident of such a kind is told with the class alone."""
LEVELS = ("person", "household", "village", "township", "county", "city")
"""Whom matters are opened for. One about a person belongs to where the household lives, and stands on its page."""

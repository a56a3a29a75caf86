"""Codes of this part and their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTERPRISES: Mapping[str, Title] = {
    "leading": Title("龙头企业", "leading enterprise"),
    "company": Title("企业", "company"),
    "cooperative": Title("合作社", "cooperative"),
    "family_farm": Title("家庭农场", "family farm"),
    "workshop": Title("扶贫车间", "workshop"),
    "big_grower": Title("种养大户", "large grower"),
    "other": Title("其他", "other"),
}
RISKS: Mapping[str, Title] = {
    "normal": Title("正常", "normal"),
    "watch": Title("关注", "to be watched"),
    "risk": Title("风险", "at risk"),
    "stopped": Title("停产", "stopped"),
    "bankrupt": Title("破产或注销", "bankrupt or closed"),
}
AT_RISK = ("risk", "stopped", "bankrupt")
ENDED = ("stopped", "bankrupt")
FORMS: Mapping[str, Title] = {
    "work": Title("务工", "work"),
    "shares": Title("入股", "shares"),
    "land": Title("土地流转", "land rent"),
    "orders": Title("订单", "orders"),
    "assets": Title("资产收益", "asset income"),
}
WORKS: Mapping[str, Title] = {
    "away": Title("外出务工", "work away from home"),
    "local": Title("就近务工", "work nearby"),
    "workshop": Title("扶贫车间", "workshop"),
    "public_post": Title("公益岗位", "public post"),
    "self": Title("自主创业", "own business"),
}
PLACES: Mapping[str, Title] = {
    "township": Title("乡（镇）内", "in the township"),
    "county": Title("乡（镇）外县内", "in the county"),
    "province": Title("县外省内", "in the province"),
    "outside": Title("省外", "outside the province"),
    "other": Title("其他", "elsewhere"),
}
USES: Mapping[str, Title] = {
    "own": Title("户贷户用", "own use"),
    "lent_on": Title("户贷企用", "lent on to an enterprise"),
}
OLD_HOUSE: Mapping[str, Title] = {
    "down": Title("已拆除", "down"),
    "standing": Title("未拆除", "standing"),
    "kept": Title("经批准保留", "kept by permission"),
}

YOUNGEST = 16
"""Whoever is younger may not work: such rows are refused (the labour law's limit, 周岁)."""
DUE_SOON = 60
"""Days before a loan falls due from which it is due soon."""

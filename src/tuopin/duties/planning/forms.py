"""The form of a plan: fields to a request, and what it shows again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.core.assignment import Weights
from tuopin.core.language.catalogue import Title
from tuopin.duties import kinds

from .asking import Asked, asked

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping

    from django.http import QueryDict

WEIGHTS = {
    "change": Title("更换一户的帮扶人", "a household changes its helper"),
    "unit": Title("多一个单位进一个村", "one more unit in a village"),
    "distance": Title("一户每远一级（村→乡→县→市）", "each step of distance of a household"),
    "even": Title("一户超出人均数", "a household above the even share"),
}
FEWEST, MOST = 0, 10
"""Bounds that the form proposes for everybody."""


def of_form(given: QueryDict, area: str) -> Asked:
    """The request of a form. Raises Problem."""
    bounds = {}
    for level in ("", *kinds.levels()):
        least, most = (given.get(f"{side}_{level}", "").strip() for side in ("least", "most"))
        if level == "" or least or most:
            bounds[level] = [least or "0", most or (given.get("most_", "") if level else "")]
    return asked(
        {
            "area": area, "day": given.get("day"), "only": given.get("only"), "statuses": given.get("statuses"),
            "pool": given.get("pool"), "names": given.get("names", "")[:200_000].splitlines(), "bounds": bounds,
            "reach": given.get("reach", "3"),
            "weights": {key: given.get(f"weight_{key}") for key in WEIGHTS if given.get(f"weight_{key}")},
        }
    )  # fmt: skip


def rows(given: Mapping[str, str]) -> list[dict[str, Any]]:
    """The lines of bounds: all, then each level of posts, the highest first."""
    everybody = {"": Title("所有干部（未另定的）", "everybody not named below")}
    usual = {"least_": str(FEWEST), "most_": str(MOST)}
    return [
        {
            "key": key, "title": title,
            **{side: given.get(f"{side}_{key}", usual.get(f"{side}_{key}", "")) for side in ("least", "most")},
        }
        for key, title in {**everybody, **kinds.levels()}.items()
    ]  # fmt: skip


def weights(given: Mapping[str, str]) -> list[tuple[str, Title, str]]:
    """What costs how much, as filled in or as usual."""
    usual = Weights()
    return [(key, title, given.get(f"weight_{key}", str(getattr(usual, key)))) for key, title in WEIGHTS.items()]


def filled(given: Mapping[str, str], today: datetime.date) -> dict[str, str]:
    """The chosen values of the form."""
    usual = {"day": today.isoformat(), "only": "gaps", "statuses": "exited", "pool": "area", "reach": "3", "names": ""}
    return {key: given.get(key, value) for key, value in usual.items()}

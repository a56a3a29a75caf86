"""Households, persons and villages that somebody may correct, each with the village by which grants count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from django.db.models.expressions import RawSQL

from tuopin.platform import database
from tuopin.platform.access import field_classes_at, one_page, require, visible_ids, visible_paths
from tuopin.platform.problems import Missing

from ..models import AreaVersion, Household, Membership, Residence
from ..permissions import CORRECT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from django.db import models

    from tuopin.platform.access import Actor

AREAS = ("village", "county")
"""Levels of which the subject is an area."""

type Key = tuple[str, int]
"""Level and id of a subject."""


@dataclass(frozen=True, slots=True)
class Subject:
    """``code`` is that of the household or village; ``classes`` are the field classes open to the actor there, None =
    all."""

    level: str
    id: int
    code: str
    household_id: int | None
    village_id: int
    classes: frozenset[str] | None

    def opens(self, field_class: str) -> bool:
        return self.classes is None or field_class in self.classes


def listed(ids: Iterable[int]) -> RawSQL:
    """Many ids as one parameter: ``filter(pk__in=listed(ids))`` is one statement whatever their number."""
    document = orjson.dumps(list(ids)).decode()
    if database.is_postgresql():
        return RawSQL("select value::bigint from jsonb_array_elements_text(%s::jsonb)", [document])
    return RawSQL("select value from json_each(%s)", [document])


def listed_texts(texts: Iterable[str]) -> RawSQL:
    """Many codes as one parameter, as :func:`listed`."""
    document = orjson.dumps(list(texts)).decode()
    if database.is_postgresql():
        return RawSQL("select value from jsonb_array_elements_text(%s::jsonb)", [document])
    return RawSQL("select value from json_each(%s)", [document])


def placed(actor: Actor, keys: Collection[Key], day: date) -> dict[Key, Subject]:
    """The subjects by key. Raises Refused for who may correct nothing at all, Missing if one is outside the grants or
    does not exist: the two look alike."""
    require(actor, CORRECT)
    found = find(actor, keys, day)
    for key in keys:
        if key not in found:
            raise outside()
    return found


def outside() -> Missing:
    """What is said of everything that is not there, or not for this reader."""
    return Missing(
        "no_such_subject",
        "没有找到要更正的户、人或村，或不在您的管辖范围内。",
        "There is no such household, person or village, or it lies outside your grants.",
    )


def find(actor: Actor, keys: Collection[Key], day: date) -> dict[Key, Subject]:
    """Those of the subjects that the actor may correct, as they lived on the day. A fixed number of statements."""
    ids = {level: {key for of, key in keys if of == level} for level in ("household", "person", *AREAS)}
    members = _on(Membership, "person_id", "household_id", ids["person"], day)
    households = ids["household"] | set(members.values())
    homes = _on(Residence, "household_id", "area_id", households, day)
    codes = dict(Household.objects.filter(pk__in=listed(homes)).values_list("pk", "code")) if homes else {}
    areas = _areas(ids["village"] | ids["county"] | set(homes.values()), day)
    allow = _Allowed(actor)
    found: dict[Key, Subject] = {}
    for level, key in keys:
        household = key if level == "household" else members.get(key) if level == "person" else None
        village = key if level in AREAS else homes.get(household or 0)
        version = areas.get(village or 0)
        if version is None or (level in AREAS and version.level != level) or not allow.reaches(version.path, household):
            continue
        code = version.code if household is None else codes[household]
        classes = allow.classes(version.path, household)
        found[level, key] = Subject(level, key, code, household, version.area_id, classes)
    return found


class _Allowed:
    """Grants read once for a whole set."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._ranges = visible_paths(actor, CORRECT)
        self._single = visible_ids(actor, CORRECT, "household")
        self._known: dict[tuple[str, int | None], frozenset[str] | None] = {}

    def reaches(self, path: str, household: int | None) -> bool:
        inside = self._ranges is None or any(low <= path < high for low, high in self._ranges)
        return inside or (household is not None and household in self._single)

    def classes(self, path: str, household: int | None) -> frozenset[str] | None:
        key = (path, household if household in self._single else None)
        if key not in self._known:
            self._known[key] = field_classes_at(self._actor, CORRECT, path, key[1])
        return self._known[key]


def once(actor: Actor, keys: Collection[Key], day: date) -> dict[Key, Subject]:
    """:func:`placed` with the grants read once, for requests that write."""
    with one_page():
        return placed(actor, keys, day)


def _on(model: type[models.Model], subject: str, value: str, ids: Collection[int], day: date) -> dict[int, int]:
    """What a dated table says on the day; before its first row, the first one; after the last, the last."""
    if not ids:
        return {}
    rows = model._default_manager.filter(**{f"{subject}__in": listed(ids)}).order_by("valid_from", "pk")
    found: dict[int, tuple[date, int]] = {}
    for key, held, since in rows.values_list(subject, value, "valid_from"):
        if key not in found or since <= day:
            found[key] = (since, held)
    return {key: held for key, (_since, held) in found.items()}


def _areas(ids: Collection[int], day: date) -> Mapping[int, AreaVersion]:
    if not ids:
        return {}
    rows = AreaVersion.objects.filter(area_id__in=listed(ids), level__in=AREAS).order_by("valid_from")
    found: dict[int, AreaVersion] = {}
    for row in rows:
        if row.area_id not in found or row.valid_from <= day:
            found[row.area_id] = row
    return found

"""Reading stored evaluations. Every selector takes the actor and shows only what lies in the actor's grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from django.db import connection

from tuopin.core.standards import FROM_LETTER
from tuopin.platform.access import visible_ids, visible_paths
from tuopin.platform.catalogue import catalogue
from tuopin.register.models import AreaVersion
from tuopin.register.permissions import VIEW_HOUSEHOLD
from tuopin.register.selectors import on_day, within
from tuopin.standards import statements
from tuopin.standards.permissions import VIEW
from tuopin.standards.statements import Choice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.platform.access import Actor
    from tuopin.standards.models import Evaluation


def decode(evaluation: Evaluation, letters: str) -> dict[str, str]:
    """Verdicts by key (``overall`` first) from the letters of a row."""
    return dict(zip(["overall", *evaluation.items], (FROM_LETTER[letter] for letter in letters), strict=True))


def decode_facts(evaluation: Evaluation, shown: str) -> dict[str, str | int | None]:
    """Shown facts by name: decimals as text, whole numbers as numbers, None if unknown."""
    texts = shown.split("|") if evaluation.shown else []
    return {
        fact["name"]: None if not text else text if fact["places"] else int(text)
        for fact, text in zip(evaluation.shown, texts, strict=True)
    }


def rows_with_codes(actor: Actor, evaluation: Evaluation) -> Iterator[tuple[str, str, str]]:
    """(code, letters, shown) of every subject in the grants, by subject id: the whole evaluation as a stream."""
    published = catalogue()
    codes = statements.codes(published, published.level(evaluation.level), evaluation.day, Choice(evaluation.level))
    scope = _scope_sql(actor, evaluation)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.code, v.letters, v.shown FROM standards_verdict v"  # noqa: S608 - names of the catalogue, numbers
            f" JOIN ({codes}) c ON c.id = v.subject_id WHERE v.evaluation_id = %s{scope} ORDER BY v.subject_id",
            [evaluation.pk],
        )
        while chunk := cursor.fetchmany(10_000):
            yield from chunk


def _scope_sql(actor: Actor, evaluation: Evaluation) -> str:
    """Narrows rows to the grants of the actor: areas by path as of the day, and single households. A household must
    also live within them now: these rows name it."""
    paths = visible_paths(actor, VIEW)
    if paths is None:
        return ""
    areas = AreaVersion.objects.filter(on_day(evaluation.day)).filter(within(paths)).values_list("area_id", flat=True)
    inside = f"v.area_id IN ({', '.join(str(int(each)) for each in areas) or 'NULL'})"
    single = visible_ids(actor, VIEW, "household") if evaluation.level == "household" else frozenset()
    if single:
        inside = f"({inside} OR v.subject_id IN ({', '.join(str(int(each)) for each in sorted(single))}))"
    if evaluation.level == "household":
        now = within(visible_paths(actor, VIEW_HOUSEHOLD))
        here = AreaVersion.objects.filter(now, valid_to=None).values_list("area_id", flat=True)
        listed = ", ".join(str(int(each)) for each in here) or "NULL"
        known = visible_ids(actor, VIEW_HOUSEHOLD, "household")
        alone = ", ".join(str(int(each)) for each in sorted(known)) or "NULL"
        living = f"SELECT household_id FROM register_residence WHERE valid_to IS NULL AND area_id IN ({listed})"  # noqa: S608 - numbers
        inside += f" AND (v.subject_id IN ({living}) OR v.subject_id IN ({alone}))"
    return f" AND {inside}"


def subjects_document(actor: Actor, evaluation: Evaluation) -> dict[str, orjson.Fragment]:
    """Subject code → ready JSON of its verdicts and facts.

    A register has few different rows of letters, so each is written once; shown facts are digits, a point and a sign,
    so that they stand in JSON as they are.
    """
    heads: dict[str, str] = {}
    names = [(f'"{fact["name"]}":', '"' if fact["places"] else "") for fact in evaluation.shown]
    found = {}
    for code, letters, shown in rows_with_codes(actor, evaluation):
        head = heads.get(letters)
        if head is None:
            head = heads[letters] = orjson.dumps(decode(evaluation, letters)).decode()[:-1] + ',"facts":{'
        texts = shown.split("|") if names else ()
        facts = [
            f"{name}{quote}{text}{quote}" if text else f"{name}null"
            for (name, quote), text in zip(names, texts, strict=True)
        ]
        found[code] = orjson.Fragment(f"{head}{','.join(facts)}}}}}")
    return found

"""What the incidences of an area rest on, added up in the set engine when households are judged by an exit standard.

Register incidence counts persons by legal status, verdict incidence by the verdicts of this evaluation; the composite
incidence needs what surveys say of a county. Nothing is divided here: numerators and denominators are kept as whole
numbers, so that parts add up to the whole (docs/methods/incidence.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.core.standards.kinds import CONDITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuopin.core.engine import Engine
    from tuopin.core.standards import Prepared
    from tuopin.core.standards.pipeline import Verdicts

FORM = ("poor_2013", "exited_since", "added_since", "returned_since")
UNEXITED = ("registered", "exit_proposed", "returned")
RATES = ("missed_rate", "wrong_exit_rate")
SURVEYED = tuple(f"{rate}{end}" for rate in RATES for end in ("", "_low", "_high"))
INCIDENCE_FACTS = {
    "person": (),
    "household": ("registration",),
    "village": ("population", *FORM),
    "county": ("rural_population", *SURVEYED),
}
"""What is read beside the facts of the standard, by level."""
INCIDENCE_DATED = {"county": frozenset({"county_survey"})}
"""The blocks of which the day is read too."""

SUMS = ("unexited", "exited", "unclear", "failing", "doubtful", "persons", "memberless")
"""Persons of households: not exited, exited, of unknown status, verdict not met, verdict unknown, all; and households
without members."""


def has_incidence(prepared: Prepared) -> bool:
    """Whether incidences are added up with the verdicts: for the exit standard of households."""
    return (
        prepared.kind is CONDITIONS
        and prepared.standard.level == "household"
        and prepared.standard.key.endswith("_exit")
    )


def incidence_by_area(verdicts: Verdicts, engine: Engine) -> dict[int, dict[str, Any]]:
    """What is known of every area above a village or a county, by area (the relations of ``INCIDENCE_FACTS`` and the
    table ``above`` are there).

    ``all``: the sums over all villages; ``counted``: over those whose population is known, which is ``population``;
    ``villages``, and ``unpopulated``: how many have none; ``form``: numerator of the village form over ``formed``
    villages; ``counties``: of every county below or the area itself
    ``[id, rural population, not exited, exited, unclear, rates as in SURVEYED …, day of the survey]``, None if blank.
    """
    _per_village(verdicts, engine)
    found: dict[int, dict[str, Any]] = {}
    for area_id, villages, unpopulated, population, form, formed, *numbers in _summed(engine):
        found[area_id] = {
            "all": dict(zip(SUMS, numbers[: len(SUMS)], strict=True)),
            "counted": dict(zip(SUMS, numbers[len(SUMS) :], strict=True)),
            "population": population, "villages": villages, "unpopulated": unpopulated, "form": form, "formed": formed,
        }  # fmt: skip
    for area_id, county in _counties(engine):
        found.setdefault(area_id, {}).setdefault("counties", []).append(county)
    return {area_id: each for area_id, each in found.items() if "all" in each}


def _per_village(verdicts: Verdicts, engine: Engine) -> None:
    listed = ", ".join(f"'{each}'" for each in UNEXITED)
    conditions = {
        "unexited": f"h.registration IN ({listed})", "exited": "h.registration = 'exited'",
        "unclear": "h.registration IS NULL", "failing": "v.overall = 0", "doubtful": "v.overall = 1", "persons": "true",
    }  # fmt: skip
    sums = ", ".join(
        f"coalesce(sum(m.n) FILTER (WHERE {condition}), 0)::BIGINT AS {name}" for name, condition in conditions.items()
    )
    engine.run(
        "persons by village",
        f"""CREATE OR REPLACE TABLE incidence_village AS SELECT h.parent_id AS village_id, {sums},
          count(*) FILTER (WHERE m.n IS NULL AND v.overall <> 3) AS memberless
        FROM household h JOIN "{verdicts.table}" v ON v.id = h.id
          LEFT JOIN (SELECT parent_id, count(*) AS n FROM person GROUP BY parent_id) m ON m.parent_id = h.id
        GROUP BY h.parent_id""",  # noqa: S608 - our own names
    )


def _summed(engine: Engine) -> Iterator[tuple[int, ...]]:
    known, form = "v.population IS NOT NULL", "v.poor_2013 - v.exited_since + v.added_since + v.returned_since"
    columns = [f"coalesce(i.{name}, 0)" for name in SUMS]
    sums = [f"sum({column})" for column in columns]
    sums += [f"coalesce(sum({column}) FILTER (WHERE {known}), 0)" for column in columns]
    rows = engine.stream(
        f"""SELECT a.area_id, count(*), count(*) FILTER (WHERE NOT ({known})), coalesce(sum(v.population), 0),
          coalesce(sum({form}), 0), count({form}), {", ".join(sums)}
        FROM village v JOIN above a ON a.lowest_id = v.id LEFT JOIN incidence_village i ON i.village_id = v.id
        GROUP BY a.area_id"""  # noqa: S608 - our own names
    )
    return (tuple(int(number) for number in row) for row in rows)


def _counties(engine: Engine) -> Iterator[tuple[int, list[int | str | None]]]:
    rates = ", ".join(f"c.{name}" for name in SURVEYED)
    rows = engine.rows(
        f"""WITH persons AS (SELECT a.area_id, sum(i.unexited) AS unexited, sum(i.exited) AS exited,
            sum(i.unclear) AS unclear
          FROM incidence_village i JOIN above a ON a.lowest_id = i.village_id GROUP BY a.area_id)
        SELECT a.area_id, c.id, c.rural_population, coalesce(p.unexited, 0), coalesce(p.exited, 0),
          coalesce(p.unclear, 0), {rates}, c.county_survey__as_of
        FROM county c JOIN above a ON a.lowest_id = c.id LEFT JOIN persons p ON p.area_id = c.id ORDER BY c.id"""  # noqa: S608 - our own names
    )
    for area_id, *county, surveyed in rows:
        numbers = [None if each is None else int(each) for each in county]
        yield int(area_id), [*numbers, None if surveyed is None else surveyed.isoformat()]

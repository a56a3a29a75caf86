"""For information: the household standard as OpenFisca-Core formulas, against our pass over the same households.

usage: bench_openfisca.py [HOUSEHOLDS]     (300,000 without the argument)

OpenFisca is no part of Tuopin: it is installed, at the version below, into a virtual environment in the temporary
folder, from the package index. Its formulas compute with NumPy over whole columns and know no unknown. So that the
results are the same, a truth is a small integer here (0 no, 1 unknown, 2 yes), “and” the least, “or” the greatest and
“not” two minus it; an amount that is unknown has a column of its own that says so. This is written by hand for this one
standard; no reasons, parameters by date or sources are kept on either side.

All seconds are of the processor. ``formulas_cpu_seconds``: all eight results, inputs already set.
``with_input_cpu_seconds``: from columns in memory to results (entities declared, members joined, inputs set).
``ours_cpu_seconds``: our household pass from Parquet to Parquet on one thread, compiling included. The numbers of met,
not met and unknown of every item must be equal, or the benchmark fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import venv
from pathlib import Path

from harness import HERE, python, report, say, workplace

OPENFISCA = ["openfisca-core==46.0.1", "duckdb>=2.0"]
ITEMS = ("income", "food", "clothing", "water", "education", "medical", "housing", "overall")


def theirs(nation: Path) -> None:
    """Runs in OpenFisca's own environment; prints JSON."""
    import duckdb
    import numpy as np
    from openfisca_core.entities import Entity, GroupEntity
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    person = Entity("person", "persons", "", "")
    household = GroupEntity("household", "households", "", "", roles=[{"key": "member"}])
    system = TaxBenefitSystem([person, household])

    def variable(name: str, of: object, formula: object = None) -> None:
        fields = {"value_type": int, "entity": of, "definition_period": DateUnit.YEAR, "label": name}
        system.add_variable(type(name, (Variable,), fields | ({"formula": formula} if formula else {})))

    def gathered(pick: object, name: str) -> object:
        return lambda families, period: pick(families, families.members(name, period))

    least, greatest = (lambda f, values: f.min(values)), (lambda f, values: f.max(values))
    for name in ("resident", "employee", "born", "in_school"):
        variable(name, person)
    for name in ("earned", "earned_known", "food", "clothing", "water", "dangerous"):
        variable(name, household)
    variable("one", person, lambda persons, period: persons("born", period) * 0 + 1)
    variable("child", person, lambda persons, period: 2 * (
        (persons("born", period) > BORN_AFTER) & (persons("born", period) <= BORN_UNTIL)))  # fmt: skip
    variable("schooled", person, lambda persons, period: np.maximum(
        2 - persons("child", period), persons("in_school", period)))  # fmt: skip
    variable("insured", person, lambda persons, period: np.maximum(
        persons("resident", period), persons("employee", period)))  # fmt: skip
    variable("members", household, lambda f, period: f.sum(f.members("one", period)))
    variable("income", household, lambda f, period: np.where(
        f("earned_known", period) == 0, 1, 2 * (f("earned", period) > 299_500 * f("members", period))))  # fmt: skip
    variable("has_children", household, gathered(greatest, "child"))
    variable("all_schooled", household, gathered(least, "schooled"))
    variable("education", household, lambda f, period: np.where(
        f("has_children", period) == 0, 3, f("all_schooled", period)))  # fmt: skip
    variable("medical", household, gathered(least, "insured"))
    variable("housing", household, lambda f, period: 2 - f("dangerous", period))

    def overall(f: object, period: object) -> object:
        codes = [f(name, period) for name in ITEMS[:-1]]
        return np.minimum.reduce([np.where(code == 3, 2, code) for code in codes])

    variable("overall", household, overall)
    truth = "CASE WHEN {0} THEN 2 WHEN NOT {0} THEN 0 ELSE 1 END AS {1}"
    connection = duckdb.connect()
    named = {"food_ok": "food", "clothing_ok": "clothing", "water_safe": "water", "dangerous_house": "dangerous"}
    truths = ", ".join(truth.format(column, name) for column, name in named.items())
    families = connection.execute(
        "SELECT household_id, coalesce(wage + business + property + transfer - business_cost, 0)::INTEGER AS earned,"
        f" (wage IS NOT NULL)::INTEGER AS earned_known, {truths}"
        f" FROM '{nation}/household.parquet' ORDER BY household_id"
    ).fetchnumpy()
    people = connection.execute(
        "SELECT household_id, (birth - DATE '1900-01-01')::INTEGER AS born,"
        " CASE WHEN study IS NOT NULL THEN 2 WHEN education IS NOT NULL THEN 0 ELSE 1 END AS in_school, "
        + ", ".join(truth.format(f"{name}_insurance", name) for name in ("resident", "employee"))
        + f" FROM '{nation}/person.parquet' ORDER BY household_id"
    ).fetchnumpy()
    began = time.process_time()
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("person", range(len(people["born"])))
    declared = builder.declare_entity("household", families["household_id"])
    builder.join_with_persons(declared, people["household_id"], np.full(len(people["born"]), "member"))
    simulation = builder.build(system)
    for name in ("resident", "employee", "born", "in_school"):
        simulation.set_input(name, "2018", people[name])
    for name in ("earned", "earned_known", "food", "clothing", "water", "dangerous"):
        simulation.set_input(name, "2018", families[name])
    ready = time.process_time()
    results = {name: simulation.calculate(name, "2018") for name in ITEMS}
    ended = time.process_time()
    counts = {name: np.bincount(codes, minlength=4).tolist() for name, codes in results.items()}
    print(json.dumps({"formulas": ended - ready, "whole": ended - began, "counts": counts}))


BORN_AFTER, BORN_UNTIL = 37_589, 41_242  # days from 1900-01-01 to 2002-12-01 and 2012-12-01


def ours(nation: Path, out: Path) -> None:
    """Our household pass, in a process of its own; prints JSON."""
    from nation import CATALOGUE, DAY, pack, relations
    from tuopin.core.engine import Engine
    from tuopin.core.standards import chain

    out.mkdir()
    began = time.process_time()
    passes = chain.plan(pack(), ["household_exit"], CATALOGUE, DAY)
    with Engine(threads=1, ordered=False) as engine:
        chain.run(passes, engine, relations(engine, nation), out)
        seconds = time.process_time() - began
        counts = {
            name: [int(engine.one(f'SELECT count(*) FROM verdict_household_exit WHERE "{name}" = {code}')[0])
                   for code in range(4)]
            for name in ITEMS
        }  # fmt: skip
    print(json.dumps({"seconds": seconds, "counts": counts}))


def main() -> int:
    match sys.argv[1:]:
        case ["--theirs", folder]:
            theirs(Path(folder))
            return 0
        case ["--ours", folder, out]:
            ours(Path(folder), Path(out))
            return 0
    households = int(sys.argv[1]) if sys.argv[1:] else 300_000
    with workplace() as place:
        say("installing OpenFisca-Core into a folder that goes again")
        venv.create(place / "venv", with_pip=True)
        own = place / "venv" / "bin" / "python"
        subprocess.run([own, "-m", "pip", "install", "--quiet", *OPENFISCA], check=True, stdout=sys.stderr)
        python(place, HERE / "make_nation.py", str(households), place / "nation")
        told = subprocess.run([own, __file__, "--theirs", place / "nation"], check=True, stdout=subprocess.PIPE)
        one = json.loads(told.stdout)
        other = json.loads(python(place, __file__, "--ours", place / "nation", place / "out").stdout)
    if one["counts"] != other["counts"]:
        say(f"not the same: {one['counts']}, {other['counts']}")
        return 1
    report(
        {
            "formulas_cpu_seconds": one["formulas"],
            "with_input_cpu_seconds": one["whole"],
            "ours_cpu_seconds": other["seconds"],
            "with_input_ratio": one["whole"] / other["seconds"],
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

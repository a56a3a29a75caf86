"""The rule language: expressions of a standard, parsed, type-checked and evaluated in two ways that never differ.

The way of an expression::

    text --parse--> Expression --check--> Typed --build--> Program --compile_python--> Interpreter  (one subject)
                                                                 \\--write_sql-------> Query        (a whole register)

A caller (``core.standards``) does this::

    environment = Environment(catalogue, "household", parameters, facts, groups)
    tests = {"income": check(parse("income_per_head > poverty_line", origin), environment)}
    program = build(environment, tests)                      # refuses cycles, unknown names, wrong types and units
    interpreter = compile_python(program, day)               # or write_sql(program, day, relations)
    result = interpreter({"wage": 1200000, ..., "person": [{"birth_date": date(2008, 3, 1), ...}]})
    result.verdict("income")                                 # True, False or None (unknown)
    result.facts()                                           # {"income_per_head": Exact(1200000, 400), ...}

**Definitions.** ``parameters`` maps names to :class:`Parameter` (already resolved for the day; ``value=None`` is an
*open* parameter, whose value is unknown; :attr:`Typed.open_parameters` tells which of them an expression rests on).
``facts`` are :class:`FactDefinition`, ``groups`` :class:`GroupDefinition`. Derived facts of the catalogue are defined
in every environment. A definition may hide a stored fact only to say what a missing column means
(``FactDefinition("employee_insurance", "person", None, absent=False)``).

**Levels.** An expression belongs to a level and may name facts of this level, groups whose members are of the level
directly below, that level itself by its name (``count(person)``: all of them), parameters and ``day``. A fact or group
belongs to the level it names, so a village's expression reaches persons through facts of its households.

**Values.** Subjects are plain mappings in the catalogue's encoding (money in fen, decimals scaled, ``None`` = a blank
cell = unknown). A *missing key* is a column that the workbook did not have: unknown too, unless a fact definition says
``absent = ...``. The subjects of the level below are a list under the name of that level. Stored numbers beyond the
bounds of :mod:`tuopin.core.language.types` (money 10**15 fen, decimals 10**12, integers 10**10) are unknown, which is
what keeps every product within 127 bits; an expression that could still grow beyond is refused by :func:`build`.

**Three values.** Everything is Kleene's logic: ``True``, ``False``, ``None``. Counts and shares with uncertain members
are intervals when compared. Numbers are exact: a scaled numerator over a positive denominator (:class:`Exact`).

**Errors.** :func:`parse`, :func:`check` and :func:`build` raise :class:`RuleError` with file, line, column, what was
found, what was expected and a hint, in both languages. Nothing raises while a checked program is evaluated.

``docs/methods/rule-language.md`` is the page for people who write standards.
"""

from tuopin.core.language.build import build
from tuopin.core.language.check import check
from tuopin.core.language.environment import AwaitedFact, Environment, FactDefinition, GroupDefinition, Parameter
from tuopin.core.language.errors import Origin, RuleError
from tuopin.core.language.exact import Exact, Interval
from tuopin.core.language.explain import Comparison, Explanation, Members, explain
from tuopin.core.language.interpreter import Interpreter, Result, compile_python
from tuopin.core.language.kleene import all_of, any_of, negate
from tuopin.core.language.program import Program
from tuopin.core.language.reader import parse
from tuopin.core.language.sql import Query, write_sql
from tuopin.core.language.syntax import Expression
from tuopin.core.language.typed import Typed

__all__ = [
    "AwaitedFact",
    "Comparison",
    "Environment",
    "Exact",
    "Explanation",
    "Expression",
    "FactDefinition",
    "GroupDefinition",
    "Interpreter",
    "Interval",
    "Members",
    "Origin",
    "Parameter",
    "Program",
    "Query",
    "Result",
    "RuleError",
    "Typed",
    "all_of",
    "any_of",
    "build",
    "check",
    "compile_python",
    "explain",
    "negate",
    "parse",
    "write_sql",
]

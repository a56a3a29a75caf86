"""Kinds of standards, and facts that are announced before a room publishes them."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.standards.registers import CATALOGUE, judge_in_engine
from tuopin.core.language import RuleError
from tuopin.core.language.catalogue import Fact, FactTable, Title
from tuopin.core.standards import (
    Judge,
    PackError,
    as_published,
    find_packs,
    load_pack,
    prepare,
    probe,
    read_cases,
    run_cases,
)
from tuopin.core.standards.chain import plan
from tuopin.core.standards.explaining import explain_judgement

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.core.language.catalogue import Catalogue
    from tuopin.core.standards import Pack, Prepared

DAY = datetime.date(2018, 12, 1)
PACK = """
key = "city"
version = "1"
title = { zh = "市", en = "city" }
"""
QUALITY = """
key = "checks"
kind = "quality"
title = { zh = "疑点", en = "doubts" }
level = "household"
[expect.measure_count]
type = "integer"
title = { zh = "措施数", en = "measures" }
room = "measures"
[group.heads]
from = "person"
where = "relation == 'head'"
[[item]]
key = "two_heads"
title = { zh = "户主不止一人", en = "more than one head" }
finds = "count(heads) > 1"
severity = "error"
do = { zh = "核对与户主关系", en = "check the relation" }
source = "清单"
confidence = "found"
[[item]]
key = "young_worker"
title = { zh = "年幼务工", en = "young worker" }
finds = "some(person, age < 16 and work_months > 0)"
severity = "doubt"
do = { zh = "核对", en = "check" }
source = "清单"
confidence = "found"
[[item]]
key = "no_measure"
title = { zh = "无措施", en = "no measure" }
applies = "not known(main_cause) or main_cause != 'illness'"
finds = "measure_count == 0 or arable_land > 100"
severity = "hint"
do = { zh = "补录", en = "enter it" }
source = "清单"
confidence = "found"
"""
CATEGORIES = """
key = "groups"
kind = "categories"
title = { zh = "分类", en = "categories" }
level = "household"
[[item]]
key = "old"
title = { zh = "有老人", en = "with the old" }
belongs = "some(person, age >= 60)"
source = "清单"
confidence = "guess"
"""


def person(**facts: object) -> dict[str, object]:
    blank = dict.fromkeys(("relation", "birth_date", "work_months"))
    return {**blank, "birth_date": datetime.date(1970, 1, 1), "work_months": 0, **facts}


def household(*people: dict[str, object], **facts: object) -> dict[str, object]:
    return {"main_cause": None, "arable_land": 100, "person": list(people), **facts}


def written(path: Path, standard: str, cases: str = "") -> Pack:
    folder = path / "city"
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    name = standard.split('key = "')[1].split('"')[0]
    (folder / "pack.toml").write_text(PACK, encoding="utf-8")
    (folder / f"{name}.toml").write_text(standard, encoding="utf-8")
    if cases:
        (folder / "cases" / f"{name}.toml").write_text(cases, encoding="utf-8")
    return load_pack("city", find_packs([path]))


def prepared(path: Path, standard: str, catalogue: Catalogue = CATALOGUE) -> Prepared:
    pack = written(path, standard)
    return prepare(pack, next(iter(pack.standards)), catalogue, DAY)


def publishing(fact: Fact, level: str = "household") -> Catalogue:
    table = FactTable("plan", level, "measures_plan", "household_id", (fact,))
    return replace(CATALOGUE, tables=(*CATALOGUE.tables, table))


MEASURES = Fact("measure_count", "integer", Title("措施数", "measures"))


# ---- quality --------------------------------------------------------------------------------------------------------


def test_a_rule_of_quality_is_not_met_where_its_doubt_stands(tmp_path: Path) -> None:
    judge = Judge(prepared(tmp_path, QUALITY))
    clean = judge(household(person(relation="head"), person(relation="spouse")))
    assert clean.items == {"two_heads": "met", "young_worker": "met", "no_measure": "unknown"}
    two = judge(household(person(relation="head"), person(relation="head")))
    assert (two.items["two_heads"], two.overall) == ("not_met", "not_met")
    perhaps = judge(household(person(relation="head"), person()))
    assert perhaps.items["two_heads"] == "unknown"


def test_both_evaluators_agree_on_kinds_and_awaited_facts(tmp_path: Path) -> None:
    for standard in (QUALITY, CATEGORIES):
        ready = prepared(tmp_path / standard[7:10], standard)
        subjects = [
            household(person(relation="head")),
            household(person(relation="head"), person(relation="head", work_months=3)),
            household(
                person(relation="head", birth_date=datetime.date(2010, 1, 1), work_months=3), main_cause="illness"
            ),
            household(person(birth_date=None)),
            household(),
        ]
        judge = Judge(ready)
        letters = {"met": "m", "not_met": "n", "unknown": "u", "not_applicable": "a"}
        expected = []
        for subject in subjects:
            found = judge(subject)
            expected.append("".join(letters[each] for each in (found.overall, *found.items.values())))
        assert [word for word, _ in judge_in_engine(ready, subjects)] == expected


def test_an_explanation_names_who_makes_the_doubt_and_how_far_it_goes(tmp_path: Path) -> None:
    ready = prepared(tmp_path, QUALITY)
    subject = household(
        person(relation="head"),
        person(relation="head"),
        person(relation="son", birth_date=datetime.date(2010, 1, 1), work_months=3),
    )
    judge = Judge(ready)
    explained = explain_judgement(ready, judge(subject), subject, {})
    two, young, waiting = explained.items
    assert [member.index for member in two.members] == [0, 1]
    assert [(member.index, member.fails) for member in young.members] == [(2, True)]
    assert (young.severity, young.advice) == ("doubt", Title("核对", "check"))
    assert young.test == "some(person, age < 16 and work_months > 0)"
    assert waiting.reason == Title("等待“帮扶措施”数据接入", "waiting for the data of measures")
    assert waiting.draft
    none = household(person(relation="head"))
    assert explain_judgement(ready, judge(none), none, {}).items[0].distances == ()  # how far from a doubt: no question


def test_a_rule_of_quality_says_what_to_do_and_how_grave_it_is(tmp_path: Path) -> None:
    for wrong, code in (
        (QUALITY.replace('severity = "hint"', 'severity = "bad"'), "bad_severity"),
        (QUALITY.replace('severity = "hint"\n', ""), "bad_value"),
        (QUALITY.replace('do = { zh = "补录", en = "enter it" }\n', ""), "bad_value"),
        (QUALITY.replace('kind = "quality"', 'kind = "qualities"'), "bad_kind"),
        (QUALITY.replace('finds = "count', 'test = "count'), "bad_value"),
        (CATEGORIES.replace("confidence =", 'severity = "hint"\nconfidence ='), "unknown_key"),
    ):
        with pytest.raises(PackError) as caught:
            written(tmp_path / code / wrong[7:13], wrong)
        assert caught.value.code == code
        assert "checks.toml" in caught.value.file or "groups.toml" in caught.value.file


def test_a_standard_has_no_more_items_than_its_letters_can_hold(tmp_path: Path) -> None:
    head, _, item = CATEGORIES.partition("[[item]]")
    many = head + "".join("[[item]]" + item.replace('"old"', f'"old_{number}"') for number in range(151))
    with pytest.raises(PackError) as caught:
        written(tmp_path, many)
    assert caught.value.code == "too_many_items"


# ---- categories -----------------------------------------------------------------------------------------------------


def test_categories_have_no_overall_verdict(tmp_path: Path) -> None:
    ready = prepared(tmp_path, CATEGORIES)
    judge = Judge(ready)
    subject = household(person(), person(birth_date=datetime.date(1940, 1, 1)))
    judgement = judge(subject)
    assert judgement.items == {"old": "met"}
    assert ready.kind.overall is None
    explained = explain_judgement(ready, judgement, subject, {}).items[0]
    assert [(member.index, member.fails) for member in explained.members] == [(1, True)]
    village = """
key = "village"
title = { zh = "村", en = "village" }
level = "village"
uses = ["groups"]
[[item]]
key = "one"
title = { zh = "一", en = "one" }
test = "some(household, groups)"
source = "清单"
confidence = "found"
"""
    pack = written(tmp_path, village)
    with pytest.raises(PackError) as caught:
        prepare(pack, "village", CATALOGUE, DAY)
    assert caught.value.code == "bad_use"


# ---- facts still to come --------------------------------------------------------------------------------------------


def test_what_waits_for_a_room_neither_passes_nor_fails(tmp_path: Path) -> None:
    ready = prepared(tmp_path, QUALITY)
    item = ready.items[2]
    assert item.waiting == ("measure_count",)
    found = Judge(ready)(household(person(relation="head"), arable_land=20000))
    assert found.items["no_measure"] == "unknown"  # though “arable_land > 100” alone would decide it
    assert found.reasons["no_measure"] == "waiting"
    assert Judge(ready)(household(person(), main_cause="illness")).items["no_measure"] == "not_applicable"
    waiting = [draft for draft in ready.draft if draft.kind == "waiting"]
    assert [(draft.key, draft.reason.zh) for draft in waiting] == [("no_measure", "等待“帮扶措施”数据接入")]
    assert "no_measure" not in {warning.item for warning in probe(ready)}


def test_once_a_room_publishes_the_fact_it_is_judged(tmp_path: Path) -> None:
    waiting = prepared(tmp_path, QUALITY)
    ready = prepared(tmp_path, QUALITY, publishing(MEASURES))
    assert not ready.awaited
    assert ready.parameter_hash != waiting.parameter_hash  # a stored evaluation is not taken for today's
    found = Judge(ready)(household(person(relation="head"), measure_count=0))
    assert found.items["no_measure"] == "not_met"


@pytest.mark.parametrize(
    ("published", "level"),
    [
        (Fact("measure_count", "boolean", Title("", "")), "household"),
        (Fact("measure_count", "integer", Title("", ""), unit="person"), "household"),
        (Fact("measure_count", "decimal", Title("", ""), scale=2), "household"),
        (MEASURES, "person"),
    ],
)
def test_a_fact_published_otherwise_than_expected_is_refused(tmp_path: Path, published: Fact, level: str) -> None:
    with pytest.raises(RuleError) as caught:
        prepared(tmp_path, QUALITY, publishing(published, level))
    assert caught.value.code == "expected_differs"
    assert (caught.value.file, caught.value.line) == ("city/checks.toml", 7)
    assert "measure_count" in caught.value.zh


def test_a_code_that_the_room_does_not_publish_is_refused(tmp_path: Path) -> None:
    standard = QUALITY.replace('type = "integer"', 'type = "code"\ncodes = ["school", "house"]').replace(
        "measure_count == 0", "measure_count == 'school'"
    )
    assert Judge(prepared(tmp_path, standard))(household(person())).items["no_measure"] == "unknown"
    codes = (("school", Title("", "")), ("house", Title("", "")))
    prepared(tmp_path, standard, publishing(Fact("measure_count", "code", Title("", ""), codes=codes)))
    with pytest.raises(RuleError) as caught:
        prepared(tmp_path, standard, publishing(Fact("measure_count", "code", Title("", ""), codes=codes[:1])))
    assert caught.value.code == "expected_differs"


def test_neither_published_nor_expected_is_refused_as_ever(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as caught:
        prepared(tmp_path, QUALITY.replace("measure_count == 0", "measures_count == 0"))
    assert caught.value.code == "unknown_name"
    assert "measure_count" in caught.value.expected  # the announced one is offered
    for wrong in ('room = "measure"', 'room = "measures"\ncolour = "red"'):
        with pytest.raises(PackError):
            written(tmp_path, QUALITY.replace('room = "measures"', wrong))


def test_the_types_of_awaited_facts_are_checked(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as caught:
        prepared(tmp_path, QUALITY.replace("measure_count == 0", "measure_count == 'none'"))
    assert caught.value.code == "wrong_type"
    with pytest.raises(RuleError):
        prepared(tmp_path, QUALITY.replace('type = "integer"\n', 'type = "integer"\nunit = "person"\n').replace(
            "measure_count == 0", "measure_count == arable_land"))  # fmt: skip


@pytest.mark.parametrize("kind", ["boolean", "money", "integer", "code", "text", "date", "decimal"])
def test_every_type_may_be_awaited_at_the_level_below_in_both_evaluators(tmp_path: Path, kind: str) -> None:
    more = {"decimal": "\nscale = 2", "code": '\ncodes = ["a", "b"]'}.get(kind, "")
    value = {"boolean": "thing", "code": "thing == 'a'", "text": "thing == 'a'", "date": "thing < day"}.get(
        kind, "thing > 3"
    )
    standard = CATEGORIES.replace(
        "[[item]]", f'[expect.thing]\nlevel = "person"\ntype = "{kind}"{more}\nroom = "duties"\n'
        'title = { zh = "物", en = "thing" }\n[fact.copy]\nlevel = "person"\nexpr = "thing"\n[[item]]', 1,
    ).replace("age >= 60", f"age >= 60 and {value} and {value.replace('thing', 'copy')}")  # fmt: skip
    ready = prepared(tmp_path, standard)
    assert [word for word, _ in judge_in_engine(ready, [household(person()), household()])] == ["uu", "uu"]


def test_a_standard_above_counts_what_waits_as_unknown(tmp_path: Path) -> None:
    condition = """
key = "helped"
title = { zh = "帮扶", en = "helped" }
level = "household"
[expect.measure_count]
type = "integer"
title = { zh = "措施数", en = "measures" }
room = "measures"
[fact.measures_known]
expr = "measure_count > 0"
[[item]]
key = "measure"
title = { zh = "有措施", en = "has a measure" }
test = "measures_known or arable_land > 1"
source = "清单"
confidence = "found"
"""
    village = """
key = "village"
title = { zh = "村", en = "village" }
level = "village"
uses = ["helped"]
[[item]]
key = "all"
title = { zh = "都有", en = "all" }
test = "every(household, helped)"
source = "清单"
confidence = "found"
"""
    written(tmp_path, condition)
    pack = written(tmp_path, village)
    ready = prepare(pack, "village", CATALOGUE, DAY)
    subject = {"household": [household(person(), arable_land=900)]}
    assert Judge(ready)(subject).items["all"] == "unknown"
    published = prepare(pack, "village", publishing(MEASURES), DAY)
    assert Judge(published)(subject).items["all"] == "met"
    passes = plan(pack, ["helped", "village"], CATALOGUE, DAY)  # in one run, level by level
    assert [each.prepared.awaited.keys() for each in passes] == [{"measure_count"}, {"measure_count"}]


# ---- cases ----------------------------------------------------------------------------------------------------------

CASES = """
standard = "checks"
[base]
arable_land = "1"
measure_count = "1"
main_cause = "schooling"
[[base.person]]
relation = "head"
birth_date = 1970-01-01
work_months = "0"
[[case]]
name = { zh = "无疑点", en = "clean" }
on = 2018-12-01
only = []
expect = { overall = "none" }
[[case]]
name = { zh = "没有措施", en = "no measure" }
on = 2018-12-01
with = { measure_count = "0" }
only = ["no_measure"]
expect = { no_measure = "found", two_heads = "none" }
"""


def test_cases_speak_in_the_words_of_the_kind_and_know_facts_still_to_come(tmp_path: Path) -> None:
    pack = written(tmp_path, QUALITY, CASES)
    cases = read_cases(tmp_path / "city", pack, CATALOGUE)
    assert [outcome.differences for outcome in run_cases(pack, CATALOGUE, cases)] == [(), ()]
    wrong = written(tmp_path, QUALITY, CASES.replace('only = ["no_measure"]', 'only = ["two_heads"]'))
    (outcome,) = [
        each for each in run_cases(wrong, CATALOGUE, read_cases(tmp_path / "city", wrong, CATALOGUE)) if not each.passed
    ]
    assert {key for key, *_ in outcome.differences} == {"two_heads", "no_measure"}
    for text in ('only = ["no_such"]', 'expect = { no_measure = "belongs" }'):
        pack = written(
            tmp_path, QUALITY, CASES.replace("only = []", text).replace('expect = { overall = "none" }', "", 1)
        )
        with pytest.raises(PackError):
            read_cases(tmp_path / "city", pack, CATALOGUE)


def test_rules_that_wait_are_probed_as_if_their_facts_were_there(tmp_path: Path) -> None:
    pack = written(tmp_path, QUALITY.replace("measure_count == 0", "measure_count < 0"))
    whole = as_published(CATALOGUE, pack.standard("checks"))
    found = probe(prepare(pack, "checks", whole, DAY))
    assert not [warning for warning in found if warning.item == "two_heads"]
    never = written(tmp_path, QUALITY.replace("measure_count == 0 or arable_land > 100", "measure_count > 10000000000"))
    found = probe(prepare(never, "checks", as_published(CATALOGUE, never.standard("checks")), DAY))
    assert [(warning.item, warning.kind) for warning in found] == [("no_measure", "always")]

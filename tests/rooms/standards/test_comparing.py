"""Two judgements side by side: who changes is who an evaluation would change, seen only by whom it was made for."""

from __future__ import annotations

import datetime
import json
import threading
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from console_city import City, restored
from people import account
from tuopin.core.poverty import Income, measure
from tuopin.platform import worker
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.database import bump_data_version, write
from tuopin.platform.home import home
from tuopin.platform.models import AuditEntry, Grant, Job, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.platform.seals import services as seals
from tuopin.register.models import AreaVersion, HouseholdCard, HouseholdIncome
from tuopin.standards.comparing import files, selectors, services
from tuopin.standards.comparing.sides import Side, settings, stored
from tuopin.standards.models import AreaFigures, Evaluation, Finding, Verdict
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from pathlib import Path

    from tuopin.platform.access import Actor

pytestmark = pytest.mark.django_db(transaction=True)

DAY = datetime.date(2018, 12, 1)
PACK = "shangqiu-2018"
NOW = Side(PACK, "household_exit", DAY)
HIGHER = Side(PACK, "household_exit", DAY, (("poverty_line", "4200"),))


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    for each in files.folder().iterdir():
        each.unlink()
    return restored(tmp_path_factory, households=150)


def actor(name: str) -> Actor:
    return actor_for(User.objects.get(username=name))


def begun(who: Actor, area: str, a: Side = NOW, b: Side = HIGHER) -> int:
    """A comparison made by its job."""
    job = services.begin(who, services.Asked(area, a, b))
    worker.work(threading.Event(), until_empty=True)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job.pk


def test_who_changes_is_whom_an_evaluation_with_that_line_would_change(city: City) -> None:
    own = home() / "packs" / "higher"
    own.mkdir(parents=True, exist_ok=True)
    (own / "pack.toml").write_text(
        f'key = "higher"\nversion = "1"\nbase = "{PACK}"\ntitle.zh = "高线"\ntitle.en = "higher line"\n', "utf-8"
    )
    (own / "parameters.toml").write_text(
        '[poverty_line]\ntitle.zh = "线"\ntitle.en = "line"\ntype = "money"\nunit = "CNY/person/year"\n'
        '[[poverty_line.value]]\nfrom = 2010-01-01\nvalue = "4200"\nsource = "test"\nconfidence = "seed"\n', "utf-8"
    )  # fmt: skip
    try:
        real = evaluate(local_admin(), "household_exit", day=DAY, pack="higher")
    finally:
        for file in own.iterdir():
            file.unlink()
        own.rmdir()
    rows = [each.objects.count() for each in (Evaluation, Verdict, Finding, AreaFigures)]

    number = begun(actor("county"), city.top.code)

    assert [each.objects.count() for each in (Evaluation, Verdict, Finding, AreaFigures)] == rows, "no verdict of it"
    now = Evaluation.objects.filter(standard="household_exit", pack=PACK).get()
    was, becomes = (dict(run.verdicts.values_list("subject_id", "letters")) for run in (now, real))
    assert was.keys() == becomes.keys()
    found = selectors.compared(actor("county"), number)
    words = selectors.VERDICTS
    for at, key in enumerate(found.items):
        expected = Counter((words[was[each][at]], words[becomes[each][at]]) for each in was)
        assert found.matrices[key] == expected, key
    assert found.matrices["overall"]["met", "not_met"] > 0
    changed = selectors.changed(actor("county"), number, city.top, "overall", "met", "not_met")
    assert sorted(changed) == sorted(each for each in was if was[each][0] == "m" and becomes[each][0] == "n")
    together: Counter[tuple[str, str]] = Counter()
    for _area, matrix in found.below:
        together.update(matrix)
    assert together == found.matrices["overall"], "the areas below make up the whole"


def test_measures_of_a_comparison_are_those_of_the_list_of_households(city: City) -> None:
    document = selectors.compared(actor("county"), begun(actor("county"), city.top.code)).document
    run = Evaluation.objects.get(standard="household_exit")
    members = dict(HouseholdCard.objects.values_list("household_id", "members"))
    incomes = [
        # the stored text is rounded to a fen: exact to within half a fen a head
        Income(None if not text.split("|")[0] else int(Fraction(text.split("|")[0]) * 100), 100, members[subject])
        for subject, letters, text in run.verdicts.values_list("subject_id", "letters", "shown")
        if letters[0] != "a"
    ]
    for side, line in (("a", 2995), ("b", 4200)):
        own, expected = document["income"][side], measure(incomes, Fraction(line), "not_above")
        assert Fraction(own["line"]) == line
        assert (own["poor_households"], own["poor_persons"]) == (expected.poor_households, expected.poor_persons)
        assert own["unknown_households"] == expected.sums.unknown_households
        assert expected.headcount is not None
        assert [Fraction(end) for end in own["headcount"]] == [expected.headcount.low, expected.headcount.high]
        assert abs(Fraction(own["missing"][0]) - expected.missing.low) < len(incomes)
        assert own["poor_when"] == "not_above", "123 asks for more than the line"
    several = document["several"]["a"]
    assert Fraction(several["least"]["adjusted"]) <= Fraction(several["most"]["adjusted"])
    assert len(several["groups"]) == 2, "by county"


def test_two_packs_two_days_and_villages(city: City) -> None:
    who = actor("county")
    found = selectors.compared(who, begun(who, city.top.code, NOW, Side("national", "household_exit", DAY)))
    assert set(found.document["items"]) == {"income", "food", "clothing", "water", "education", "medical", "housing"}
    before = Side(PACK, "household_exit", datetime.date(2017, 6, 1))
    found = selectors.compared(who, begun(who, city.top.code, before, NOW))
    assert {was for was, _becomes in found.matrices["overall"]} == {"absent"}, "nobody was registered on that day yet"
    villages = Side(PACK, "village_exit", DAY)
    found = selectors.compared(who, begun(who, city.top.code, villages, Side("national", "village_exit", DAY)))
    assert found.level == "village"
    assert sum(found.matrices["overall"].values()) == AreaVersion.objects.filter(level="village").count()
    assert found.document["income"] == {"a": None, "b": None}
    assert found.document["several"] == {"a": None, "b": None}


@pytest.mark.parametrize(
    ("b", "code"),
    [
        (NOW, "same_sides"),
        (Side(PACK, "village_exit", DAY), "levels_differ"),
        (Side(PACK, "household_exit", DAY, (("no_such", "1"),)), "unknown_parameter"),
        (Side(PACK, "household_exit", DAY, (("incidence_limit", "0.03"),)), "parameter_unused"),
        (Side(PACK, "household_exit", DAY, (("poverty_line", "3.141"),)), "bad_value"),
        (Side(PACK, "household_exit", DAY, (("poverty_line", "1" * 20),)), "bad_value"),
        (Side("nowhere", "household_exit", DAY), "unknown_pack"),
        (Side(PACK, "nothing", DAY), "unknown_standard"),
        (Side(PACK, "household_exit", datetime.date(2999, 1, 1)), "bad_day"),
        (Side(PACK, "household_exit", datetime.date(2009, 1, 1)), "no_value_on_day"),
    ],
)
def test_what_cannot_be_compared_is_refused_at_once(b: Side, code: str, tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        services.compare(local_admin(), services.Asked(None, NOW, b), tmp_path / "never.sqlite")
    assert refused.value.code == code
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["poverty_line 3200", "poverty_line = -1", "=1", "a == 2", "x = 1e9", "甲 = 1"])
def test_a_setting_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Problem, match="bad_setting"):
        settings(text)


def test_settings_as_people_type_them() -> None:
    assert settings(" poverty_line = 3200 \n\nb=0.5，c = 1") == (("b", "0.5"), ("c", "1"), ("poverty_line", "3200"))
    assert settings("") == ()
    with pytest.raises(Problem, match="too_many_settings"):
        settings("\n".join(f"p{at} = 1" for at in range(50)))


def test_begun_once_and_audited(city: City) -> None:
    who = actor("county")
    asked = services.Asked(city.top.code, NOW, HIGHER)
    assert services.begin(who, asked).pk == services.begin(who, asked).pk
    entry = AuditEntry.objects.get(action="standards.compare")
    assert json.loads(entry.detail)["b"] == "shangqiu-2018/household_exit 2018-12-01 poverty_line=4200"
    assert entry.subject == f"area:{city.top.area_id}"


def test_only_for_whom_it_was_made_and_while_the_grants_hold(city: City) -> None:
    clerk = actor("clerk")
    with pytest.raises(Missing):
        services.begin(clerk, services.Asked(city.top.code, NOW, HIGHER))
    with pytest.raises(Refused):
        services.begin(actor("counter"), services.Asked(city.township.code, NOW, HIGHER))
    number = begun(clerk, city.township.code)
    found = selectors.compared(clerk, number)
    assert sum(found.matrices["overall"].values()) == len(city.ours)
    for other in ("county", "leader", "outsider"):
        with pytest.raises(Missing):
            selectors.compared(actor(other), number)
    for wrong in (0, -1, 10**12, 2**80):
        with pytest.raises(Missing):
            selectors.compared(clerk, wrong)
    with pytest.raises(Missing):  # an area beside the one that was compared
        selectors.compared(clerk, number, city.other)
    assert selectors.compared(local_admin(), number).area.code == city.township.code

    row = Job.objects.get(pk=number)
    Job.objects.filter(pk=number).update(payload=row.payload | {"b": NOW.document()})
    with pytest.raises(Missing):  # the file is of another job with this number: a backup was restored
        selectors.compared(clerk, number)
    Job.objects.filter(pk=number).update(payload=row.payload)
    files.path_of(number).unlink()
    with pytest.raises(Missing):
        selectors.compared(clerk, number)
    again = begun(clerk, city.township.code)
    Grant.objects.filter(user__username="clerk").delete()
    with pytest.raises(Refused):
        selectors.compared(clerk, again)


def test_a_reader_of_figures_alone_gets_no_number_that_points_at_somebody(city: City) -> None:
    who = actor_for(account("assessor", "assessor", city.township.code))
    fine = Side(PACK, "household_exit", DAY, (("poverty_line", "4201"),))
    with pytest.raises(Problem, match="line_too_fine"):
        services.begin(who, services.Asked(city.township.code, NOW, fine))
    number = begun(who, city.township.code)
    found = selectors.compared(who, number)
    assert not found.shown.open
    with pytest.raises(Missing):
        selectors.changed(who, number, city.township, "overall", "met", "not_met")
    shown = [found.shown.number(each) for each in (0, 1, 4, 5, 7, 8, 12, 13)]
    assert shown == [0, None, None, 5, 5, 10, 10, 15]


def test_files_go_after_a_day(city: City) -> None:
    number = begun(actor("county"), city.township.code)
    assert files.purge() == 0
    assert files.purge(datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=25)) >= 1
    assert not files.path_of(number).exists()


# -- a stored evaluation as a side ------------------------------------------------------------------------------------


def test_a_stored_evaluation_is_laid_beside_what_would_be_judged_today(city: City) -> None:
    run = Evaluation.objects.filter(standard="household_exit").latest("pk")
    some = list(HouseholdIncome.objects.order_by("household_id").values_list("pk", flat=True)[:25])
    with write():
        HouseholdIncome.objects.filter(pk__in=some).update(wage=0, business=0, transfer=0, property=0)
        bump_data_version()
    before = stored(run)
    number = begun(actor("county"), city.top.code, before, Side(run.pack, run.standard, run.day))
    anew = evaluate(local_admin(), run.standard, day=run.day, pack=run.pack)
    assert anew.pk != run.pk
    letters = [dict(each.verdicts.values_list("subject_id", "letters")) for each in (run, anew)]
    word = {"m": "met", "n": "not_met", "u": "unknown", "a": "not_applicable"}
    expected = Counter((word[was[0]], word[letters[1][key][0]]) for key, was in letters[0].items())
    found = selectors.compared(actor("county"), number)
    assert found.matrices["overall"] == dict(expected)
    assert sum(n for (was, becomes), n in expected.items() if was != becomes) > 0
    changed = selectors.changed(actor("county"), number, city.top, "overall", "", "")
    assert set(changed) == {key for key, was in letters[0].items() if was[0] != letters[1][key][0]}
    assert "已存核查" in found.document["titles"]["a"]["zh"]
    assert found.document["income"]["a"] is None, "values are stored rounded: no measure is made of them"
    assert found.document["income"]["b"] is not None
    page = Client()
    page.force_login(User.objects.get(username="county"))
    shown = page.get(f"/standards/compare/{number}/")
    assert shown.status_code == 200
    assert "已存核查第" in shown.content.decode()
    both = begun(actor("clerk"), city.township.code, before, stored(anew))
    ours = selectors.compared(actor("clerk"), both).matrices["overall"]
    there = {key for key in letters[0] if key in set(run.verdicts.filter(area_id__in=_below(city.township)).values_list(
        "subject_id", flat=True))}  # fmt: skip
    assert ours == dict(Counter((word[letters[0][key][0]], word[letters[1][key][0]]) for key in there))


def _below(area: AreaVersion) -> list[int]:
    return list(AreaVersion.objects.filter(path__startswith=area.path).values_list("area_id", flat=True))


def test_a_stored_evaluation_outside_the_grants_is_none(city: City) -> None:
    other = evaluate(local_admin(), "household_exit", day=DAY, pack=PACK, area=city.other.code)
    who = actor("clerk")
    for side in (stored(other), replace(stored(other), run=10**9)):
        with pytest.raises(Missing):
            services.begin(who, services.Asked(city.township.code, side, NOW))
    run = Evaluation.objects.filter(standard="household_exit", area_id=city.top.area_id).first() or (
        Evaluation.objects.filter(standard="household_exit").exclude(pk=other.pk).latest("pk")
    )
    for wrong in (replace(stored(run), parameters=(("poverty_line", "1"),)), replace(stored(run), pack="national")):
        with pytest.raises(Problem):
            services.begin(who, services.Asked(city.township.code, wrong, NOW))
    page = Client()
    page.force_login(User.objects.get(username="clerk"))
    offered = page.get("/standards/compare/", {"area": city.township.code}).content.decode()
    assert f'value="run:{run.pk}"' in offered
    assert f'value="run:{other.pk}"' not in offered
    sent = {"area": city.township.code, "a_standard": f"run:{run.pk}", "b_standard": f"{PACK}/household_exit",
            "b_day": "2018-12-01", "b_parameters": "poverty_line = 4200"}  # fmt: skip
    assert page.post("/standards/compare/", sent).status_code == 302
    for nonsense in ("run:", "run:x", f"run:{other.pk}", "run:99999999999999999999"):
        assert page.post("/standards/compare/", sent | {"a_standard": nonsense}).status_code in {400, 404}


def test_a_seal_says_what_was_known_then(city: City) -> None:
    run = Evaluation.objects.filter(standard="household_exit").latest("pk")
    seals.seal(local_admin())
    some = list(HouseholdIncome.objects.order_by("household_id").values_list("pk", flat=True)[:25])
    with write():
        HouseholdIncome.objects.filter(pk__in=some).update(wage=0, business=0, transfer=0, property=0)
        bump_data_version()
    now = Side(run.pack, run.standard, run.day)
    then = replace(now, seal=1)
    who = actor_for(account("verifier", "headquarters", city.top.code))
    found = selectors.compared(who, begun(who, city.top.code, then, now))
    plain = selectors.compared(who, begun(who, city.top.code, stored(run), now))
    assert found.matrices == plain.matrices, "what the seal knew is what was judged then"
    assert sum(n for (was, becomes), n in found.matrices["overall"].items() if was != becomes) > 0
    assert found.document["income"]["a"]["poor_households"] < found.document["income"]["b"]["poor_households"]
    assert "封存" in found.document["titles"]["a"]["zh"]
    with pytest.raises(Missing):
        services.begin(who, services.Asked(city.top.code, replace(then, seal=99), now))
    with pytest.raises(Problem):
        services.begin(who, services.Asked(city.top.code, replace(stored(run), seal=1), now))
    with pytest.raises(Refused):
        services.begin(actor("clerk"), services.Asked(city.township.code, then, now))

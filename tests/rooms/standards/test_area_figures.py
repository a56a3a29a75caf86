"""What an evaluation keeps of every area adds up to its verdicts, at every level; nobody at the line is misplaced."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from console_city import City, restored
from tuopin.register.models import AreaVersion
from tuopin.standards import results
from tuopin.standards.area_figures import BINS, PARTS, of_areas
from tuopin.standards.models import AreaFigures, Evaluation, Verdict

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> City:
    return restored(tmp_path_factory, households=200)


def test_figures_of_every_area_are_the_tallies_of_its_villages(city: City) -> None:
    areas = AreaVersion.objects.filter(valid_to=None)
    for run in Evaluation.objects.all():
        figures = of_areas(run, [area.area_id for area in areas])
        assert len(figures) > 10
        for area in areas:
            expected = results.added_up(run, area, []).counts
            if area.area_id not in figures:
                assert expected["overall"].total == 0
                continue
            for key, counts in expected.items():
                found = figures[area.area_id].tally[key]
                assert found == (counts.met, counts.not_met, counts.unknown, counts.not_applicable)


def test_incomes_lie_where_their_exact_value_says(city: City) -> None:
    run = Evaluation.objects.get(standard="household_exit")
    figures = of_areas(run, [city.top.area_id])[city.top.area_id]
    assert figures.line is not None
    assert figures.spread is not None
    line = Fraction(figures.line, 100)
    expected: Counter[int] = Counter()
    for row in Verdict.objects.filter(evaluation=run).exclude(letters__startswith="a"):
        text = row.shown.split("|")[0]
        if not text:
            expected[BINS + 2] += 1
        elif Fraction(text) < 0:
            expected[0] += 1
        else:
            expected[1 + min(BINS, int(Fraction(text) * PARTS // line))] += 1
    assert sum(expected.values()) > 150
    # the stored text is rounded to a fen: a household within half a fen of an edge may stand in the next range
    assert sum(abs(found - expected[at]) for at, found in enumerate(figures.spread)) <= 2


def test_persons_behind_the_incidence_are_those_of_the_list_of_villages(city: City) -> None:
    run = Evaluation.objects.get(standard="village_exit")
    listed = [row.split("|") for row in Verdict.objects.filter(evaluation=run).values_list("shown", flat=True)]
    persons = of_areas(run, [city.top.area_id])[city.top.area_id].persons
    assert persons == (sum(int(row[1]) for row in listed), sum(int(row[0]) for row in listed), len(listed), 0)
    assert results.area_results(run, city.top).incidence[0].population == persons[1]
    assert persons[1] > 0


def test_an_evaluation_of_one_township_says_nothing_of_the_areas_above(city: City) -> None:
    from tuopin.platform.access import local_admin
    from tuopin.standards.services import evaluate

    run = evaluate(local_admin(), "household_exit", day=city.summary.day, area=city.township.code)
    inside = set(AreaFigures.objects.filter(evaluation=run).values_list("area_id", flat=True))
    assert city.township.area_id in inside
    assert city.top.area_id not in inside
    assert city.other.area_id not in inside

"""Evaluations on both sides of a merger, and the pages that show them: each goes by the tree of its day."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from county import areas, household, households, take
from people import account, signed_in
from rooms.register.areas.tree import happen, line
from tuopin.platform.access import local_admin
from tuopin.platform.problems import Problem
from tuopin.register import counting
from tuopin.register.models import AreaVersion, Household
from tuopin.standards import results
from tuopin.standards.comparing import files
from tuopin.standards.comparing import services as comparing
from tuopin.standards.comparing.sides import Side
from tuopin.standards.models import AreaTally, Evaluation, Verdict
from tuopin.standards.places import bound_pack, place_of
from tuopin.standards.procedures import services as procedures
from tuopin.standards.services import evaluate

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db(transaction=True)
COUNTY, EAST, WEST = "990101000000", "990101100000", "990101101000"
ONE, TWO, THREE = "990101100201", "990101100202", "990101101201"
BEFORE, MERGED, AFTER = datetime.date(2018, 12, 1), datetime.date(2019, 6, 1), datetime.date(2019, 7, 1)


@pytest.fixture
def county(transactional_db: None, tmp_path: Path) -> None:
    take(
        areas(tmp_path),
        households(
            tmp_path, household("9901"), household("9902"), household("9903", 村="乙村委会"),
            household("9904", 镇="西乡", 村="丙村委会"),
        ),
    )  # fmt: skip


def judged(day: datetime.date) -> Evaluation:
    return evaluate(local_admin(), "household_exit", day=day, area=COUNTY)


def counted(run: Evaluation) -> dict[str, int]:
    names = dict(AreaVersion.objects.order_by("valid_from").values_list("area_id", "code"))
    rows = AreaTally.objects.filter(evaluation=run, item="overall")
    return {names[row.area_id]: row.met + row.not_met + row.unknown + row.not_applicable for row in rows}


def now(code: str) -> AreaVersion:
    return AreaVersion.objects.get(code=code, valid_to=None)


def test_a_household_counts_where_it_lived_on_the_day(county: None) -> None:
    stored = judged(BEFORE)
    happen(line("merged", ONE, TWO, day=MERGED), line("moved", TWO, parent=WEST, day=AFTER))
    before, after = judged(BEFORE), judged(AFTER)
    assert before.pk != stored.pk  # the register changed meanwhile
    assert counted(before) == counted(stored) == {ONE: 2, TWO: 1, THREE: 1}
    assert counted(after) == {TWO: 3, THREE: 1}
    letters = [
        dict(Verdict.objects.filter(evaluation=run).values_list("subject_id", "letters")) for run in (before, after)
    ]
    assert set(letters[0]) == set(letters[1]) == set(Household.objects.values_list("id", flat=True))
    figures = results.area_results(after, now(WEST))
    assert figures.counts["overall"].total == 4
    assert results.area_results(before, now(WEST)).counts["overall"].total == 1


def test_counts_of_today_show_the_new_village(county: None) -> None:
    happen(line("merged", ONE, TWO, day=MERGED))
    counting.count_areas()
    found = counting.current(now(TWO).area_id)
    assert found is not None
    assert found["household:all"] == 3


def test_a_page_shows_old_villages_with_an_evaluation_of_then(county: None) -> None:
    judged(BEFORE)
    happen(line("merged", ONE, TWO, day=MERGED))
    client = signed_in(account("headquarters", "headquarters", COUNTY))
    page = client.get(f"/areas/{EAST}/").content.decode()
    assert f"/areas/{ONE}/" in page
    assert "至 2019-06-01" in page
    judged(AFTER)
    page = client.get(f"/areas/{EAST}/").content.decode()
    assert f"/areas/{ONE}/" not in page


def test_lists_of_an_evaluation_made_before_the_recording_stay_whole(county: None) -> None:
    run = judged(AFTER)
    happen(line("merged", ONE, TWO, day=MERGED))
    page = results.subjects(local_admin(), run, now(EAST), "overall", "")
    assert page.total == results.area_results(run, now(EAST)).counts["overall"].total == 3


def test_another_countys_old_evaluation_says_nothing_of_a_village_that_came(county: None) -> None:
    evaluate(local_admin(), "household_exit", day=BEFORE, area=WEST)
    happen(line("moved", ONE, parent=WEST, day=MERGED))
    assert results.newest(now(ONE)) == []
    assert len(results.newest(now(THREE))) == 1


def test_codes_asked_for_are_those_of_today(county: None) -> None:
    ids = {code: now(code).area_id for code in (ONE, TWO)}
    happen(line("recoded", ONE, TWO, day=MERGED), line("recoded", TWO, ONE, day=MERGED))
    happen(line("recoded", EAST, "990101109000", day=MERGED))
    assert place_of(ONE, BEFORE).area_id == ids[TWO]
    assert place_of("990101109000", BEFORE).area_id == now("990101109000").area_id
    assert evaluate(local_admin(), "household_exit", day=BEFORE, area="990101109000").area_id is not None


def test_an_ended_village_is_judged_by_its_code_of_then(county: None) -> None:
    happen(line("merged", ONE, TWO, day=MERGED))
    assert place_of(ONE, BEFORE).area_id is not None
    with pytest.raises(Problem, match="no_such_area"):
        place_of(ONE, AFTER)


def test_a_procedure_on_a_village_stands_in_the_way_and_one_on_a_household_does_not(county: None) -> None:
    found = Household.objects.get(code="9901")
    place = place_of(COUNTY, BEFORE)
    [own] = procedures.begin(local_admin(), place, "monitoring", [found.pk], datetime.date(2021, 12, 1))
    preview = happen(line("merged", ONE, TWO, day=MERGED), dry_run=True)
    assert [each.count for each in preview.uses] == [1]
    type(own).objects.filter(pk=own.pk).update(level="village", subject_id=now(ONE).area_id)
    with pytest.raises(Problem) as refused:
        happen(line("merged", ONE, TWO, day=MERGED))
    assert refused.value.code == "procedure_under_way"
    assert f"编号 {own.pk}" in refused.value.zh


def test_an_evaluation_since_stands_in_the_way_of_taking_back(county: None) -> None:
    from tuopin.register.events.areas.undo import undo

    done = happen(line("merged", ONE, TWO, day=MERGED))
    judged(AFTER)
    assert done.event is not None
    with pytest.raises(Problem, match="cannot_undo"):
        undo(local_admin(), done.event.pk)


def test_two_days_are_compared_across_a_merger(county: None, tmp_path: Path) -> None:
    happen(line("merged", ONE, TWO, day=MERGED))
    pack = bound_pack(place_of(COUNTY, AFTER), AFTER)
    sides = [Side(pack, "household_exit", day) for day in (BEFORE, AFTER)]
    comparing.compare(local_admin(), comparing.Asked(COUNTY, *sides), tmp_path / "compared.sqlite")
    found = files.Comparison(tmp_path / "compared.sqlite")
    sums = {code: sum(found.matrix(now(code).path)["overall"].values()) for code in (COUNTY, EAST, TWO)}
    found.close()
    assert sums == {COUNTY: 4, EAST: 3, TWO: 3}  # everybody on both sides, once, where they live on the later day

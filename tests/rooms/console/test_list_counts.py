"""How many a list holds: added up before and counted now is the same number, and one process counts for all."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from console_city import restored
from tuopin.platform import home, jobs
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.database import bump_data_version, data_state, write
from tuopin.platform.lists import counts, listing, open_list
from tuopin.platform.models import Job, User
from tuopin.register import cards, counting
from tuopin.register.listings import reader_at
from tuopin.register.models import AreaVersion, HouseholdCard, Import, Residence
from tuopin.register.permissions import VIEW_HOUSEHOLD, VIEW_PERSON
from tuopin.standards.models import Evaluation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console_city import City
    from tuopin.platform.access import Actor
    from tuopin.platform.lists import Open

pytestmark = pytest.mark.django_db(transaction=True)

STATES = ("", "registration=exited", "registration=registered", "registration=registered&registration=returned")
HOUSEHOLDS, PERSONS = "register.households", "register.persons"


@pytest.fixture
def city(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    counts.forget()
    shutil.rmtree(home.home() / counts.FOLDER, ignore_errors=True)  # the same data come again, with their numbers
    made = restored(tmp_path_factory, households=60)
    Job.objects.filter(kind=cards.JOB).delete()
    counting.count_areas()
    yield made
    counts.forget()


def opened(key: str, area: AreaVersion, query: str = "", actor: Actor | None = None) -> Open:
    given = parse_qs(query)
    permission = VIEW_HOUSEHOLD if key == HOUSEHOLDS else VIEW_PERSON
    reader = reader_at(actor or local_admin(), permission, area, {name: each[-1] for name, each in given.items()})
    return open_list(listing(key), reader, given)


def both(found: Open) -> tuple[int | None, int]:
    """The number added up before, None where it is not known; and the rows."""
    return found._known(), found.rows().count()


def test_what_was_added_up_is_what_is_counted(city: City) -> None:
    """Every area of every level: the whole list, one status, several, of households and of persons."""
    seen = set()
    for area in AreaVersion.objects.filter(valid_to=None, path__startswith=city.top.path):
        for key in (HOUSEHOLDS, PERSONS):
            for query in STATES:
                known, counted = both(opened(key, area, query))
                assert known == counted or (known is None and counted == 0), (key, area.code, query)
                seen.add((key, query, known is not None and counted > 0))
    assert {(key, query, True) for key in (HOUSEHOLDS, PERSONS) for query in STATES} <= seen


def test_verdicts_too(city: City) -> None:
    """Every verdict on every item."""
    run = Evaluation.objects.get(standard="household_exit")
    for area in (city.top, city.township, city.other):
        total = 0
        for item in ("overall", *run.items):
            for verdict in ("", "met", "not_met", "unknown", "not_applicable"):
                query = f"standard=household_exit&item={item}&verdict={verdict}&run={run.pk}"
                known, counted = both(opened(HOUSEHOLDS, area, query))
                assert known == counted, (area.code, item, verdict)
                total += counted if verdict else 0
        assert total == (1 + len(run.items)) * opened(HOUSEHOLDS, area).rows().count() > 0


@pytest.mark.parametrize("query", ["registration=blank", "registration=exited&main_cause=illness"])
def test_what_nobody_added_up_is_counted(city: City, query: str) -> None:
    known, counted = both(opened(HOUSEHOLDS, city.top, query))
    assert known is None
    assert opened(HOUSEHOLDS, city.top, query).count() == counted


def test_a_reader_of_a_part_is_not_told_the_whole(city: City) -> None:
    """The numbers of the city are not for somebody over one township of it."""
    actor = actor_for(User.objects.get(username="clerk"))
    for query in ("", "standard=household_exit&item=overall&verdict=met"):
        known, counted = both(opened(HOUSEHOLDS, city.township, query, actor))
        assert known == counted > 0
    reader = reader_at(actor, VIEW_HOUSEHOLD, city.township, {})
    over = type(reader)(actor, reader.day, city.top, reader.classes, {})
    assert listing(HOUSEHOLDS).count is not None
    assert listing(HOUSEHOLDS).count(over, opened(HOUSEHOLDS, city.top).state) is None


def test_numbers_of_other_data_are_not_used(city: City) -> None:
    """After a change, of an evaluation of an earlier day than somebody moved, and while the members' cards follow."""
    verdict = "standard=household_exit&item=overall&verdict=met"
    assert both(opened(HOUSEHOLDS, city.top, verdict))[0] is not None
    Evaluation.objects.update(day="2017-01-01")
    assert Import.objects.exists()
    assert both(opened(HOUSEHOLDS, city.top, verdict))[0] is None
    jobs.enqueue(local_admin(), cards.JOB, {})
    assert both(opened(PERSONS, city.top))[0] is None
    Job.objects.filter(kind=cards.JOB).delete()
    assert both(opened(PERSONS, city.top))[0] is not None
    with write():
        bump_data_version()
    assert both(opened(HOUSEHOLDS, city.top))[0] is None
    assert both(opened(PERSONS, city.top))[0] is None


# -- one process counts for all -----------------------------------------------------------------------------------


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every count is worth a file."""
    monkeypatch.setattr(counts, "SLOW", 0.0)


QUERY = "members_from=2"


def another_process(city: City, django_assert_num_queries: Any, queries: int) -> int:
    """The count as a process that has kept nothing gets it: one statement asks for the state of the data."""
    counts.forget()
    found = opened(HOUSEHOLDS, city.top, QUERY)
    with django_assert_num_queries(queries):
        return found.count()


def test_another_process_does_not_count_again(city: City, slow: None, django_assert_num_queries: Any) -> None:
    first = another_process(city, django_assert_num_queries, 2)
    assert another_process(city, django_assert_num_queries, 1) == first > 0
    page = opened(HOUSEHOLDS, city.top, QUERY).page()[0]
    counts.forget()
    assert opened(HOUSEHOLDS, city.top, QUERY).page()[0] == page, "the keys of few rows travel too"


def test_a_change_makes_all_count_anew(city: City, slow: None, django_assert_num_queries: Any) -> None:
    """And what was kept of the former state goes."""
    before = another_process(city, django_assert_num_queries, 2)
    folder = home.home() / counts.FOLDER
    (former,) = [each for each in folder.iterdir() if each.is_dir()]
    state = data_state()
    gone = HouseholdCard.objects.filter(members__gte=2)[0].pk
    with write():
        HouseholdCard.objects.filter(pk=gone).update(members=1)
        bump_data_version()
    assert data_state() != state
    assert another_process(city, django_assert_num_queries, 2) == before - 1
    (now,) = [each for each in folder.iterdir() if each.is_dir()]
    assert now != former


def test_a_broken_file_costs_a_count(city: City, slow: None, django_assert_num_queries: Any) -> None:
    first = another_process(city, django_assert_num_queries, 2)
    for content in (b"", b"[1", b'"much"', b"\xff\xfe"):
        for path in (home.home() / counts.FOLDER).glob("*/*.json"):
            path.write_bytes(content)
        assert another_process(city, django_assert_num_queries, 2) == first
        assert another_process(city, django_assert_num_queries, 1) == first


def test_the_folder_holds_no_personal_data(city: City, slow: None) -> None:
    """Numbers alone, for the owner's eyes alone."""
    home_of = Residence.objects.filter(valid_to=None)[0].household.code
    opened(HOUSEHOLDS, city.top, f"code={home_of}").page()
    files = list((home.home() / counts.FOLDER).glob("*/*.json"))
    assert files
    for path in files:
        assert set(path.read_text()) <= set("0123456789,[]")
        assert home_of not in str(path)
        assert path.stat().st_mode & 0o077 == 0


def test_a_full_disk_stops_no_page(city: City, slow: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object, **_more: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(counts.os, "open", full)
    counts.forget()
    assert opened(HOUSEHOLDS, city.top, QUERY).count() > 0

"""The pages of department lists: who sees what, queries, hostile requests."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from console_city import City, account, grant, restored
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import User
from tuopin.register.matching import selectors, services
from tuopin.register.models import AreaVersion, MatchPair, MatchRun, PersonIdentity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

DAY = date(2018, 12, 15)


@pytest.fixture(scope="module")
def city(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """A city with one matched list over all of it, and one clerk for each township with health data open."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        made = restored(tmp_path_factory, households=120)
        for name, area in (("ours", made.township), ("theirs", made.other)):
            grant(account(name), "township", area, ("health",))
        path = tmp_path_factory.mktemp("list") / "名单.csv"
        path.write_bytes(listed())
        run = services.open_run(
            local_admin(), path, name="名单.csv", digest=hashlib.sha256(path.read_bytes()).hexdigest(),
            kind="resident_insurance", as_of=DAY, area=made.top.code, complete=False,
        )  # fmt: skip
        services.match(local_admin(), run.pk)
        yield made
        services.close(local_admin(), run.pk)
        call_command("flush", interactive=False, verbosity=0)


def listed() -> bytes:
    """Everybody's number, save that every seventh is off by one digit; and a row of formulas."""
    import io

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["身份证号", "姓名", "地址"])
    known = PersonIdentity.objects.filter(superseded_at=None, id_sound=True).order_by("pk")
    for at, (number, name) in enumerate(known.values_list("id_number", "name")):
        wrong = number[:8] + str((int(number[8]) + 1) % 10) + number[9:]
        writer.writerow([wrong if at % 7 == 3 else number, name, ""])
    writer.writerow(["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>"])
    return out.getvalue().encode()


@pytest.fixture
def run(city: City, db: None) -> MatchRun:
    return MatchRun.objects.get(digest=hashlib.sha256(listed()).hexdigest())


def client(name: str) -> Client:
    made = Client(headers={"host": "localhost"})
    made.force_login(User.objects.get(username=name))
    return made


def pages(run: MatchRun) -> list[str]:
    base = f"/register/matching/{run.pk}/"
    parts = ("matched", "doubts", "missing", "decide")
    return ["/register/matching/", "/register/matching/new/", base, *(f"{base}{part}/" for part in parts)]


def test_every_page_in_few_queries(run: MatchRun, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    office = client("county")
    for page in pages(run):
        with django_assert_max_num_queries(20):
            answer = office.get(page)
        assert answer.status_code == 200, page
        body = answer.content.decode()
        assert "<script>alert(1)" not in body
        assert "onerror=alert(1)>" not in body


def test_a_township_sees_its_own_matches_alone(run: MatchRun) -> None:
    ours = client("ours")
    page = ours.get(f"/register/matching/{run.pk}/")
    reach = selectors.reach(actor_for(User.objects.get(username="ours")), run)
    from tuopin.register.matching import store

    mine = store.tally(run.pk, reach).matched
    assert 0 < mine < run.counts["matched"]
    assert f">{mine}</a>" in page.content.decode()
    assert f">{run.counts['not_found']}<" not in page.content.decode()
    rows = ours.get(f"/register/matching/{run.pk}/matched/").context["rows"]
    here = set(AreaVersion.objects.filter(path__startswith=reach[0][0], level="village").values_list("name", flat=True))
    assert {any(row.person.village.endswith(name) for name in here) for row in rows} == {True}
    assert ours.get(f"/register/matching/{run.pk}/missing/").status_code == 404


def test_who_lacks_the_class_of_fields_sees_no_match(run: MatchRun) -> None:
    """Being insured is health data: a clerk without it sees that there is a list, and no more."""
    clerk = client("clerk")
    assert clerk.get(f"/register/matching/{run.pk}/").status_code == 200
    for part in ("matched", "doubts", "missing"):
        assert clerk.get(f"/register/matching/{run.pk}/{part}/").status_code == 404
    assert "pair" not in clerk.get(f"/register/matching/{run.pk}/decide/").context


@pytest.mark.parametrize("name", ["helper", "outsider", "leader"])
def test_others_do_not_know_of_it(run: MatchRun, name: str) -> None:
    other = client(name)
    for page in pages(run)[:2]:
        assert other.get(page).status_code == 403
    for page in pages(run)[2:]:
        assert other.get(page).status_code == 404


def test_a_department_sees_the_counts_of_its_own_list_and_no_person(city: City, run: MatchRun) -> None:
    """The list of another is not there for it; of its own it sees counts, and none below five."""
    counter = client("counter")
    assert counter.get(f"/register/matching/{run.pk}/").status_code == 404
    number, name = PersonIdentity.objects.filter(superseded_at=None, id_sound=True).values_list("id_number", "name")[0]
    own = MatchRun.objects.create(
        kind="vehicle_owner", as_of=DAY, area_id=city.township.area_id, file="车.csv", digest="x", owner="counter",
        user_id=User.objects.get(username="counter").pk, state="ready", created_at=run.created_at,
        delete_on=run.delete_on, counts=run.counts | {"rows": 1, "matched": 1, "decide": 0, "not_found": 0},
    )  # fmt: skip
    page = counter.get(f"/register/matching/{own.pk}/").content.decode()
    assert "少于 5" in page
    assert name not in page
    assert number not in page
    for part in ("matched", "doubts", "missing"):
        assert counter.get(f"/register/matching/{own.pk}/{part}/").status_code == 404
    assert counter.post(f"/register/matching/{own.pk}/write/", {"facts": "1"}).status_code == 403


def test_a_pair_of_another_township_cannot_be_decided_or_seen(run: MatchRun, city: City) -> None:
    pair = MatchPair.objects.filter(run=run, path__startswith=city.other.path).first()
    assert pair is not None
    ours = client("ours")
    assert ours.get(f"/register/matching/{run.pk}/decide/?pair={pair.pk}").status_code == 404
    answer = ours.post(f"/register/matching/{run.pk}/decide/", {"pair": pair.pk, "answer": "yes"})
    assert answer.status_code == 404
    pair.refresh_from_db()
    assert pair.state == "open"


def test_the_second_to_decide_is_told(run: MatchRun, city: City) -> None:
    pair = MatchPair.objects.filter(run=run, path__startswith=city.township.path).first()
    assert pair is not None
    first, second = client("ours"), client("county")
    address = f"/register/matching/{run.pk}/decide/"
    assert first.post(address, {"pair": pair.pk, "answer": "yes"}).status_code == 302
    told = second.post(address, {"pair": pair.pk, "answer": "no"}, follow=True)
    assert "ours 已在您之前作出判断" in told.content.decode()
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == ("yes", "ours")


LONG = "9" * 40
HOSTILE = ("?after=-1", "?after=9e9", f"?after={LONG}", "?code='; drop", "?pair=x", f"?pair={LONG}", "?after=%00")


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_addresses(run: MatchRun, query: str) -> None:
    office = client("county")
    for page in pages(run)[2:]:
        assert office.get(page + query).status_code in (200, 404)
    assert office.get(pages(run)[0] + query).status_code in (200, 400, 404)


def test_hostile_forms(run: MatchRun, city: City) -> None:
    office = client("county")
    base = f"/register/matching/{run.pk}/"
    assert office.post(base + "decide/", {"pair": "x", "answer": "yes"}).status_code == 404
    pair = MatchPair.objects.filter(run=run, state="open").first()
    assert pair is not None
    assert office.post(base + "decide/", {"pair": pair.pk, "answer": "perhaps"}).status_code == 400
    assert office.post(base + "columns/", {"column_id_number": "没有这一列"}).status_code == 400
    assert office.post(base + "columns/", {"column_id_number": "姓名", "column_name": "姓名"}).status_code == 400
    assert office.post(base + "write/", {}).status_code == 400
    assert office.get(base + "write/").status_code == 405
    assert office.post("/register/matching/results/999999/undo/").status_code == 404
    new = "/register/matching/new/"
    file = SimpleUploadedFile("../../etc/passwd\u202e.csv", listed())
    assert office.post(new, {"kind": "no", "as_of": "2018-12-15", "file": file}).status_code == 400
    assert office.post(new, {"kind": "low_income", "as_of": "x", "file": listed_file()}).status_code == 400
    assert office.post(new, {"kind": "low_income", "as_of": "2018-12-15"}).status_code == 400
    assert office.post(new, {"kind": "low_income", "as_of": "2018-12-15", "file": "text"}).status_code == 400
    exe = SimpleUploadedFile("x.csv", b"MZ\x90\x00\x03" + b"\x00" * 500)
    assert office.post(new, {"kind": "low_income", "as_of": "2018-12-15", "file": exe}).status_code == 400
    assert not MatchRun.objects.exclude(pk=run.pk).exists()


def listed_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("名单.csv", listed())


def test_the_same_file_again_says_so_and_can_be_insisted_on(run: MatchRun, city: City) -> None:
    office = client("county")
    given = {"kind": "resident_insurance", "as_of": "2018-12-15"}
    again = office.post("/register/matching/new/", {**given, "file": listed_file()})
    assert again.status_code == 400
    assert "比对过" in again.content.decode()
    assert 'name="again"' in again.content.decode()
    taken = office.post("/register/matching/new/", {**given, "file": listed_file(), "again": "1"})
    assert taken.status_code == 302
    assert taken["Location"].startswith("/jobs/")
    made = MatchRun.objects.order_by("-pk").first()
    assert made is not None
    assert made.file == "名单.csv"
    from tuopin.register.matching import store

    assert store.handed_in(made.pk).read_bytes() == listed()
    store.remove(made.pk)


def test_reading_is_noted_without_names(run: MatchRun) -> None:
    from tuopin.platform.home import home

    client("county").get(f"/register/matching/{run.pk}/matched/")
    said = (home() / "readlog" / "open.jsonl").read_text(encoding="utf-8")
    assert "register.match_matched" in said
    assert not any(name in said for name in PersonIdentity.objects.values_list("name", flat=True)[:50])

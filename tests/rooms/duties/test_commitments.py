"""Commitments: written once, signed by both, honoured or broken by figures; what is refused, and who sees what."""

from __future__ import annotations

import dataclasses
import zlib
from typing import TYPE_CHECKING

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from people import account, signed_in
from rooms.duties.commitments_city import Promises, evaluated, outcome
from rooms.duties.headquarters_city import DAY, TODAY
from tuopin.duties.area_uses import uses_of_areas
from tuopin.duties.commitments import following, selectors, services
from tuopin.duties.commitments.models import Commitment, CommitmentSignature, CommitmentState
from tuopin.duties.commitments.services import Target
from tuopin.duties.commitments.wording import digest, filled, wordings
from tuopin.duties.intake import uses_of_event, uses_of_import
from tuopin.duties.models import Official
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.models import AuditEntry
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import AreaVersion, Import, ImportChange, RegisterEvent

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

    from tuopin.platform.models import User

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4 signed"


@pytest.fixture
def city() -> Promises:
    return Promises()


def refused(code: str, problem: pytest.ExceptionInfo[Problem]) -> None:
    assert problem.value.code == code


def text(client: Client, address: str, status: int = 200, **given: object) -> str:
    answer = client.post(address, given) if given else client.get(address)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return answer.content.decode()


# -- the text -----------------------------------------------------------------------------------------------------


def test_every_level_has_a_wording_that_can_be_filled(city: Promises) -> None:
    assert set(wordings()) == {"city", "county", "township", "village", "household"}
    row = city.made()
    assert "1. 到 2018-09-30，未脱贫户（含预脱贫、返贫）不超过 2 户；" in row.text
    assert "县政府李县长向市委王书记立下军令状" in row.text
    assert "{" not in row.text
    assert row.digest == digest(row.text)


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        ("没有目标", "no_targets"),
        ("{targets} {password}", "unknown_placeholder"),
        ("{targets} {superior.user}", "unknown_placeholder"),
        ("{targets}\x00", "bad_text"),
        ("{targets}" + "长" * 20_001, "bad_text"),
    ],
)
def test_a_wording_that_cannot_be_filled_is_refused(city: Promises, wording: str, code: str) -> None:
    with pytest.raises(Problem) as problem:
        city.made(wording=wording)
    refused(code, problem)
    assert not Commitment.objects.exists()


def test_what_a_value_holds_is_not_filled_again() -> None:
    values = dict.fromkeys(
        ("superior", "superior_post", "inferior", "inferior_post", "place", "due", "day"), "{targets}"
    )
    assert filled("{place}：{targets}", values | {"targets": "一"}) == "{targets}：一"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"targets": ()}, "bad_targets"),
        ({"targets": (Target("figure", DAY(2018, 9, 30), "happiness", value=1),)}, "unknown_key"),
        ({"targets": (Target("figure", DAY(2018, 9, 30), "met_share", value=10_001),)}, "bad_value"),
        ({"targets": (Target("figure", DAY(2018, 9, 30), "unexited", value=10**18),)}, "bad_value"),
        ({"targets": (Target("figure", DAY(2018, 9, 30), "unexited"),)}, "bad_value"),
        ({"targets": (Target("figure", DAY(2018, 10, 1), "unexited", value=1),)}, "after_due"),
        ({"targets": (Target("words", DAY(2018, 9, 30)),)}, "no_text"),
        ({"targets": (Target("dream", DAY(2018, 9, 30), words="梦"),)}, "unknown_key"),
        ({"due": DAY(2018, 6, 14)}, "due_is_past"),
        ({"due": DAY(9999, 12, 31)}, "bad_date"),
        ({"area_id": None}, "no_place"),
    ],
)
def test_a_draft_that_is_wrong_writes_nothing(city: Promises, change: dict[str, object], code: str) -> None:
    with pytest.raises(Problem) as problem:
        city.made(**change)
    refused(code, problem)
    assert not Commitment.objects.exists()


def test_nobody_promises_himself(city: Promises) -> None:
    with pytest.raises(Problem) as problem:
        city.made(inferior_id=city.boss)
    refused("with_itself", problem)


# -- signing and superseding --------------------------------------------------------------------------------------


def test_what_is_signed_is_not_changed_but_superseded(city: Promises) -> None:
    row = city.signed()
    for sql in (
        "UPDATE duties_commitment SET text = 'x' WHERE id = %s",
        "DELETE FROM duties_commitment WHERE id = %s",
        "UPDATE duties_commitment_target SET value = 9 WHERE commitment_id = %s",
        "DELETE FROM duties_commitment_signature WHERE commitment_id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [row.pk])
    with pytest.raises(Problem) as problem:
        city.made(supersedes=row.pk)
    refused("no_text", problem)
    new = city.made(supersedes=row.pk, reason="县长调整")
    assert Commitment.objects.count() == 2, "both are kept"
    states = dict(CommitmentState.objects.values_list("commitment_id", "outcome"))
    assert states == {row.pk: "ahead", new.pk: "unsigned"}, "until both have signed the other one too"
    with pytest.raises(Problem) as problem:
        city.made(supersedes=row.pk, reason="再来")
    refused("superseded_already", problem)
    with pytest.raises(Problem) as problem:
        services.sign_on_paper(local_admin(), [row.pk], ["superior"], day=TODAY, reference="x", today=TODAY)
    refused("superseded_already", problem)
    with pytest.raises(Problem) as problem:
        city.made(supersedes=new.pk, reason="别处", area_id=city.other.area_id)
    refused("another_place", problem)


def test_a_promise_whose_day_is_over_is_not_written_anew(city: Promises) -> None:
    """Else who broke it drafts another one, and the broken one is in no count any more."""
    row, open_one, after = city.signed(), city.made(), DAY(2018, 10, 1)
    again = {"supersedes": row.pk, "reason": "改", "due": DAY(2018, 12, 31)}
    with pytest.raises(Problem) as problem:
        services.draft(local_admin(), [city.wanted(**again)], today=after)
    refused("due_already", problem)
    assert outcome(row, after) != "superseded"
    services.draft(local_admin(), [city.wanted(**(again | {"supersedes": open_one.pk}))], today=after)
    assert outcome(open_one, after) == "superseded", "what was not signed promised nothing"
    services.draft(local_admin(), [city.wanted(**again)], today=DAY(2018, 9, 30))


def test_paper_needs_a_paper_and_a_side_signs_once(city: Promises) -> None:
    row = city.made()
    sign = {"day": TODAY, "today": TODAY}
    with pytest.raises(Problem) as problem:
        services.sign_on_paper(local_admin(), [row.pk], ["superior"], **sign)  # type: ignore[arg-type]
    refused("no_evidence", problem)
    with pytest.raises(Problem) as problem:
        services.sign_on_paper(
            local_admin(), [row.pk], ["superior"], day=DAY(2018, 6, 16), reference="档案", today=TODAY
        )
    refused("in_future", problem)
    services.sign_on_paper(local_admin(), [row.pk], ["superior"], reference="档案", **sign)  # type: ignore[arg-type]
    assert CommitmentState.objects.get(pk=row.pk).signed == 1
    with pytest.raises(Problem) as problem:
        services.sign_on_paper(local_admin(), [row.pk], services.SIDES, reference="档案", **sign)  # type: ignore[arg-type]
    refused("signed_already", problem)
    assert CommitmentSignature.objects.count() == 1, "none of two, if one was there"


def chief(city: Promises) -> User:
    user = account("chief", "township", city.county.code)
    Official.objects.filter(pk=city.chief).update(user=user)
    return user


def test_only_the_two_sides_sign_by_account(city: Promises) -> None:
    row = city.made()
    user = chief(city)
    with pytest.raises(Problem) as problem:
        services.sign_by_account(actor_for(user), row.pk, seen="0" * 64, today=TODAY)
    refused("another_text", problem)
    for other in (city.headquarters(), local_admin()):
        with pytest.raises(Refused):
            services.sign_by_account(other, row.pk, seen=row.digest, today=TODAY)
    assert services.sign_by_account(actor_for(user), row.pk, seen=row.digest, today=TODAY) == "inferior"
    [signature] = CommitmentSignature.objects.all()
    assert (signature.way, signature.digest, signature.user_id) == ("account", row.digest, user.pk)
    assert AuditEntry.objects.get(action="duties.sign_commitment").digest == row.digest


def test_a_side_sees_the_own_commitment_wherever_it_is(city: Promises) -> None:
    row = city.made(area_id=city.other.area_id)
    stranger = account("stranger", "township", city.county.code)
    with pytest.raises(Missing):
        selectors.one(actor_for(stranger), row.pk)
    Official.objects.filter(pk=city.chief).update(user=stranger)
    assert selectors.one(actor_for(stranger), row.pk).pk == row.pk


# -- figures ------------------------------------------------------------------------------------------------------


def test_statements_do_not_grow_with_commitments(
    city: Promises, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    city.statuses("registered")
    met = Target("figure", DAY(2018, 9, 30), "met_share", at_most=False, value=9000)
    wanted = [city.wanted(targets=(met, *city.wanted().targets)) for _ in range(30)]
    with django_assert_max_num_queries(40):
        services.draft(local_admin(), wanted, today=TODAY)
    with django_assert_max_num_queries(22):
        assert following.follow(today=DAY(2018, 10, 1)) == 30


def test_states_follow_the_register_the_evaluations_and_the_day(city: Promises) -> None:
    assert not following.is_behind(TODAY)
    city.made()
    assert following.is_behind(TODAY)
    following.keep(TODAY)
    assert not following.is_behind(TODAY)
    assert following.is_behind(DAY(2018, 6, 16))
    evaluated(city, DAY(2018, 10, 1), 1, 0, 0, 0)
    assert following.is_behind(TODAY)


# -- chain and grants ---------------------------------------------------------------------------------------------


def test_the_chain_goes_down_to_the_household_and_ends_at_the_grants(city: Promises) -> None:
    top = city.made(area_id=city.city.area_id)
    county = city.made(under=top.pk)
    village = city.made(area_id=city.village.area_id, under=county.pk)
    home = city.made(area_id=None, household_id=city.here[0].pk, under=village.pk)
    above, below, count = selectors.chain(local_admin(), village)
    assert ([each.pk for each in above], [each.pk for each in below], count) == ([top.pk, county.pk], [home.pk], 1)
    above, _below, _count = selectors.chain(city.clerk(), village)
    assert [each.pk for each in above] == [county.pk], "the city's is not for the county's clerk"
    for area, under in ((city.away.area_id, county.pk), (city.city.area_id, county.pk)):
        with pytest.raises(Problem) as problem:
            city.made(area_id=area, under=under)
        refused("not_above", problem)
    with pytest.raises(Problem) as problem:
        city.made(area_id=None, household_id=city.here[0].pk,
                  targets=(Target("figure", DAY(2018, 9, 30), "incidence", value=1),))  # fmt: skip
    refused("not_of_household", problem)


def test_another_county_is_not_there(city: Promises) -> None:
    ours, theirs = city.made(), city.made(area_id=city.other.area_id)
    home = city.made(area_id=None, household_id=city.there[0].pk)
    clerk = city.clerk()
    assert [each.pk for each in selectors.commitments(clerk)] == [ours.pk]
    for number in (theirs.pk, home.pk, 10**15, 10**30):
        with pytest.raises(Missing):
            selectors.one(clerk, number)
    with pytest.raises(Missing):
        services.draft(clerk, [city.wanted(area_id=city.other.area_id)], today=TODAY)
    with pytest.raises(Missing):
        services.sign_on_paper(clerk, [theirs.pk], ["superior"], day=TODAY, reference="x", today=TODAY)
    discipline = actor_for(account("watch", "discipline", city.city.code))
    seen = {each.pk for each in selectors.commitments(discipline)}
    assert seen == {ours.pk, theirs.pk}, "of households only for who may open the household"


def test_counts_by_level_and_area(city: Promises) -> None:
    city.statuses("registered")
    broken = city.signed(targets=(Target("figure", DAY(2018, 9, 30), "unexited", value=0),))
    village = city.made(area_id=city.village.area_id)
    old = city.made(area_id=city.other.area_id)
    city.made(area_id=city.other.area_id, supersedes=old.pk, reason="改")
    following.follow(today=DAY(2018, 10, 1))
    assert selectors.by_level(local_admin(), city.city) == {
        "county": {"broken": 1, "unsigned": 1},
        "village": {"unsigned": 1},
    }
    below = selectors.by_area(local_admin(), city.city, [city.county, city.other])
    assert below == {city.county.area_id: {"broken": 1, "unsigned": 1}, city.other.area_id: {"unsigned": 1}}
    assert selectors.by_level(city.clerk(), city.county) == {"county": {"broken": 1}, "village": {"unsigned": 1}}
    assert {broken.level, village.level} == {"county", "village"}


# -- pages --------------------------------------------------------------------------------------------------------


def test_from_the_draft_to_both_signatures(
    city: Promises, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(city.of_city())
    write = f"/duties/commitments/write/?area={city.county.code}"
    assert "{targets}" in text(client, write)
    given = {"superior": city.boss, "inferior": city.chief, "due": "2100-09-30", "what-0": "figure|unexited",
             "value-0": "2", "what-1": "words", "words-1": "<b>满意</b>",
             "wording": wordings()["county"].text}  # fmt: skip
    shown = text(client, write, 400, **(given | {"value-0": "1e9"}))
    assert "请写数" in shown
    assert "&lt;b&gt;满意" in shown
    answer = client.post(write, given)
    assert answer.status_code == 302, answer.content.decode()[-800:]
    page = answer["Location"]
    row = Commitment.objects.get()
    with django_assert_max_num_queries(22):
        shown = text(client, page)
    assert row.digest in shown
    assert "<b>满意" not in shown
    assert "未签" in shown
    user = chief(city)
    own = signed_in(user)
    assert "我已读过正文" in text(own, page)
    text(own, page, 302, do="account", seen=row.digest)
    paper = SimpleUploadedFile("签字.pdf", PDF)
    text(client, page, 302, do="paper", superior="1", day="2018-06-15", paper=paper, reference="")
    shown = text(client, page)
    assert shown.count("✓ 20") == 2
    assert CommitmentState.objects.get(pk=row.pk).signed == following.BOTH
    name = shown.split(f"{page}papers/")[1].split('"')[0]
    assert b"".join(client.get(f"{page}papers/{name}").streaming_content) == PDF  # type: ignore[attr-defined]
    with django_assert_max_num_queries(22):
        listed = text(client, f"/duties/commitments/?area={city.city.code}")
    assert "李县长" in listed
    assert "军令状" in text(client, reverse("console:area", args=[city.county.code]))
    for address in (f"{page}?x=1", f"/duties/commitments/?area={city.city.code}&outcome=ahead&signed=3&level=county"):
        text(client, address)


def test_the_text_prints_as_pdf(city: Promises) -> None:
    row = city.made()
    answer = signed_in(city.of_city()).get(f"/duties/commitments/{row.pk}/pdf/")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")


def test_pages_are_closed_to_other_counties(city: Promises) -> None:
    theirs = city.made(area_id=city.other.area_id)
    client = signed_in(city.user())
    for address in (f"{theirs.pk}/", f"{theirs.pk}/pdf/", f"{theirs.pk}/papers/1/", f"{10**17}/"):
        text(client, f"/duties/commitments/{address}", 404)
    text(client, f"/duties/commitments/write/?area={city.other.code}", 404)
    text(client, f"/duties/commitments/write/?area={city.county.code}&supersedes={theirs.pk}", 404)
    text(client, f"/duties/commitments/write/?area={city.county.code}&household={city.there[0].code}", 404)
    village = signed_in(city.user("village"))
    text(village, f"/duties/commitments/write/?area={city.county.code}", 403)
    text(client, f"/duties/commitments/{theirs.pk}/", 404, do="account", seen=theirs.digest)


def test_hostile_forms_are_refused(city: Promises) -> None:
    row = city.made()
    client = signed_in(city.of_city())
    page = f"/duties/commitments/{row.pk}/"
    text(client, page, 400, do="explode")
    text(client, page, 400, do="paper", day="2018-06-15", reference="x")
    text(client, page, 400, do="paper", superior="1", day="0001-01-01", reference="x")
    text(client, page, 403, do="account", seen="\0")
    write = f"/duties/commitments/write/?area={city.county.code}"
    base = {"superior": "9" * 40, "inferior": "-1", "due": "2100-01-01", "what-0": "node|\0", "wording": "x"}
    text(client, write, 400, **base)
    text(client, f"{write}&supersedes={'9' * 30}")
    text(client, f"/duties/commitments/?area={city.city.code}&level=%00&outcome=x&signed=abc", 400)


def test_what_names_an_official_or_a_household_stands_in_the_way(city: Promises) -> None:
    row = city.made(area_id=None, household_id=city.here[0].pk)
    moment = "2018-12-31T00:00:00Z"
    run = Import.objects.create(as_of=TODAY, year=2018, started_at=moment, finished_at=moment)
    assert list(uses_of_import(run)) == []
    block = zlib.compress(orjson.dumps([[row.superior_id, row.superior_id]]))
    entry = ImportChange.objects.create(run=run, table="duties_official", columns=[], content=block)
    assert [title.en for title in uses_of_import(run)] == [
        "officials or households of it stand in plans, opinions or commitments"
    ]
    entry.delete()
    event = RegisterEvent(changes={"made": {"household": city.here[0].pk}})
    assert [title.zh for title in uses_of_event(event)] == ["新户已有帮扶责任书"]
    assert [each.count for each in uses_of_areas([city.village.area_id], [])] == []
    city.made(area_id=city.village.area_id)
    assert [each.count for each in uses_of_areas([city.village.area_id], [])] == [1]


def test_a_merged_village_s_commitment_is_still_found(city: Promises) -> None:
    row = city.made(area_id=city.village.area_id)
    AreaVersion.objects.filter(area_id=city.village.area_id).update(valid_to=DAY(2018, 7, 1))
    assert [each.pk for each in selectors.commitments(city.clerk())] == [row.pk]
    assert text(signed_in(city.of_city()), f"/duties/commitments/{row.pk}/")


def test_a_set_is_all_or_nothing(city: Promises) -> None:
    good = city.wanted()
    with pytest.raises(Problem):
        services.draft(local_admin(), [good, dataclasses.replace(good, targets=())], today=TODAY)
    assert not Commitment.objects.exists()

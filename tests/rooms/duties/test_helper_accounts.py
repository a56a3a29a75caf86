"""Accounts for helpers: who is one person, grants in step with terms, first passwords shown once."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from officials import assigned
from tuopin.duties import tending
from tuopin.duties.helpers import accounts as helper_accounts
from tuopin.duties.helpers import grants, slips
from tuopin.duties.models import Assignment, OfficialName, Slips
from tuopin.duties.officials.naming import named
from tuopin.platform import database, jobs, worker
from tuopin.platform.access import actor_for, local_admin, visible_ids
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import AuditEntry, Grant, Job, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import Area, AreaVersion, Household, Residence

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db

PASSWORD = "korrekt-pferd-batterie"
CARE = ["health", "disability", "child"]
DAY = datetime.timedelta(days=1)
TODAY = timezone.localdate


def area(level: str, code: str, parent: AreaVersion | None = None) -> AreaVersion:
    made = Area.objects.create()
    return AreaVersion.objects.create(
        area=made, code=code, name=code, level=level, parent=parent.area if parent else None,
        path=(parent.path if parent else "") + f"{made.pk:08d}", valid_from=datetime.date(1900, 1, 1),
    )  # fmt: skip


class Place:
    """Two counties of a city with a village and six households each."""

    def __init__(self) -> None:
        self.city = area("city", "411400000000")
        self.county = area("county", "411423000000", self.city)
        self.other = area("county", "411424000000", self.city)
        self.here = self._households(area("village", "411423100201", self.county))
        self.there = self._households(area("village", "411424100201", self.other))

    def _households(self, village: AreaVersion) -> list[Household]:
        made = [Household.objects.create(code=f"{village.code}{at:04d}") for at in range(6)]
        for each in made:
            Residence.objects.create(household=each, area=village.area, valid_from=datetime.date(2014, 1, 1))
        return made


@pytest.fixture
def place() -> Place:
    return Place()


def helps(
    household: Household, name: str = "张伟", unit: str = "县财政局", phone: str = "13800001234", **more: Any
) -> Assignment:
    return assigned(name, unit, phone, household=household, **more)


def make(area_code: str = "") -> helper_accounts.Made:
    return helper_accounts.make(local_admin(), area_code)


def seen(user: User) -> set[int]:
    return set(visible_ids(actor_for(user), "register.view_household", "household"))


# -- who is one person --------------------------------------------------------------------------------------------


def test_one_account_a_helper_however_many_households(place: Place) -> None:
    for household in place.here[:3]:
        helps(household)
    helps(place.here[3], "李娜", "县医院", "")
    made = make()
    assert (made.made, made.doubtful, made.grants) == (2, 0, 4)
    user = User.objects.get(username="张伟1234")
    assert (user.display_name, user.must_change_password) == ("张伟", True)
    assert seen(user) == {each.pk for each in place.here[:3]}
    assert User.objects.filter(username="李娜").exists(), "without a telephone the name alone"
    again = make()
    assert (again.made, again.had_one, again.grants) == (0, 2, 0)


def test_user_names_are_numbered_where_taken(place: Place) -> None:
    accounts.add_user(local_admin(), "张伟1234", PASSWORD)
    helps(place.here[0])
    helps(place.here[1], unit="水利局", phone="13911111234")
    make()
    assert set(User.objects.values_list("username", flat=True)) == {"张伟1234", "张伟1234-2", "张伟1234-3"}
    assert helper_accounts.username("=cmd|' /C calc'!A0", "138 0000 12 34", set()) == "cmdCcalcA01234"
    assert helper_accounts.username("  ", "", {"helper"}) == "helper-2"


@pytest.mark.parametrize(
    ("other", "doubtful"),
    [
        ({"phone": "13999999999"}, 2),
        ({"phone": ""}, 2),
        ({"unit": "财政局"}, 2),
        ({"unit": "财政局", "phone": "13999999999"}, 0),
        ({"name": "张卫"}, 0),
    ],
)
def test_names_that_may_be_one_person_wait_for_a_decision(place: Place, other: dict[str, str], doubtful: int) -> None:
    helps(place.here[0])
    helps(place.here[1], **other)
    made = make()
    assert made.doubtful == doubtful
    assert made.made == 2 - doubtful


@pytest.mark.parametrize("same", [True, False])
def test_a_person_decides(place: Place, same: bool) -> None:
    helps(place.here[0])
    helps(place.here[1], unit="财政局")
    make()
    doubt = helper_accounts.doubts_of(local_admin())[0]
    helper_accounts.decide(local_admin(), [each.pk for each in doubt.identities], same=same)
    assert helper_accounts.doubts_of(local_admin()) == []
    assert make().made == (1 if same else 2)
    users = User.objects.order_by("pk")
    assert seen(users[0]) == {place.here[0].pk, place.here[1].pk} if same else {place.here[0].pk}
    with pytest.raises(Missing):
        helper_accounts.decide(local_admin(), [each.pk for each in doubt.identities], same=True)
    assert AuditEntry.objects.filter(action="duties.decide_helpers").count() == 1


def test_a_later_spelling_joins_the_account_there_is(place: Place) -> None:
    helps(place.here[0])
    make()
    helps(place.here[1], unit="财政局")
    assert make().doubtful == 2
    assert seen(User.objects.get()) == {place.here[0].pk}, "who has one keeps it meanwhile"
    doubt = helper_accounts.doubts_of(local_admin())[0]
    helper_accounts.decide(local_admin(), [each.pk for each in doubt.identities], same=True)
    assert make().made == 0
    assert seen(User.objects.get()) == {place.here[0].pk, place.here[1].pk}


def test_two_accounts_are_not_joined(place: Place) -> None:
    helps(place.here[0])
    helps(place.here[1], unit="水利局", phone="13911112222")
    make()
    helps(place.here[2], unit="水利局")  # the name, one's telephone, the other's unit
    make()
    doubt = helper_accounts.doubts_of(local_admin())[0]
    assert len(doubt.identities) == 3
    with pytest.raises(Problem) as raised:
        helper_accounts.decide(local_admin(), [each.pk for each in doubt.identities], same=True)
    assert raised.value.code == "two_accounts"


# -- grants in step with terms ------------------------------------------------------------------------------------


def test_a_grant_is_dated_as_its_term(place: Place) -> None:
    helps(place.here[0], valid_to=TODAY() + 30 * DAY)
    helps(place.here[1], valid_from=TODAY() + 5 * DAY)
    helps(place.here[2], valid_from=datetime.date(2016, 1, 1), valid_to=TODAY())
    make()
    dates = list(Grant.objects.order_by("kept_for").values_list("scope_id", "valid_from", "valid_to", "role"))
    assert dates == [
        (place.here[0].pk, TODAY(), TODAY() + 30 * DAY, "helper"),
        (place.here[1].pk, TODAY() + 5 * DAY, None, "helper"),
    ]


def test_grants_follow_when_terms_change(place: Place) -> None:
    first, second, third = (helps(each) for each in place.here[:3])
    make()
    Assignment.objects.filter(pk=first.pk).update(valid_to=TODAY() + 10 * DAY)
    Assignment.objects.filter(pk=second.pk).update(valid_to=TODAY() - DAY)
    third.delete()
    helps(place.here[3])
    kept = grants.keep(local_admin())
    assert (kept.given, kept.moved, kept.ended) == (1, 1, 2)
    user = User.objects.get()
    assert seen(user) == {place.here[0].pk, place.here[3].pk}
    assert Grant.objects.get(kept_for=first.pk).valid_to == TODAY() + 10 * DAY
    assert Grant.objects.get(kept_for=second.pk).valid_to == TODAY(), "it was in force until now"
    assert grants.keep(local_admin()).changed == 0
    Assignment.objects.filter(pk=second.pk).update(valid_to=None)
    assert grants.keep(local_admin()).given == 1, "a new grant: the gap stays on record"
    assert Grant.objects.filter(kept_for=second.pk).count() == 2


def test_grants_given_by_hand_are_left_alone(place: Place) -> None:
    helps(place.here[0])
    make()
    user = User.objects.get()
    accounts.grant(local_admin(), user, "helper", "household", place.there[0].pk)
    grants.keep(local_admin())
    assert seen(user) == {place.here[0].pk, place.there[0].pk}
    with pytest.raises(Problem) as raised:
        accounts.revoke(local_admin(), Grant.objects.get(kept_by="duties.helper").pk)
    assert raised.value.code == "kept_grant"


def test_the_register_changes_and_grants_follow_by_themselves(place: Place) -> None:
    tending.tend()
    assert not Grant.objects.exists()
    term = helps(place.here[0])
    make()
    Assignment.objects.filter(pk=term.pk).update(valid_to=TODAY())
    tending.tend()
    assert Grant.objects.get().valid_to is None, "nothing said that the register changed"
    with database.write():
        database.bump_data_version()
    tending.tend()
    assert Grant.objects.get().valid_to == TODAY()
    assert AuditEntry.objects.filter(action="duties.keep_grants", actor_kind="system").count() == 1


def test_an_inspector_gets_no_grant_over_what_is_inspected(place: Place) -> None:
    helps(place.here[0])
    helps(place.there[0])
    make()
    user = User.objects.get()
    Grant.objects.all().delete()
    accounts.grant(local_admin(), user, "inspector", "area", place.county.area_id)
    kept = grants.keep(local_admin())
    assert (kept.given, kept.left_out) == (1, 1)
    assert set(Grant.objects.filter(role="helper").values_list("scope_id", flat=True)) == {place.there[0].pk}


# -- who may ------------------------------------------------------------------------------------------------------


def keeper(place: Place, classes: list[str] | None = None) -> User:
    user = accounts.add_user(local_admin(), "keeper", PASSWORD, must_change=False)[0]
    accounts.grant(
        local_admin(), user, "administrator", "area", place.county.area_id,
        field_classes=CARE if classes is None else classes,
    )  # fmt: skip
    return user


def test_a_county_makes_those_whose_households_are_all_its_own(place: Place) -> None:
    helps(place.here[0])
    helps(place.here[1], "李娜", "市医院", "13700000000")
    helps(place.there[0], "李娜", "市医院", "13700000000")
    helps(place.there[1], "王强", "乡政府", "13600000000")
    actor = actor_for(keeper(place))
    made = helper_accounts.make(actor, "411423000000")
    assert (made.made, made.outside) == (1, 1)
    assert not User.objects.filter(username__in=["李娜0000", "王强0000"]).exists()
    for code in ("", "411424000000", "411400000000"):
        with pytest.raises(Refused):
            helper_accounts.make(actor, code)
    with pytest.raises(Missing):
        helper_accounts.make(actor, "000")


def test_nobody_hands_on_classes_beyond_the_own(place: Place) -> None:
    actor = actor_for(keeper(place, ["health"]))
    with pytest.raises(Refused) as raised:
        helper_accounts.make(actor, "411423000000")
    assert raised.value.code == "classes_not_yours_to_give"


def test_doubts_of_another_county_are_not_shown_or_decided(place: Place) -> None:
    helps(place.there[0])
    helps(place.there[1], unit="财政局")
    make()
    actor = actor_for(keeper(place))
    assert helper_accounts.doubts_of(actor) == []
    ids = list(OfficialName.objects.values_list("pk", flat=True))
    with pytest.raises(Missing):
        helper_accounts.decide(actor, ids, same=True)


# -- first passwords ----------------------------------------------------------------------------------------------


def test_first_passwords_are_shown_once_to_the_one_who_made_them(place: Place) -> None:
    helps(place.here[0])
    actor = actor_for(keeper(place))
    sheet = helper_accounts.make(actor, "411423000000").sheets[0]
    kept = Slips.objects.get()
    user = User.objects.get(username="张伟1234")
    for other in (local_admin(), actor_for(accounts.add_user(local_admin(), "x", PASSWORD)[0])):
        with pytest.raises(Problem):
            slips.show(other, sheet)
    shown = slips.show(actor, sheet)
    assert [(slip.username, slip.unit) for slip in shown] == [("张伟1234", "县财政局")]
    assert shown[0].password not in kept.sealed
    assert user.check_password(shown[0].password)
    assert User.objects.get(pk=user.pk).password.startswith("argon2"), "the first sign-in replaces the quick hash"
    with pytest.raises(Missing):
        slips.show(actor, sheet)
    assert not Slips.objects.exists()
    assert shown[0].password not in str(list(AuditEntry.objects.values())) + str(list(Job.objects.values()))


def test_they_expire(place: Place) -> None:
    helps(place.here[0])
    sheet = make().sheets[0]
    Slips.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    with pytest.raises(Missing):
        slips.show(local_admin(), sheet)
    tending.tend()
    assert not Slips.objects.exists()


def test_a_first_password_signs_in_once_and_must_be_changed(place: Place) -> None:
    helps(place.here[0])
    slip = slips.show(local_admin(), make().sheets[0])[0]
    client = Client()
    assert client.post("/sign-in/", {"username": slip.username, "password": slip.password + "x"}).status_code == 200
    assert client.post("/sign-in/", {"username": slip.username, "password": slip.password}).status_code == 302
    assert client.get("/")["Location"] == "/password/"


def test_lost_slips_are_made_anew_for_those_who_never_signed_in(place: Place) -> None:
    helps(place.here[0])
    helps(place.here[1], "李娜", "县医院", "13700000000")
    old = slips.show(local_admin(), make().sheets[0])
    User.objects.filter(display_name="李娜").update(last_login=timezone.now())
    again = helper_accounts.new_passwords(local_admin())
    assert again.made == 1
    new = slips.show(local_admin(), again.sheets[0])
    user = User.objects.get(display_name="张伟")
    assert user.check_password(new[0].password)
    assert not user.check_password(next(slip.password for slip in old if slip.name == "张伟"))


def test_a_file_of_slips_is_the_owners_and_holds_no_formula(place: Place, tmp_path: Path) -> None:
    helps(place.here[0], "=cmd|'/C calc'!A0", "+县医院", "")
    target = tmp_path / "slips.csv"
    assert slips.write_out(local_admin(), make().sheets, target) == 1
    assert target.stat().st_mode & 0o077 == 0
    line = target.read_text("utf-8-sig").splitlines()[1]
    assert line.startswith("'+县医院,'=cmd")


def test_many_helpers_cost_no_more_statements(place: Place, django_assert_max_num_queries: Any) -> None:
    def some(start: int, count: int) -> None:
        names = [(f"帮{start + at}", "局", f"139{start + at:08d}") for at in range(count)]
        with database.write():
            officials = named(names)
        Assignment.objects.bulk_create(
            Assignment(
                household=place.here[at % 6], role="assistant", official_id=officials[each], name=each[0],
                unit=each[1], phone=each[2], valid_from=datetime.date(2017, 3, 1),
            )
            for at, each in enumerate(names)
        )  # fmt: skip

    some(0, 5)
    make()
    some(100, 5)
    with django_assert_max_num_queries(45):
        assert make().made == 5
    some(1_000, 300)
    with django_assert_max_num_queries(45):
        assert make().made == 300


# -- pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(place: Place) -> Client:
    client = Client()
    client.force_login(keeper(place))
    return client


def test_from_the_page_to_the_slips(place: Place, page: Client) -> None:
    helps(place.here[0])
    helps(place.here[1], "李娜", "县医院", "13700000000")
    helps(place.here[2], "李娜", "县医院", "")
    answer = page.post("/duties/accounts/make/", {"area": "411423000000", "do": "make"})
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    row = jobs.claim("test")
    assert row is not None
    worker.attempt(row)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    text = page.get("/duties/accounts/").content.decode()
    assert "李娜" in text
    assert "打开并打印" in text
    sheet = Slips.objects.get().pk
    shown = page.post(f"/duties/accounts/slips/{sheet}/")
    assert "no-store" in shown["Cache-Control"]
    assert "张伟1234" in shown.content.decode()
    assert page.post(f"/duties/accounts/slips/{sheet}/").status_code == 404
    assert page.get(f"/duties/accounts/slips/{sheet}/").status_code == 405
    assert page.post(f"/duties/accounts/slips/{10**30}/").status_code == 404
    ids = list(OfficialName.objects.filter(name="李娜").values_list("pk", flat=True))
    assert page.post("/duties/accounts/decide/", {"identity": ids, "do": "same"}).status_code == 302
    assert page.post("/duties/accounts/decide/", {"identity": ["x", "9" * 30], "do": "same"}).status_code == 404


def test_pages_are_for_keepers_only(place: Place) -> None:
    client = Client()
    clerk = accounts.add_user(local_admin(), "clerk", PASSWORD, must_change=False)[0]
    accounts.grant(local_admin(), clerk, "county", "area", place.county.area_id, field_classes=CARE)
    client.force_login(clerk)
    assert client.get("/duties/accounts/").status_code == 403
    assert client.post("/duties/accounts/make/", {"area": "411423000000"}).status_code == 403
    assert client.post("/duties/accounts/decide/", {"identity": ["1"]}).status_code == 403
    assert client.post("/duties/accounts/slips/1/").status_code == 403


def test_no_place_beyond_the_own_from_the_page(place: Place, page: Client) -> None:
    for given in ("", "411424000000", "411400000000"):
        assert page.post("/duties/accounts/make/", {"area": given}).status_code == 403, given
    assert page.post("/duties/accounts/make/", {"area": "\0<script>"}).status_code == 404
    assert not Job.objects.exists()

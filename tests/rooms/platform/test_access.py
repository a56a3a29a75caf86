"""Who may do what where: ranges of areas, single households, classes of fields, dates."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from tuopin.platform import access, checks, roles, scopes
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import services as accounts
from tuopin.platform.models import AuditEntry, Grant, User
from tuopin.platform.problems import Missing, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

pytestmark = pytest.mark.django_db

CITY, COUNTY, TOWN = "00000001", "0000000100000002", "000000010000000200000009"
OTHER = "0000000100000003"
PATHS = {1: CITY, 2: COUNTY, 3: TOWN, 4: OTHER, 5: "00000002"}
VIEW = "register.view_household"


@pytest.fixture(autouse=True)
def _areas(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scopes, "_published", {})

    def paths(ids: Collection[int]) -> dict[int, str]:
        return {number: PATHS[number] for number in ids if number in PATHS}

    scopes.publish("area", lambda code: int(code) if code.isdecimal() and int(code) in PATHS else None, paths)
    return iter(())


@pytest.fixture
def user() -> User:
    return accounts.add_user(local_admin(), "liwei", display_name="李伟")[0]


def give(user: User, role: str, kind: str = "area", number: int | None = None, **options: Any) -> Grant:
    return accounts.grant(local_admin(), user, role, kind, number, **options)


def test_without_grants_nothing(user: User) -> None:
    actor = actor_for(user)
    assert access.visible_paths(actor, VIEW) == []
    assert access.visible_ids(actor, VIEW, "household") == frozenset()
    assert access.field_classes(actor, VIEW) == frozenset()
    with pytest.raises(Refused):
        access.require(actor, VIEW)


def test_the_local_administrator_and_the_system_see_everything() -> None:
    for actor in (local_admin(), access.system()):
        assert access.visible_paths(actor, VIEW) is None
        assert access.field_classes_at(actor, VIEW, TOWN) is None
        access.require(actor, VIEW, area_path=TOWN)


def test_an_area_opens_its_subtree_and_nothing_beside_it(user: User) -> None:
    give(user, "county", number=2)
    actor = actor_for(user)
    assert access.visible_paths(actor, VIEW) == [(COUNTY, OTHER)]
    assert access.may(actor, VIEW, area_path=COUNTY)
    assert access.may(actor, VIEW, area_path=TOWN)
    for outside in (CITY, OTHER, "00000002"):
        assert not access.may(actor, VIEW, area_path=outside)


def test_ranges_are_sorted_and_one_inside_another_is_left_out(user: User) -> None:
    for number in (5, 3, 2, 4):
        give(user, "county", number=number)
    assert access.visible_paths(actor_for(user), VIEW) == [
        (COUNTY, OTHER), (OTHER, "0000000100000004"), ("00000002", "00000003")
    ]  # fmt: skip


def test_a_role_without_the_permission_opens_nothing(user: User) -> None:
    give(user, "administrator", "all")
    give(user, "petition_office", number=2)
    assert access.visible_paths(actor_for(user), VIEW) == []
    assert not access.may(actor_for(user), VIEW, area_path=TOWN)


def test_a_role_that_is_no_longer_known_opens_nothing(user: User) -> None:
    Grant.objects.create(user=user, role="emperor", scope_kind="all", valid_from=timezone.localdate())
    assert access.visible_paths(actor_for(user), VIEW) == []


@pytest.mark.parametrize(
    ("start", "end", "open_"),
    [(0, None, True), (1, None, False), (-9, 0, False), (-9, 1, True), (0, 0, False), (-9, None, True)],
)
def test_grants_hold_from_a_day_to_a_day_excluded(user: User, start: int, end: int | None, open_: bool) -> None:
    today = timezone.localdate()
    day = datetime.timedelta(days=1)
    give(user, "county", number=2, valid_from=today + start * day, valid_to=None if end is None else today + end * day)
    assert bool(access.visible_paths(actor_for(user), VIEW)) is open_


def test_a_closed_account_sees_nothing(user: User) -> None:
    give(user, "headquarters", "all")
    assert access.visible_paths(actor_for(user), VIEW) is None
    accounts.set_active(local_admin(), user, active=False)
    assert access.visible_paths(actor_for(user), VIEW) == []


def test_an_abolished_area_opens_nothing(user: User) -> None:
    give(user, "county", number=77)
    assert access.visible_paths(actor_for(user), VIEW) == []


def test_a_household_alone(user: User) -> None:
    give(user, "helper", "household", 12)
    actor = actor_for(user)
    assert access.visible_paths(actor, VIEW) == []
    assert access.visible_ids(actor, VIEW, "household") == {12}
    assert access.may(actor, VIEW, area_path=TOWN, household_id=12)
    assert not access.may(actor, VIEW, area_path=TOWN, household_id=13)
    assert not access.may(actor, VIEW, area_path=TOWN)


def test_an_area_alone_opens_no_sensitive_class(user: User) -> None:
    give(user, "helper", number=2)
    give(user, "county", number=4, field_classes=["health"])
    actor = actor_for(user)
    assert access.field_classes_at(actor, VIEW, TOWN) == {"general"}
    assert access.field_classes_at(actor, VIEW, OTHER) == {"general", "identity", "health"}
    assert access.field_classes_at(actor, VIEW, CITY) == frozenset()


def test_a_helper_sees_of_his_own_household_what_helping_needs(user: User) -> None:
    give(user, "helper", "household", 12)
    actor = actor_for(user)
    assert access.field_classes_at(actor, VIEW, TOWN, 12) == {"general", "health", "disability", "child"}
    assert access.field_classes_at(actor, VIEW, TOWN, 13) == frozenset()


def test_no_role_opens_accounts() -> None:
    assert not [role.key for role in roles.all_roles().values() if "bank" in role.field_classes]


def test_only_who_may_manage_users_does(user: User) -> None:
    give(user, "county", "all")
    actor = actor_for(user)
    for act in (
        lambda: accounts.add_user(actor, "second"),
        lambda: accounts.grant(actor, user, "administrator", "all"),
        lambda: accounts.revoke(actor, 1),
        lambda: accounts.set_password(actor, user),
        lambda: accounts.set_active(actor, user, active=False),
    ):
        with pytest.raises(Refused):
            act()
    assert Grant.objects.count() == 1


def test_every_change_is_one_audit_entry_without_the_password(user: User) -> None:
    accounts.set_password(local_admin(), user, "korrekt-pferd-batterie")
    grant = give(user, "county", number=2)
    accounts.revoke(local_admin(), grant.pk)
    accounts.revoke(local_admin(), grant.pk)
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["platform.add_user", "platform.set_password", "platform.grant", "platform.revoke"]
    assert not AuditEntry.objects.filter(detail__contains="pferd").exists()


def test_wrong_grants_are_refused(user: User) -> None:
    for arguments, options in (
        (("county", "area", None), {}),
        (("county", "all", 3), {}),
        (("county", "planet", 3), {}),
        (("county", "area", 3), {"field_classes": ["secrets"]}),
        (("county", "area", 3), {"valid_to": datetime.date(2000, 1, 1)}),
        (("emperor", "area", 3), {}),
    ):
        with pytest.raises(Problem):
            accounts.grant(local_admin(), user, *arguments, **options)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(Missing):
        accounts.grant_by_code(local_admin(), user, "county", "area", "4711")
    with pytest.raises(Problem):
        accounts.grant_by_code(local_admin(), user, "helper", "household", "1")
    assert not Grant.objects.exists()


@pytest.mark.parametrize("username", ["", " ", "a b", "x" * 151, "liwei"])
def test_wrong_user_names_are_refused(user: User, username: str) -> None:
    with pytest.raises(Problem):
        accounts.add_user(local_admin(), username)
    assert User.objects.count() == 1


def test_the_checks_of_the_installation_find_nothing() -> None:
    assert checks.check_roles() == []


def test_a_key_that_others_can_read_is_reported() -> None:
    path = checks.home() / "keys" / "left_open"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", "ascii")
    path.chmod(0o644)
    try:
        (warning,) = checks.check_keys()
        assert warning.id == "tuopin.W001"
        assert warning.hint
    finally:
        path.unlink()

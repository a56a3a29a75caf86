"""Accounts by page: who may give which grant, what does not go together, what a page shows once."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from tuopin.platform import roles
from tuopin.platform.access import actor_for, local_admin
from tuopin.platform.accounts import granting
from tuopin.platform.accounts import services as accounts
from tuopin.platform.catalogue import permissions
from tuopin.platform.models import AuditEntry, Grant, User
from tuopin.platform.problems import Missing, Problem, Refused
from tuopin.register.models import Area, AreaVersion, Household, Residence

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

PASSWORD = "korrekt-pferd-batterie"
TODAY = timezone.localdate


class Tree:
    """A city with two counties, a township and a village in the first, a household in each village."""

    def __init__(self) -> None:
        self.city = self._area("city", "411400000000", "商丘市", None)
        self.county = self._area("county", "411423000000", "宁陵县", self.city)
        self.other = self._area("county", "411424000000", "柘城县", self.city)
        self.township = self._area("township", "411423100000", "城关镇", self.county)
        self.village = self._area("village", "411423100201", "东街村", self.township)
        self.far = self._area("village", "411424100201", "西街村", self.other)
        self.household = self._household("4114230001", self.village)
        self.theirs = self._household("4114240001", self.far)

    def _area(self, level: str, code: str, name: str, parent: AreaVersion | None) -> AreaVersion:
        area = Area.objects.create()
        path = (parent.path if parent else "") + f"{area.pk:08d}"
        return AreaVersion.objects.create(
            area=area, code=code, name=name, level=level, parent=parent.area if parent else None, path=path,
            valid_from=datetime.date(1900, 1, 1),
        )  # fmt: skip

    def _household(self, code: str, village: AreaVersion) -> Household:
        made = Household.objects.create(code=code)
        Residence.objects.create(household=made, area=village.area, valid_from=datetime.date(2014, 1, 1))
        return made


@pytest.fixture
def tree() -> Tree:
    return Tree()


def account(name: str, role: str = "", area: AreaVersion | None = None, **options: Any) -> User:
    made = accounts.add_user(local_admin(), name, PASSWORD, must_change=False)[0]
    if role:
        kind, key = ("area", area.area_id) if area else ("all", None)
        accounts.grant(local_admin(), made, role, kind, key, **options)
    return made


@pytest.fixture
def keeper(tree: Tree) -> User:
    """Keeps the accounts of one county; may hand on the class of health."""
    return account("keeper", "administrator", tree.county, field_classes=["health"])


@pytest.fixture
def page(keeper: User) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


def refused(code: str, act: Callable[[], object]) -> None:
    with pytest.raises(Problem) as raised:
        act()
    assert raised.value.code == code


# -- escalation ---------------------------------------------------------------------------------------------------


def test_a_county_keeper_gives_within_the_county_only(tree: Tree, keeper: User) -> None:
    actor, clerk = actor_for(keeper), account("clerk", "village", tree.village)
    accounts.grant(actor, clerk, "township", "area", tree.township.area_id)
    for kind, key in (("area", tree.city.area_id), ("area", tree.other.area_id), ("all", None),
                      ("household", tree.theirs.pk), ("household", 999_999), ("organisation", 5),
                      ("sealed_list", 5)):  # fmt: skip
        refused("outside_own_area", lambda kind=kind, key=key: accounts.grant(actor, clerk, "helper", kind, key))
    accounts.grant(actor, clerk, "helper", "household", tree.household.pk)


def test_nor_classes_that_the_keeper_lacks(tree: Tree, keeper: User) -> None:
    actor, clerk = actor_for(keeper), account("clerk", "village", tree.village)
    accounts.grant(actor, clerk, "township", "area", tree.township.area_id, field_classes=["health"])
    for name in ("disability", "bank", "child", "identity"):
        refused(
            "classes_not_yours_to_give",
            lambda name=name: accounts.grant(
                actor, clerk, "township", "area", tree.township.area_id, field_classes=["health", name]
            ),
        )


def test_nor_longer_than_the_own_grant(tree: Tree) -> None:
    end = TODAY() + datetime.timedelta(days=30)
    actor = actor_for(account("guest", "administrator", tree.county, valid_to=end))
    clerk = account("clerk", "village", tree.village)
    refused("longer_than_own", lambda: accounts.grant(actor, clerk, "village", "area", tree.village.area_id))
    accounts.grant(actor, clerk, "village", "area", tree.village.area_id, valid_to=end)


def test_nobody_changes_the_own_grants(tree: Tree, keeper: User) -> None:
    actor = actor_for(keeper)
    refused("not_to_oneself", lambda: accounts.grant(actor, keeper, "village", "area", tree.village.area_id))
    refused("not_to_oneself", lambda: accounts.revoke(actor, keeper.grants.get().pk))
    refused("not_oneself", lambda: accounts.set_active(actor, keeper, False))
    refused("not_oneself", lambda: accounts.reset_second_factor(actor, keeper))


def test_other_roles_give_nothing(tree: Tree) -> None:
    clerk = account("clerk", "village", tree.village)
    for role in roles.all_roles():
        if roles.allows(role, granting.MANAGE):
            continue
        actor = actor_for(account(f"as_{role}", role, tree.city))
        with pytest.raises(Refused):
            accounts.grant(actor, clerk, "village", "area", tree.village.area_id)
        with pytest.raises(Refused):
            accounts.set_password(actor, clerk)
        with pytest.raises(Refused):
            granting.accounts_of(actor)


def test_accounts_that_hold_more_are_not_touched(tree: Tree, keeper: User) -> None:
    """Who sets a password could sign in as that person."""
    actor = actor_for(keeper)
    leader = account("leader", "headquarters", tree.city)
    accounts.grant(local_admin(), leader, "village", "area", tree.village.area_id)
    private = account("private", "county", tree.county, field_classes=["bank"])
    for user in (leader, private):
        refused("account_beyond_own", lambda user=user: accounts.set_password(actor, user))
        refused("account_beyond_own", lambda user=user: accounts.set_active(actor, user, False))
        refused("account_beyond_own", lambda user=user: accounts.reset_second_factor(actor, user))
    accounts.set_password(actor, account("clerk", "township", tree.township, field_classes=["health"]))


def test_accounts_elsewhere_do_not_exist(tree: Tree, keeper: User, page: Client) -> None:
    away, bare = account("away", "county", tree.other), account("bare")
    near = account("near", "village", tree.village)
    assert set(granting.accounts_of(actor_for(keeper))) == {keeper, near}
    for user in (away, bare):
        assert page.get(f"/accounts/{user.pk}/").status_code == 404
        assert page.post(f"/accounts/{user.pk}/", {"do": "password"}).status_code == 404
        with pytest.raises(Missing):
            accounts.grant(actor_for(keeper), user, "village", "area", tree.village.area_id)
        assert user.username not in page.post("/accounts/find/", {"q": user.username}).content.decode().replace(
            f'value="{user.username}"', ""
        )
    assert page.get("/accounts/999999999999/").status_code == 404
    assert page.get(f"/accounts/{10**30}/").status_code == 404
    assert "away" not in page.get("/accounts/").content.decode()


def test_a_revoked_grant_needs_the_same_right(tree: Tree, keeper: User, page: Client) -> None:
    leader = account("leader", "headquarters", tree.city)
    refused("outside_own_area", lambda: accounts.revoke(actor_for(keeper), leader.grants.get().pk))
    near = account("near", "village", tree.village)
    answer = page.post(f"/accounts/{near.pk}/", {"do": "revoke", "grant": leader.grants.get().pk})
    assert answer.status_code == 404
    assert page.post(f"/accounts/{near.pk}/", {"do": "revoke", "grant": "x"}).status_code == 404
    page.post(f"/accounts/{near.pk}/", {"do": "revoke", "grant": near.grants.get().pk})
    assert near.grants.get().valid_to == TODAY()


def test_what_concerns_the_machine_needs_everything(keeper: User, tmp_path: Any) -> None:
    from tuopin.platform.backup.writing import backup

    with pytest.raises(Refused):
        backup(actor_for(keeper), tmp_path / "all.zip")


# -- roles that do not go together --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "wanted", "over", "allowed"),
    [
        ("helper", "inspector", "county", False),
        ("helper", "inspector", "other", True),
        ("inspector", "helper", "household", False),
        ("county", "assessor", "township", False),
        ("county", "assessor", "other", True),
        ("administrator", "county", "other", False),
        ("village", "administrator", "other", False),
        ("administrator", "discipline", "county", False),
        ("administrator", "petition_office", "county", True),
        ("county", "discipline", "township", False),
        ("county", "discipline", "other", True),
        ("auditor", "township", "other", False),
        ("auditor", "petition_office", "county", False),  # who takes petitions in writes
        ("discipline", "helper", "household", False),
        ("county", "township", "township", True),
    ],
)
def test_roles_that_do_not_go_together(tree: Tree, held: str, wanted: str, over: str, allowed: bool) -> None:
    user = account("zhang")

    def give(role: str, where: str) -> None:
        key = tree.household.pk if where == "household" else getattr(tree, where).area_id
        accounts.grant(local_admin(), user, role, "household" if where == "household" else "area", key)

    give(held, "household" if held == "helper" else "county")
    if allowed:
        give(wanted, over)
        return
    with pytest.raises(Problem) as raised:
        give(wanted, over)
    assert raised.value.code == "incompatible_roles"
    assert roles.role(held).title.zh in raised.value.zh
    assert "：" in raised.value.zh or "；" in raised.value.zh or "，" in raised.value.zh, "with the reason"
    user.grants.update(valid_to=TODAY())
    give(wanted, over)  # what has ended does not stand in the way


def test_a_grant_that_begins_after_the_other_ends(tree: Tree) -> None:
    user, later = account("zhang"), TODAY() + datetime.timedelta(days=10)
    key = tree.county.area_id
    accounts.grant(local_admin(), user, "county", "area", key, valid_to=later)
    refused("incompatible_roles", lambda: accounts.grant(local_admin(), user, "assessor", "area", key))
    accounts.grant(local_admin(), user, "assessor", "area", key, valid_from=later)
    refused("incompatible_roles", lambda: accounts.grant(local_admin(), user, "county", "area", key))


# -- roles as data ------------------------------------------------------------------------------------------------


def test_every_published_permission_stands_in_a_role() -> None:
    loose = [name for name in permissions() if not any(roles.allows(key, name) for key in roles.all_roles())]
    assert not loose


def test_every_pattern_of_every_role_fits_something() -> None:
    from fnmatch import fnmatchcase

    dead = [
        (key, pattern)
        for key, role in roles.all_roles().items()
        for pattern in role.permissions
        if not any(fnmatchcase(name, pattern.removeprefix("!")) for name in permissions())
    ]
    assert not dead
    for rule in roles.incompatible():
        assert {rule.role, *rule.roles} <= set(roles.all_roles())
        assert all(name in permissions() for name in rule.permissions)
        assert rule.roles or rule.permissions or rule.writer


def test_the_posts_of_the_campaign_are_all_there() -> None:
    assert list(roles.all_roles()) == [
        "headquarters", "county", "township", "village", "standards_keeper", "helper", "inspector", "discipline",
        "department", "assessor", "auditor", "petition_office", "administrator",
    ]  # fmt: skip
    assert not roles.allows("administrator", "register.view_household")
    assert not roles.writes("auditor")


# -- pages --------------------------------------------------------------------------------------------------------


def test_an_account_is_made_with_its_grant_and_its_password_shown_once(tree: Tree, page: Client, keeper: User) -> None:
    made = page.post(
        "/accounts/new/",
        {"username": "wangfang", "display_name": "王芳", "role": "township", "area": "城关", "field_class": ["health"]},
    )
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    password = re.search(r'class="secret">([a-z2-9-]{19})<', made.content.decode())
    assert password is not None
    user = User.objects.get(username="wangfang")
    grant = user.grants.get()
    assert (grant.role, grant.scope_id, grant.field_classes) == ("township", tree.township.area_id, ["health"])
    assert user.must_change_password
    assert password[1] not in page.get(f"/accounts/{user.pk}/").content.decode()
    assert password[1] not in str(AuditEntry.objects.values_list("detail"))
    client = Client()
    client.post("/sign-in/", {"username": "wangfang", "password": password[1]})
    assert client.get("/")["Location"] == "/password/"


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"area": "411424000000"}, 404, "没有找到这个区划"),
        ({"area": ""}, 400, "请填写区划"),
        ({"area": "东街村", "role": "emperor"}, 404, "没有角色"),
        ({"area": "东街村", "role": ""}, 404, "没有角色"),
        ({"area": "东街村", "username": "a b"}, 400, "空格"),
        ({"area": "东街村", "username": "keeper"}, 400, "已存在"),
        ({"area": "东街村", "valid_to": "gestern"}, 400, "2018-12-01"),
        ({"area": "东街村", "valid_to": "2001-01-01"}, 400, "早于"),
        ({"area": "东街村", "field_class": "soul"}, 400, "字段类别"),
        ({"area": "东街村", "field_class": "bank"}, 403, "字段类别"),
        ({"scope": "all"}, 403, "区域内"),
        ({"area": "\0"}, 400, "请填写区划"),
        ({"area": "东街村", "display_name": "王" * 151}, 400, "太长"),
    ],
)
def test_what_cannot_be_made_is_said_and_leaves_nothing(
    page: Client, given: dict[str, str], status: int, words: str
) -> None:
    before = User.objects.count()
    answer = page.post("/accounts/new/", {"username": "neu", "role": "village", **given})
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert User.objects.count() == before
    assert not Grant.objects.filter(user__username="neu").exists()


def test_an_area_named_in_part_is_chosen_from_a_list(tree: Tree, page: Client) -> None:
    answer = page.post("/accounts/new/", {"username": "neu", "role": "village", "area": "4114231"}).content.decode()
    assert 'name="chosen" value="411423100000"' in answer
    assert 'value="411423100201"' in answer
    assert "411424" not in answer, "what lies outside is not named"
    page.post("/accounts/new/", {"username": "neu", "role": "village", "area": "4114231", "chosen": "411423100201"})
    assert Grant.objects.get(user__username="neu").scope_id == tree.village.area_id


def test_one_account_is_closed_opened_and_given_a_password(tree: Tree, page: Client) -> None:
    near = account("near", "village", tree.village)
    at = f"/accounts/{near.pk}/"
    page.post(at, {"do": "close"})
    assert not User.objects.get(pk=near.pk).is_active
    assert "停用" in page.get(at).content.decode()
    page.post(at, {"do": "open"})
    assert User.objects.get(pk=near.pk).is_active
    assert 'class="secret"' in page.post(at, {"do": "password"}).content.decode()
    page.post(at, {"do": "grant", "role": "township", "area": "城关镇"})
    assert near.grants.count() == 2
    assert page.post(at, {"do": "nothing"}).status_code == 400
    assert page.post(at, {}).status_code == 400


def test_script_in_any_field_is_text(tree: Tree, page: Client) -> None:
    bad = "<script>alert(1)</script>"
    page.post("/accounts/new/", {"username": "x<b>", "display_name": bad, "role": "village", "area": "东街村"})
    user = User.objects.get(username="x<b>")
    for path in (f"/accounts/{user.pk}/", "/accounts/"):
        text = page.get(path).content.decode()
        assert bad not in text
        assert "&lt;script&gt;" in text


def test_the_list_of_accounts_costs_the_same_for_many(
    tree: Tree, page: Client, django_assert_max_num_queries: Any
) -> None:
    for at in range(30):
        user = User.objects.create(username=f"u{at}", password="!")
        Grant.objects.create(
            user=user, role="village", scope_kind="area", scope_id=tree.village.area_id, valid_from=TODAY()
        )
    page.get("/accounts/")
    with django_assert_max_num_queries(14):
        text = page.get("/accounts/").content.decode()
    assert "u29" in text
    with django_assert_max_num_queries(14):
        page.get(f"/accounts/{User.objects.get(username='u3').pk}/")
    for query in ("?role=village", "?active=1", "?factor=0", "?never=1", "?sort=last_login"):
        assert page.get("/accounts/" + query).status_code == 200, query
    assert page.get("/accounts/?role=nonsense").status_code == 400


def test_pages_are_for_keepers_only(tree: Tree) -> None:
    client = Client()
    client.force_login(account("clerk", "county", tree.county))
    for path in ("/accounts/", "/accounts/new/"):
        assert client.get(path).status_code == 403, path
    assert client.post("/accounts/find/", {"q": "k"}).status_code == 403
    assert client.post("/accounts/new/", {"username": "x"}).status_code == 403
    assert client.get("/accounts/1/").status_code == 403

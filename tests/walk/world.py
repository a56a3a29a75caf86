"""Two counties: one holds the readers, the other must stay unseen. Everything of the other bears a mark."""

from __future__ import annotations

import datetime
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F, IntegerField, Max
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console_city import DAY, PACK, account, grant
from tuopin.duties.helpers import slips
from tuopin.duties.models import Assignment, Official, PresenceSheet, Term
from tuopin.platform import database, worker
from tuopin.platform.access import actor_for, grants_of, local_admin, may, subtree
from tuopin.platform.accounts import services as accounts
from tuopin.platform.api import tokens
from tuopin.platform.models import Job, Message, Seal, Token, User
from tuopin.platform.outbox import services as messages
from tuopin.platform.outbox.services import Letter
from tuopin.platform.seals import services as seals
from tuopin.register import cards, counting
from tuopin.register.demo import write_city
from tuopin.register.events import services as events
from tuopin.register.events.areas import drafts as areas_drafts
from tuopin.register.events.areas import services as areas
from tuopin.register.events.areas.given import Given, Line
from tuopin.register.events.planning import Newcomer, Wish
from tuopin.register.importing.services import import_paths
from tuopin.register.matching.kinds import list_kinds
from tuopin.register.models import (
    AreaVersion,
    Household,
    HouseholdProfile,
    Membership,
    Person,
    PersonIdentity,
    Residence,
)
from tuopin.standards.models import SealInstance, SeenSeal
from tuopin.standards.places import Place
from tuopin.standards.procedures import services as procedures
from tuopin.standards.procedures.weighing import Doing
from tuopin.standards.sealed import services as sealed
from tuopin.standards.services import evaluate
from walk import cycling, following, hanging, helping, liking, papering, petitioning

if TYPE_CHECKING:
    from pathlib import Path

    from django.db.models import Model

MARK = "隐匿"
"""Stands in every name of the county that must stay unseen."""


@dataclass(frozen=True)
class World:
    """Codes of both counties. ``secrets``: texts that no reader of the first county may ever be sent. ``ours`` and
    ``theirs``: numbers of things that the clerks of the two counties made, by model; papers by what they are about
    (``paper:help_plan``), a lead by its key."""

    city: AreaVersion
    home: AreaVersion
    away: AreaVersion
    town: AreaVersion
    village: AreaVersion
    away_village: AreaVersion
    household: str
    away_household: str
    secrets: frozenset[str]
    ours: dict[str, int | str] = field(default_factory=dict)
    theirs: dict[str, int | str] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)


def build(folder: Path) -> World:
    """Write, import, mark and evaluate both counties, and make the readers (see ``READERS``)."""
    summary = write_city(folder / "city", counties=2, townships=3, villages=6, households=48)
    import_paths(local_admin(), summary.files)
    current = AreaVersion.objects.filter(valid_to=None)
    home, away = current.filter(level="county").order_by("code")
    secrets = _mark(away)
    for standard in STANDARDS:
        evaluate(local_admin(), standard, day=DAY, pack=PACK)
    seals.seal(local_admin())
    village = _villages(home).first()
    away_village = _villages(away).first()
    assert village is not None
    assert away_village is not None
    made = World(
        city=current.get(level="city"),
        home=home,
        away=away,
        town=current.get(area_id=village.parent_id),
        village=village,
        away_village=away_village,
        household=_households(village)[0],
        away_household=_households(away_village)[0],
        secrets=secrets,
    )
    _readers(made)
    return made


def signed_in(name: str) -> Client:
    """A browser that is signed in, and that shows a token of the reader's wherever the API asks for one."""
    user = User.objects.get(username=name)
    client = Client(headers={"host": "localhost"}, raise_request_exception=True)
    client.force_login(user)
    actor = actor_for(user)
    grants = [grant.pk for grant in grants_of(actor)]
    if grants and may(actor, tokens.MAKE):
        permissions = [each.name for each in tokens.offered(actor)]
        _row, secret = tokens.make_token(actor, "walk", grants=grants, permissions=permissions, days=1)
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def _readers(world: World) -> None:
    grant(account("village"), "village", world.village, ("health", "disability", "child"))
    grant(account("county"), "county", world.home, ("health", "disability", "child", "bank"))
    grant(account("inspector"), "inspector", world.town)
    grant(account("auditor"), "auditor", world.home, ("identity",))
    key = Household.objects.get(code=world.household).pk
    accounts.grant(local_admin(), account("helper"), "helper", "household", key)
    account("outsider")
    grant(account("keeper"), "administrator", world.home)
    grant(account("away"), "county", world.away)
    grant(account("officer"), "discipline", world.home)
    grant(account("away-officer"), "discipline", world.away)
    grant(account("letters"), "petition_office", world.home)
    grant(account("away-letters"), "petition_office", world.away)


def _villages(area: AreaVersion):  # type: ignore[no-untyped-def]  # a query set of villages
    low, high = subtree(area.path)
    return AreaVersion.objects.filter(level="village", path__gte=low, path__lt=high, valid_to=None).order_by("code")


def _households(area: AreaVersion) -> list[str]:
    ids = _villages(area).values("area_id")
    living = Residence.objects.filter(area_id__in=ids, valid_to=None).values("household_id")
    return list(Household.objects.filter(id__in=living).order_by("code").values_list("code", flat=True))


def _mark(away: AreaVersion) -> frozenset[str]:
    """Give everything of the county a name that occurs nowhere else; gather what identifies it."""
    low, high = subtree(away.path)
    areas = list(AreaVersion.objects.filter(path__gte=low, path__lt=high))
    for at, area in enumerate(areas):
        area.name = f"{MARK}{at}{area.level}"
    AreaVersion.objects.bulk_update(areas, ["name"])
    homes = Residence.objects.filter(area_id__in=[area.area_id for area in areas]).values("household_id")
    people = Membership.objects.filter(household_id__in=homes).values("person_id")
    identities = list(PersonIdentity.objects.filter(person_id__in=people))
    for at, identity in enumerate(identities):
        identity.name = f"{MARK}人{at}"
    PersonIdentity.objects.bulk_update(identities, ["name"])
    profiles = list(HouseholdProfile.objects.filter(household_id__in=homes))
    for at, profile in enumerate(profiles):
        profile.head_name = f"{MARK}主{at}"
    HouseholdProfile.objects.bulk_update(profiles, ["head_name"])
    helpers = list(Assignment.objects.filter(household_id__in=homes))
    ours = set(Assignment.objects.exclude(household_id__in=homes).values_list("phone", flat=True))
    for at, helper in enumerate(helpers):
        helper.name = f"{MARK}帮{at}"
    Assignment.objects.bulk_update(helpers, ["name"])
    here = Assignment.objects.exclude(household_id__in=homes).values("official_id")
    only_there = Official.objects.filter(pk__in={helper.official_id for helper in helpers}).exclude(pk__in=here)
    only_there.update(name=f"{MARK}帮")
    cards.refresh_all()
    with database.write():
        database.bump_data_version()
    counting.count_areas()
    texts = {MARK}
    texts |= {area.code for area in areas}
    texts |= set(Household.objects.filter(id__in=homes).values_list("code", flat=True))
    texts |= set(Person.objects.filter(id__in=people).exclude(code="").values_list("code", flat=True))
    texts |= {identity.id_number for identity in identities if identity.id_number}
    texts |= {helper.phone for helper in helpers if helper.phone and helper.phone not in ours}
    return frozenset(texts)


def use(
    client: Client, area: AreaVersion, household: str, mark: str, folder: Path, officer: str
) -> dict[str, int | str]:
    """What a county's clerk leaves behind: files on their way in and an import, department lists and what was written
    of one, a saved view, changes prepared and changes made, files to fetch, an evaluation. Returns the number of one
    thing of each kind. None of it is any business of the other county's."""
    before = _newest()
    user = User.objects.get(pk=client.session["_auth_user_id"])
    here = {"area": area.code}
    client.post(reverse("register:new_import"), {"files": _file(f"{mark}导入", _rows(household, mark))})
    for at in range(2):
        file = _file(f"{mark}名单{at}", _listed(household, mark, at))
        given = {"kind": next(iter(list_kinds())), "as_of": "2018-11-01", "file": file}
        client.post(reverse("register:match_new", query=here), given)
    households = reverse("console:households", args=[area.code])
    client.post(households, {"name": f"{mark}名单", "query": "sort=-code"})
    client.post(reverse("register:workbooks", query=here), {"kind": "village", "on": "2018-12-01", **here})
    _correct(client, area, household, mark)
    _rename(user, household, mark)
    _happen(user, household, mark)
    worker.work(threading.Event(), until_empty=True)
    first = min(_since(before)["register.matchrun"])
    client.post(reverse("register:match_write", args=[first]), {"facts": "1", "doubts": "1"})
    for standard in STANDARDS:
        evaluate(actor_for(user), standard, day=DAY, pack=PACK, area=area.code)
    asked = client.post(reverse("api:workbook"), {"kind": "village", **here}, content_type="application/json")
    opened = client.post(reverse("api:open_set"), {}, content_type="application/json")
    compared = _compare(client, area)
    _begin_procedure(user, area, household)
    _judge_sealed(user, area, mark)
    helping.office(user, area, mark)
    hanging.sign(user, area, household, mark)
    helping.plan_help(user, household, mark)
    helping.live_by(user, area, household, mark)
    helping.team(user, household, mark)
    helping.visit(user, household, mark)
    helping.plan_duties(user, area)
    office = helping.command(user, area, mark)
    following.help_given(user, area, household, mark, folder)
    following.offices(user, area, household, mark)
    following.papers(user, area, household, mark)
    following.commanded(user, office, mark)
    following.promised(user, area, mark)
    following.team_followed(user, area, household, mark)
    cycling.opened(user, area, household, mark)
    following.seen(user, household, mark)
    letter = petitioning.petition(
        User.objects.get(username=officer.replace("officer", "letters")), area, household, mark
    )
    following.matters(user, area, household, mark)
    cycling.planned(user, household, mark)
    papering.papers(user, mark)
    liking.alike(user, area, household, mark)
    lead = following.lead(User.objects.get(username=officer), area, mark)
    told = Letter(user.pk, f"{mark}消息", "platform.undelivered", timezone.localdate(), word=f"{mark}消息")
    messages.post(actor_for(user), [told])
    slips.keep(actor_for(user), f"{mark}帮扶", [slips.Slip("u", f"{mark}帮", mark, "not-a-password")])
    _import(user, folder, household, mark)
    worker.work(threading.Event(), until_empty=True)
    person = Membership.objects.filter(household__code=household, valid_to=None).values_list("person_id", flat=True)
    since = _since(before)
    found: dict[str, int | str] = {model: max(numbers) for model, numbers in since.items()}
    return (
        found
        | following.papers_of(since)
        | {
            "lead": lead,
            "orders.petition": letter,
            "duties.official": Term.objects.latest("pk").official_id,
            "member": PresenceSheet.objects.latest("pk").official_id,
            "platform.user": user.pk,
            "duties.headquarters": office,
            "platform.message": Message.objects.filter(user=user).latest("pk").pk,
            "platform.token": Token.objects.filter(user=user).latest("pk").pk,
            "platform.job": Job.objects.filter(user_id=user.pk).latest("pk").pk,
            "api.job": asked.json()["id"],
            "api.importset": opened.json()["id"],
            "standards.comparison": compared,
            "register.person": min(person),
            "register.household": Household.objects.get(code=household).pk,
        }
    )


STANDARDS = ("household_exit", "village_exit")


def _begin_procedure(user: User, area: AreaVersion, household: str) -> None:
    """One of monitoring, which any household may begin, with its first step."""
    actor, place = actor_for(user), Place(area.area_id, area.path)
    found = Household.objects.get(code=household)
    [row] = procedures.begin(actor, place, "monitoring", [found.pk], MONITORED)
    procedures.act(actor, {row.pk: 0}, Doing("warning", "clue", MONITORED, "甲"))


MONITORED = datetime.date(2021, 12, 1)


def _judge_sealed(user: User, area: AreaVersion, mark: str) -> None:
    """A result from the seal, and another installation whose seals are read under the area."""
    seal = Seal.objects.latest("number")
    asked = sealed.Asked(seal.number, "household_exit", DAY, PACK, area.code)
    sealed.evaluate(actor_for(user), asked)
    row = SealInstance.objects.create(
        instance=f"{area.area_id:032x}", name=f"{mark}实例", address=f"memory://{area.area_id}", area_id=area.area_id,
        registered_at=seal.sealed_at, registered_by="system",
    )  # fmt: skip
    SeenSeal.objects.create(
        instance=row, number=1, digest=seal.digest, sealed_at=seal.sealed_at, rows=1, seen_at=seal.sealed_at
    )


def _compare(client: Client, area: AreaVersion) -> int:
    """A comparison as the form stands, but for one parameter; its number is that of its job."""
    from walk.asking import forms_of

    address = reverse("standards:compare", query={"area": area.code})
    forms, _names = forms_of(client.get(address).content.decode())
    form = next(each for each in forms if each.action == reverse("standards:compare"))
    made = client.post(form.action, form.fields | {"b_parameters": "poverty_line = 3200"})
    return int(made["Location"].strip("/").rsplit("/", 1)[-1])


def _rename(user: User, household: str, mark: str) -> None:
    """The household's village got another name long ago; another change is prepared."""
    home = Residence.objects.get(household__code=household, valid_to=None)
    village = AreaVersion.objects.get(area_id=home.area_id, valid_to=None)
    line = Line("renamed", datetime.date(2010, 1, 1), village.code, name=f"{mark}改名村")
    areas.record(actor_for(user), Given((line,), f"{mark}文件"))
    areas_drafts.keep(actor_for(user), Given((replace(line, name=f"{mark}再改名村"),), f"{mark}文件"))


def _correct(client: Client, area: AreaVersion, household: str, mark: str) -> None:
    """A correction written, and another prepared."""
    address = reverse("register:bulk", args=["households"], query={"area": area.code})
    fact = {"scope": "codes", "codes": household, "field": "road_distance"}
    why = {"as_of": "2018-12-02", "source": "visit", "reason": f"{mark}走访"}
    made = client.post(address, fact | why | {"value": "7.5"})
    client.post(made["Location"], {"do": "apply"})
    client.post(address, fact | why | {"value": "8.5"})


def _happen(user: User, household: str, mark: str) -> None:
    """Somebody has come to the household."""
    wish = Wish(Household.objects.get(code=household).pk, newcomer=Newcomer(f"{mark}来人"))
    events.record(actor_for(user), "other_in", [wish], events.Why(datetime.date(2018, 12, 20), f"{mark}转入"))


def _import(user: User, folder: Path, household: str, mark: str) -> None:
    """An import of the clerk's own, with a row that is not taken."""
    home = Residence.objects.get(household__code=household, valid_to=None)
    village = AreaVersion.objects.get(area_id=home.area_id, valid_to=None)
    assert village.parent_id is not None
    town = AreaVersion.objects.get(area_id=village.parent_id, valid_to=None)
    path = folder / f"{mark}户人.csv"
    place = f"{town.name},{village.name}"
    rows = f"{place},{household},{mark}新,之子,,男,2017-05-06\n{place},,{mark}无户,之子,,男,2017-05-07\n"
    path.write_text(f"乡镇,村,户编号,姓名,与户主关系,证件号码,性别,出生日期\n{rows}", "utf-8")
    import_paths(actor_for(user), [path], as_of=datetime.date(2018, 12, 3))


def _file(name: str, rows: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.csv", rows)


def _rows(household: str, mark: str) -> bytes:
    return f"户编号,户主姓名,姓名,证件号码\n{household},{mark}主,{mark}人,\n".encode()


def _listed(household: str, mark: str, at: int) -> bytes:
    """A department list: a person of the household (in the second with a wrong digit), one whom nobody knows."""
    held = Membership.objects.filter(household__code=household, valid_to=None).values("person_id")
    known = PersonIdentity.objects.filter(person_id__in=held, superseded_at=None).exclude(id_number="").first()
    assert known is not None
    number = known.id_number
    wrong = number[:8] + str((int(number[8]) + 1) % 10) + number[9:] if at else number
    return f"姓名,证件号码\n{known.name},{wrong}\n{mark}客{at},\n".encode()


def _newest() -> dict[str, int]:
    """The highest number of every model."""
    return {each._meta.label_lower: each._default_manager.aggregate(top=Max("pk"))["top"] or 0 for each in _models()}


def _since(before: dict[str, int]) -> dict[str, list[int]]:
    """Numbers of what was made since, by model."""
    made: dict[str, list[int]] = {}
    for each in _models():
        label = each._meta.label_lower
        made[label] = list(each._default_manager.filter(pk__gt=before[label]).values_list("pk", flat=True))
    return {model: numbers for model, numbers in made.items() if numbers}


def _models() -> list[type[Model]]:
    """The product's tables whose rows have numbers."""
    return [
        each
        for each in apps.get_models()
        if each.__module__.startswith("tuopin.") and isinstance(each._meta.pk, IntegerField)
    ]


def change_away(world: World) -> None:
    """Change the other county so that any figure that counts it must change too: half its households leave, the rest
    is counted and judged anew."""
    ids = list(_villages(world.away).values_list("area_id", flat=True))
    living = list(Residence.objects.filter(area_id__in=ids, valid_to=None).order_by("household_id"))
    gone = [residence.pk for residence in living[::2]]
    Residence.objects.filter(pk__in=gone).update(valid_to=F("valid_from") + datetime.timedelta(days=1))
    cards.refresh_all()
    with database.write():
        database.bump_data_version()
    for standard in STANDARDS:
        evaluate(local_admin(), standard, day=DAY, pack=PACK, area=world.away.code)
    worker.work(threading.Event(), until_empty=True)
    counting.count_areas()

"""Loading the demo city: an invented city's workbooks go through the importer, and its verdicts are worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from django.db.models import Count

from tuopin.duties.helpers import grants
from tuopin.duties.models import Assignment, Official
from tuopin.platform.access import one_page
from tuopin.platform.accounts import services as accounts
from tuopin.platform.catalogue import rooms_modules
from tuopin.platform.database import write
from tuopin.platform.home import home, make_home
from tuopin.platform.models import Seal, User
from tuopin.platform.problems import Problem
from tuopin.platform.seals import services as seals
from tuopin.register.counting import count_areas
from tuopin.register.demo import areas, sizes, write_city
from tuopin.register.demo.outlines import write_outlines
from tuopin.register.demo.streams import DAY
from tuopin.register.importing.services import import_paths
from tuopin.register.models import AreaVersion, Household
from tuopin.register.outlines.services import install
from tuopin.register.selectors import household_ids_within, subtree
from tuopin.standards.models import PackBinding
from tuopin.standards.services import bind_pack, evaluate_chain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tuopin.platform.access import Actor

MARK = "DEMO"
PACK = "shangqiu-2018"  # the invented city follows the standards of the city speech: 123, 129, 321
"""File in the data folder: every page then says that the people are invented. It holds the accounts' password."""

STANDARDS = (
    ("data-quality", "village_quality"),
    ("data-quality", "household_quality"),
    ("water", "water_safety"),
    (PACK, "home_improvement"),
    (PACK, "village_works"),
    (PACK, "household_exit"),
    (PACK, "village_exit"),
    (PACK, "county_exit"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """A demo account: a role over an area (its code), or over everything (""), with the classes of fields it needs."""

    username: str
    zh: str
    en: str
    role: str
    area: str = ""
    field_classes: tuple[str, ...] = ()


CARE = ("health", "disability", "child")

ACCOUNTS = (
    Account("admin", "系统管理员", "administrator", "administrator", field_classes=CARE),
    Account("headquarters", "市指挥部", "city headquarters", "headquarters", areas.CITY_CODE),
    Account("keeper", "标准管理", "keeper of standards", "standards_keeper", areas.CITY_CODE),
    Account("county", "县扶贫办", "county clerk", "county", areas.FIRST_COUNTY, (*CARE, "bank")),
    Account("township", "乡镇", "township office", "township", areas.FIRST_TOWNSHIP, CARE),
    Account("village", "村干部", "village cadre", "village", areas.FIRST_VILLAGE, CARE),
    Account("discipline", "纪检监察", "discipline inspection", "discipline", areas.CITY_CODE),
    Account("petitions", "信访", "petition office", "petition_office", areas.FIRST_COUNTY),
    Account("auditor", "审计", "auditor", "auditor"),
)
HELPER = Account("helper", "帮扶责任人", "helper", "helper")
"""Beside the others: what it sees follows from whom its official helps."""


def load(
    actor: Actor, *, households: int = 20_000, folder: Path | None = None, tell: Callable[[str, int], None]
) -> str:
    """Bring the demo city into an empty installation and return the password of its accounts.

    The workbooks stay in ``folder`` (``TUOPIN_HOME/demo`` by default). Where the city already is, the data are kept
    and only what is missing is made up for, so that a run cut off in the middle can be started again. Raises Problem
    where the register holds households that are not invented.
    """
    password = _mark()
    if not Household.objects.exists():
        target = folder or home() / "demo"
        tell("workbooks", 0)
        city = write_city(target, with_ledgers=True, **sizes(households))
        import_paths(actor, city.files, progress=tell)
        _draw(actor, target, households)
    if not PackBinding.objects.exists():
        bind_pack(actor, areas.CITY_CODE, PACK, valid_from=DAY.replace(month=1, day=1))
    _fill(actor, "FILLS", tell)  # what the city's offices keep beside the register; each at most once
    evaluate_chain(actor, STANDARDS, day=DAY, progress=tell)
    _fill(actor, "JUDGED_FILLS", tell)  # and what they make of the verdicts
    count_areas()
    _make_accounts(actor, password)
    if not Seal.objects.exists():
        tell("seal", 0)
        seals.seal(actor)
    return password


def _fill(actor: Actor, name: str, tell: Callable[[str, int], None]) -> None:
    for room, module in rooms_modules("demo"):
        for fill in getattr(module, name, ()):
            tell(room, 0)
            with one_page():  # packs are looked at once, not for each of hundreds of small acts
                fill(actor)


def _draw(actor: Actor, target: Path, households: int) -> None:
    """The city's own outlines for its maps: no office has any of it."""
    outlines = target / "demo.geojson"
    write_outlines(outlines, areas.lay_out(1, **sizes(households)))
    install(actor, outlines)


def _mark() -> str:
    """Mark the installation as invented before anything is invented in it; returns the accounts' password."""
    mark = make_home() / MARK
    if mark.exists():
        return str(orjson.loads(mark.read_bytes())["password"])
    if Household.objects.exists():
        raise Problem(
            "register_not_empty",
            "登记中已有真实数据，不能装入演示数据。请另设数据目录：TUOPIN_HOME=目录 tuopin demo。",
            "The register already holds data; invented people are not mixed with them. Use another data folder: "
            "TUOPIN_HOME=FOLDER tuopin demo.",
        )
    password = accounts.random_password()
    draft = mark.with_name(f".{MARK}.new")
    draft.write_bytes(orjson.dumps({"invented": True, "password": password}))
    draft.chmod(0o600)
    draft.replace(mark)
    return password


def _make_accounts(actor: Actor, password: str) -> None:
    for account in ACCOUNTS:
        if User.objects.filter(username=account.username).exists():
            continue
        shown = f"{account.zh}（演示）"
        with write():
            user, _ = accounts.add_user(actor, account.username, password, display_name=shown, must_change=False)
            kind = "area" if account.area else "all"
            accounts.grant_by_code(actor, user, account.role, kind, account.area, field_classes=account.field_classes)
    _make_helper(actor, password)


def _make_helper(actor: Actor, password: str) -> None:
    """An account for the helper of the first village with most households: grants follow the duties."""
    if User.objects.filter(username=HELPER.username).exists():
        return
    village = AreaVersion.objects.filter(code=areas.FIRST_VILLAGE, valid_to=None).get()
    free = Assignment.objects.filter(valid_to=None, role="helper", official__user=None)
    near = free.filter(household_id__in=household_ids_within([subtree(village)]))
    most = next(
        (
            found
            for rows in (near, free)
            if (found := rows.values("official_id").annotate(n=Count("pk")).order_by("-n", "official_id").first())
        ),
        None,
    )
    if most is None:
        return
    with write():
        user, _ = accounts.add_user(
            actor, HELPER.username, password, display_name=f"{HELPER.zh}（演示）", must_change=False
        )
        Official.objects.filter(pk=most["official_id"]).update(user=user)
    grants.keep(actor)

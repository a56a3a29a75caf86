"""The demo city's enterprises, links, work, loans and relocation: invented, a few hundred rows, the same every time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tuopin.core.credit import check_character
from tuopin.platform.database import write
from tuopin.register.counting import ON_REGISTER
from tuopin.register.demo.streams import DAY
from tuopin.register.models import AreaVersion, HouseholdCard, PersonCondition

from . import checks, services
from .models import (
    Dividend,
    Enterprise,
    EnterpriseLink,
    EnterpriseRisk,
    EnterpriseVersion,
    Loan,
    Relocation,
    Work,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tuopin.platform.access import Actor

HOUSEHOLDS = 600
_BRANDS = ("金穗", "绿源", "丰禾", "惠农", "兴业", "田园")
_INDUSTRIES = ("蔬菜", "食用菌", "肉牛", "中药材", "服装加工", "林果")
_TRADES = ("某电子厂", "某建筑公司", "某服装厂", "某物流园", "某餐饮店")
_POSTS = ("保洁员", "护林员", "护路员", "护水员")
_WAYS = ("outside", "province", "county", "township")


def fill(actor: Actor) -> None:
    """Everything of this part; nothing where there is an enterprise already."""
    if Enterprise.objects.exists():
        return
    homes = list(HouseholdCard.objects.filter(registration__in=ON_REGISTER).order_by("code").values_list("pk", "path"))
    chosen = homes[:: max(1, len(homes) // HOUSEHOLDS)][:HOUSEHOLDS]
    if not chosen:
        return
    with write():  # all of it or nothing: it is not begun a second time
        known = _enterprises(actor)
        _risks(actor, sorted({each for found in known.values() for each in found}))
        links = _links(actor, chosen, known)
        _dividends(actor, links)
        _work(actor, [key for key, _path in chosen])
        _loans(actor, [key for key, _path in chosen[1::4]])
        _relocations(actor, [key for key, _path in chosen[2::9]])


def _day(before: int) -> date:
    return DAY - timedelta(days=before)


def _enterprises(actor: Actor) -> dict[str, list[int]]:
    """Ids by the path of their place: two or three leading enterprises and a workshop a county, a cooperative a
    township."""
    found: dict[str, list[int]] = {}
    areas = AreaVersion.objects.filter(level__in=("county", "township"), valid_to=None).order_by("path")
    number = 0
    for at, area in enumerate(areas):
        kinds = (
            ("leading", "leading", "workshop", "leading")[: 3 + at % 2] if area.level == "county" else ("cooperative",)
        )
        for kind in kinds:
            brand, industry = _BRANDS[number % 6], _INDUSTRIES[(number // 2) % 6]
            body = f"93990000MA{number:07d}"
            words = {"leading": "有限公司", "workshop": "扶贫车间", "cooperative": "专业合作社"}[kind]
            made = EnterpriseVersion(
                as_of=_day(900), name=f"{area.name}{brand}{industry}{words}", kind=kind, industry=industry,
                credit_code=body + check_character(body), area_id=area.area_id, organisation="县农业农村局",
                operator=f"{brand}服装" if kind == "workshop" else "", capacity=40 if kind == "workshop" else None,
            )  # fmt: skip
            kept = services.keep_enterprise(actor, made)
            found.setdefault(area.path, []).append(kept.enterprise_id)
            number += 1
    return found


def _risks(actor: Actor, ids: Sequence[int]) -> None:
    """Most are normal, some to be watched, one in nine at risk, one in seventeen stopped; of some nothing is said."""
    rows = []
    for at, enterprise in enumerate(ids):
        if at % 5 == 4:
            continue
        level = "stopped" if at % 17 == 3 else "risk" if at % 9 == 2 else "watch" if at % 6 == 1 else "normal"
        ground = {"stopped": "订单取消，停产三个月", "risk": "拖欠货款", "watch": "价格下跌", "normal": ""}[level]
        rows.append(EnterpriseRisk(enterprise_id=enterprise, day=_day(60 + at), level=level, ground=ground))
    if rows:
        services.record_risks(actor, rows)


def _links(actor: Actor, homes: Sequence[tuple[int, str]], known: dict[str, list[int]]) -> list[EnterpriseLink]:
    rows = []
    for at, (household, path) in enumerate(homes):
        near = [each for place, ids in known.items() if path.startswith(place) for each in ids]
        if at % 3 == 2 or not near:
            continue
        forms = ("shares", "land", "orders", "assets", "work")
        rows += [
            EnterpriseLink(
                household_id=household, enterprise_id=near[more % len(near)], form=forms[more % 5],
                valid_from=_day(700 - at % 300), valid_to=_day(20) if at % 31 == 0 else None,
                contract=f"示联〔2018〕{at + 1}号", agreed=(800 + at % 7 * 200) * 100,
                share=250 if forms[more % 5] == "shares" else None,
            )
            for more in range(at, at + 1 + (at % 4 == 0))
        ]  # fmt: skip
    if rows:
        services.keep_links(actor, rows)
    return rows


def _dividends(actor: Actor, links: Sequence[EnterpriseLink]) -> None:
    rows = []
    for at, link in enumerate(each for each in links if each.form in {"shares", "assets"}):
        paid = link.agreed if at % 4 else None
        rows.append(
            Dividend(
                household_id=link.household_id,
                enterprise_id=link.enterprise_id,
                form=link.form,
                period="2018",
                due_on=_day(32),
                due=link.agreed,
                paid=paid,
                paid_on=_day(30) if paid else None,
                document=f"分红凭证{at + 1}" if paid else "",
            )
        )
    if rows:
        services.record_dividends(actor, rows)


def _work(actor: Actor, homes: Sequence[int]) -> None:
    """One grown person able to work of every other household."""
    able = PersonCondition.objects.filter(
        superseded_at=None, labour__in=("ordinary", "skilled"), person__memberships__household_id__in=homes[::2],
        person__memberships__valid_to=None,
    )  # fmt: skip
    grown = able.order_by("-person_id").values_list("person_id", "person__memberships__household_id")
    first = {household: person for person, household in grown}
    births = checks.births(set(first.values()))
    old = {person for person, birth in births.items() if _day(60 * 365) < birth < _day(20 * 365)}
    rows = []
    for at, person in enumerate(sorted(old)):
        kind = ("away", "away", "local", "workshop", "public_post")[at % 5]
        public = kind == "public_post"
        back = kind == "away" and at % 11 == 0
        rows.append(
            Work(
                person_id=person,
                kind=kind,
                employer="" if public else _TRADES[at % 5],
                post=_POSTS[at % 4] if public else "",
                organisation="村民委员会" if public else "",
                place=_WAYS[at % 2] if kind == "away" else _WAYS[2 + at % 2],
                valid_from=_day(250 - at % 120),
                valid_to=_day(15) if back else None,
                contract=at % 3 != 0,
                wage=(90_000 if public else 250_000 + at % 6 * 40_000),
                returned=back,
                end_reason="照顾老人" if back else "",
            )
        )
    if rows:
        services.keep_work(actor, rows)


def _loans(actor: Actor, homes: Sequence[int]) -> None:
    rows = []
    for at, household in enumerate(homes):
        due = DAY + timedelta(days=(-20, 15, 45, 200, 400)[at % 5])
        rows.append(
            Loan(
                household_id=household,
                bank="示范县农村商业银行",
                number=f"示贷{at + 1:05d}",
                amount=5_000_000 if at % 2 else 3_000_000,
                rate=435,
                granted=due - timedelta(days=730),
                due=due,
                use="lent_on" if at % 13 == 0 else "own",
                purpose="养殖",
                interest_paid=200_000,
                repaid=5_000_000 if at % 10 == 5 else None,
                repaid_on=_day(25) if at % 10 == 5 else None,
            )
        )
    if rows:
        services.keep_loans(actor, rows)


def _relocations(actor: Actor, homes: Sequence[int]) -> None:
    rows = []
    for at, household in enumerate(homes):
        down = at % 4 != 0
        rows.append(
            Relocation(
                household_id=household,
                as_of=_day(10),
                from_place="山上组",
                site=f"{_BRANDS[at % 3]}社区安置点",
                contract=f"示搬〔2017〕{at + 1}号",
                moved_in_on=_day(300 - at),
                old_house="down" if down else "standing",
                old_house_down_on=_day(200 - at) if down else None,
                has_job=at % 5 != 1,
                job_source="村干部回访",
                has_school=None if at % 6 == 2 else at % 7 != 3,
                school_source="" if at % 6 == 2 else "村干部回访",
                has_clinic=at % 8 != 5,
                clinic_source="村干部回访",
                land_there=True,
                registered_there=at % 3 == 0,
                ties_source="村干部回访",
            )
        )
    if rows:
        services.record_relocations(actor, rows)

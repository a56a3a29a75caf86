"""Blocks of facts that come from ledgers of their own: water at the house, works of a household and of a village,
monitoring. Each ledger is a kind of workbook, and dated by itself."""

from typing import TYPE_CHECKING, ClassVar

from django.db import models

from .blocks import AreaBlock, HouseholdBlock, _code, _codes, _current, _number, _text, _yes_no

if TYPE_CHECKING:
    from datetime import date


def _day() -> "models.DateField[date | None, date | None]":
    return models.DateField(null=True)


class HouseholdWater(HouseholdBlock):
    """Drinking water as measured at the house on ``as_of`` (饮水安全核查). Litres a person and day are scaled by 10;
    way to the water in minutes (one fetch, there and back), metres and metres of climb; shortage in a year."""

    water_zone = _code()
    water_supply = _code()
    water_litres = _number()
    water_test_passed = _yes_no()
    water_tester = _code()
    water_tested_on = _day()
    water_senses_good = _yes_no()
    water_piped = _yes_no()
    water_minutes = _number()
    water_metres = _number()
    water_climb = _number()
    water_short_days = _number()
    water_short_months = _number()
    water_surveyor = _text(100)

    class Meta:
        db_table = "register_household_water"
        constraints: ClassVar = _current("household", "water")


class HouseholdWorks(HouseholdBlock):
    """Improvements of the house (六改工程台账), each done, sound before, undone or not applicable. Which of them a
    place counts is said by its pack."""

    improve_water = _code()
    improve_power = _code()
    improve_toilet = _code()
    improve_kitchen = _code()
    improve_yard = _code()
    improve_habits = _code()
    improve_pen = _code()
    improve_goods = _code()
    works_checker = _text(100)

    class Meta:
        db_table = "register_household_works"
        constraints: ClassVar = _current("household", "works")


class HouseholdMonitoring(HouseholdBlock):
    """The national list of monitored households (监测对象信息): how and when the risk was found, and removed."""

    household_type = _code()
    monitored_kind = _code()
    discovery = _code()
    main_risk = _code()
    other_risks = _codes()
    identified_on = _day()
    risk_removed = _yes_no()
    removal_way = _code()
    removed_on = _day()
    self_paid_medical = _number()
    rigid_spending = _number()
    income_drop = _yes_no()

    class Meta:
        db_table = "register_household_monitoring"
        constraints: ClassVar = _current("household", "monitoring")


class VillageWorks(AreaBlock):
    """Works of a village (九大工程台账): a list of its own, not the nine conditions of 129. Four names were found, the
    others a place names itself in its pack."""

    village_work_1 = _code()
    village_work_2 = _code()
    village_work_3 = _code()
    village_work_4 = _code()
    village_work_5 = _code()
    village_work_6 = _code()
    village_work_7 = _code()
    village_work_8 = _code()
    village_work_9 = _code()

    class Meta:
        db_table = "register_village_works"
        constraints: ClassVar = _current("area", "village_works")

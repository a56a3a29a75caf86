"""The kinds of workbook that the register takes in, each with the function that plans it."""

from .importing.intake_areas import plan_areas
from .importing.intake_counties import plan_county_figures
from .importing.intake_households import plan_households
from .importing.intake_villages import plan_village_works, plan_villages
from .importing.ledgers import plan_checks, plan_water, plan_works

INTAKES = {
    "areas": plan_areas,
    "village": plan_villages,
    "village_works": plan_village_works,
    "county_figures": plan_county_figures,
    "household_person": plan_households,
    "household_check": plan_checks,
    "household_water": plan_water,
    "household_works": plan_works,
}

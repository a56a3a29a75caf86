"""The kinds of workbook that the register takes in, each with the function that plans it."""

from .importing.intake_areas import plan_areas
from .importing.intake_checks import plan_checks
from .importing.intake_households import plan_households
from .importing.intake_villages import plan_villages

INTAKES = {
    "areas": plan_areas,
    "village": plan_villages,
    "household_person": plan_households,
    "household_check": plan_checks,
}

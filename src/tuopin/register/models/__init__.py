"""Tables of the register. Identities are permanent; everything said about them is dated."""

from .areas import Area, AreaVersion, Designation
from .blocks import (
    CountyCondition,
    FactBlock,
    HouseholdCheck,
    HouseholdIncome,
    HouseholdLiving,
    HouseholdProfile,
    PersonCondition,
    PersonIdentity,
    VillageCondition,
)
from .households import Household, Membership, Person, Residence, StatusPeriod
from .imports import DataIssue, Import, RejectedRow, Sheet, WaitingRow

__all__ = [
    "Area",
    "AreaVersion",
    "CountyCondition",
    "DataIssue",
    "Designation",
    "FactBlock",
    "Household",
    "HouseholdCheck",
    "HouseholdIncome",
    "HouseholdLiving",
    "HouseholdProfile",
    "Import",
    "Membership",
    "Person",
    "PersonCondition",
    "PersonIdentity",
    "RejectedRow",
    "Residence",
    "Sheet",
    "StatusPeriod",
    "VillageCondition",
    "WaitingRow",
]

"""Tables of the register. Identities are permanent; everything said about them is dated."""

from .area_events import AreaDraft, AreaEvent, AreaEventChange, AreaEventUndone, AreaMap
from .areas import Area, AreaVersion, Designation
from .blocks import (
    CountyCondition,
    CountySurvey,
    FactBlock,
    HouseholdCheck,
    HouseholdIncome,
    HouseholdLiving,
    HouseholdProfile,
    PersonCondition,
    PersonIdentity,
    VillageCondition,
)
from .cards import HouseholdCard, PersonCard, PersonKey
from .corrections import CorrectedValue, Correction, Draft, DraftLine, IssueWaiver, KeptExport
from .counts import AreaCounts
from .events import EventEcho, EventSubject, RegisterEvent
from .households import Household, Membership, Person, Residence, StatusPeriod
from .imports import DataIssue, Import, ImportChange, ImportSet, RejectedRow, Sheet, WaitingRow
from .ledgers import HouseholdMonitoring, HouseholdWater, HouseholdWorks, VillageWorks
from .matching import MatchPair, MatchResult, MatchRun
from .status_changes import StatusChange

__all__ = [
    "Area",
    "AreaCounts",
    "AreaDraft",
    "AreaEvent",
    "AreaEventChange",
    "AreaEventUndone",
    "AreaMap",
    "AreaVersion",
    "CorrectedValue",
    "Correction",
    "CountyCondition",
    "CountySurvey",
    "DataIssue",
    "Designation",
    "Draft",
    "DraftLine",
    "EventEcho",
    "EventSubject",
    "FactBlock",
    "Household",
    "HouseholdCard",
    "HouseholdCheck",
    "HouseholdIncome",
    "HouseholdLiving",
    "HouseholdMonitoring",
    "HouseholdProfile",
    "HouseholdWater",
    "HouseholdWorks",
    "Import",
    "ImportChange",
    "ImportSet",
    "IssueWaiver",
    "KeptExport",
    "MatchPair",
    "MatchResult",
    "MatchRun",
    "Membership",
    "Person",
    "PersonCard",
    "PersonCondition",
    "PersonIdentity",
    "PersonKey",
    "RegisterEvent",
    "RejectedRow",
    "Residence",
    "Sheet",
    "StatusChange",
    "StatusPeriod",
    "VillageCondition",
    "VillageWorks",
    "WaitingRow",
]

"""What the register adds to a seal beside its facts: the tree, designations and events; who is who, apart."""

from django.db.models import Q

from tuopin.core.language.catalogue import Title
from tuopin.core.snapshot import Column
from tuopin.platform.seals.published import Home, IdentityTable, SealedTable

from .models import AreaVersion


def _columns(integers: str = "", texts: str = "", dates: str = "", yes_no: str = "") -> tuple[Column, ...]:
    kinds = (("integer", integers), ("text", texts), ("date", dates), ("boolean", yes_no))
    return tuple(Column(name, kind) for kind, names in kinds for name in names.split())


TABLES = (
    SealedTable("register_area_version", _columns("area_id parent_id", "code name level path", "valid_from valid_to")),
    SealedTable("register_designation", _columns("id area_id", "kind", "valid_from valid_to")),
    SealedTable(
        "register_area_map",
        _columns(
            "id event_id area_id successor_id households",
            "kind level code name path new_code new_name new_path",
            "day",
            "ended began",
        ),
    ),
    SealedTable("register_area_event_undone", _columns("event_id")),
    SealedTable(
        "register_event",
        _columns("id household_id other_id area_id other_area_id persons undoes_id", "kind", "day"),
        "household",
        "household_id",
    ),
    SealedTable(
        "register_event_subject",
        _columns("id event_id household_id person_id was now same_as_id", "", "day"),
        "household",
        "household_id",
    ),
    # what kind of sheet it was; file and headers are as people wrote them
    SealedTable("register_sheet", _columns("", "kind")),
)

# Where the rows of a household or person stand: in the county that they lived in. Whoever lived in several stands in
# none (``-``), so that a county's folder and ``-`` hold together all that was ever there: a county is judged on a day
# before somebody moved away without opening the others.
TITLES = (
    ("register_area_event_undone", Title("撤销的区划变动", "changes of areas taken back")),
    ("register_area_map", Title("区划变动对照", "changes of areas, old to new")),
    ("register_area_version", Title("区划", "areas")),
    ("register_county_condition", Title("县情况", "county figures")),
    ("register_county_survey", Title("县抽样调查", "county surveys")),
    ("register_designation", Title("贫困县、贫困村", "designations")),
    ("register_event", Title("户、人变动", "events")),
    ("register_event_subject", Title("变动涉及的户、人", "whom events are about")),
    ("register_household", Title("户", "households")),
    ("register_household_check", Title("脱贫核查", "verification at the door")),
    ("register_household_income", Title("收入", "income")),
    ("register_household_living", Title("生产生活条件", "living conditions")),
    ("register_household_monitoring", Title("监测对象", "monitoring")),
    ("register_household_profile", Title("户基本情况", "profiles of households")),
    ("register_household_water", Title("饮水安全", "water")),
    ("register_household_works", Title("六改", "improvements of houses")),
    ("register_membership", Title("家庭成员", "membership")),
    ("register_person", Title("人", "persons")),
    ("register_person_condition", Title("人的情况", "conditions of persons")),
    ("register_person_identity", Title("出生、性别、民族", "birth, sex, ethnic group")),
    ("register_residence", Title("居住地", "residence")),
    ("register_sheet", Title("来源工作表的列", "columns of the sheets")),
    ("register_status_period", Title("属性（脱贫、监测、政策）", "statuses")),
    ("register_village_condition", Title("村情况", "villages")),
    ("register_village_works", Title("九大工程", "works of villages")),
)

HOMES = (
    Home(
        "household",
        ("register_residence", "register_area_version"),
        """
        WITH newest AS (
          SELECT area_id, arg_max(path, coalesce(valid_to, DATE '9999-12-31')) AS path,
                 arg_max(code, coalesce(valid_to, DATE '9999-12-31')) AS code,
                 arg_max(level, coalesce(valid_to, DATE '9999-12-31')) AS level
          FROM register_area_version GROUP BY area_id),
        lived AS (
          SELECT household_id, arg_max(area_id, coalesce(valid_to, DATE '9999-12-31')) AS area_id
          FROM register_residence GROUP BY household_id),
        placed AS (
          SELECT a.area_id, c.code FROM newest a JOIN newest c
          ON c.level = 'county' AND substr(a.path, 1, length(c.path)) = c.path),
        around AS (
          SELECT r.household_id, count(DISTINCT coalesce(p.code, '')) AS counties
          FROM register_residence r LEFT JOIN placed p ON p.area_id = r.area_id GROUP BY r.household_id)
        SELECT l.household_id AS id, l.area_id AS parent, CASE WHEN w.counties = 1 THEN p.code END AS county
        FROM lived l JOIN around w ON w.household_id = l.household_id LEFT JOIN placed p ON p.area_id = l.area_id
        """,
    ),
    Home(
        "person",
        ("register_membership",),
        """
        WITH belonged AS (
          SELECT person_id, arg_max(household_id, coalesce(valid_to, DATE '9999-12-31')) AS household_id
          FROM register_membership GROUP BY person_id),
        around AS (
          SELECT m.person_id, count(DISTINCT coalesce(h.county, '')) AS counties
          FROM register_membership m LEFT JOIN _home_household h ON h.id = m.household_id GROUP BY m.person_id)
        SELECT b.person_id AS id, b.household_id AS parent, CASE WHEN w.counties = 1 THEN h.county END AS county
        FROM belonged b JOIN around w ON w.person_id = b.person_id
        LEFT JOIN _home_household h ON h.id = b.household_id
        """,
    ),
)

COUNTIES_SQL = (
    "SELECT code, name FROM register_area_version WHERE level = 'county' AND valid_to IS NULL ORDER BY code",
)
NAME_SQL = (  # the lowest area that holds everything
    """
    SELECT any_value(name) FROM register_area_version
    WHERE valid_to IS NULL AND level IN ('nation', 'province', 'city', 'county')
    GROUP BY level HAVING count(*) = 1
    ORDER BY list_position(['nation', 'province', 'city', 'county'], level) DESC LIMIT 1
    """,
)

IDENTITIES = (
    IdentityTable(
        "register_household",
        "household",
        (Column("id", "integer"), Column("code", "text")),
        "SELECT id, code FROM register_household",
    ),
    IdentityTable(
        "register_person",
        "person",
        (
            Column("id", "integer"),
            Column("code", "text"),
            Column("as_of", "text"),
            Column("name", "text"),
            Column("id_type", "text"),
            Column("id_number", "text"),
        ),
        "SELECT p.id, p.code, COALESCE(CAST(i.as_of AS TEXT), '') AS as_of, COALESCE(i.name, '') AS name,"
        " COALESCE(i.id_type, '') AS id_type, COALESCE(i.id_number, '') AS id_number"
        " FROM register_person p LEFT JOIN register_person_identity i"
        " ON i.person_id = p.id AND i.superseded_at IS NULL",
    ),
)

_WORK = "work in hand: it decides nothing"
_CACHE = "made from the sealed tables, and made again whenever it is needed"
_HISTORY = "how the rows came about; it holds what people wrote"
LEFT_OUT = {
    "register_area": "an id without anything; the versions are sealed",
    "register_area_counts": _CACHE,
    "register_household_card": _CACHE,
    "register_person_card": _CACHE,
    "register_person_key": _CACHE,
    "register_area_event": _HISTORY,
    "register_area_event_change": _HISTORY,
    "register_area_draft": _WORK,
    "register_event_echo": _HISTORY,
    "register_status_change": _HISTORY,
    "register_correction": _HISTORY,
    "register_corrected_value": _HISTORY,
    "register_data_issue": _HISTORY,
    "register_issue_waiver": _HISTORY,
    "register_draft": _WORK,
    "register_draft_line": _WORK,
    "register_kept_export": _WORK,
    "register_import": _HISTORY,
    "register_import_change": _HISTORY,
    "register_import_set": _WORK,
    "register_rejected_row": _WORK,
    "register_waiting_row": _WORK,
    "register_match_run": _WORK,
    "register_match_pair": _WORK,
    "register_match_result": _HISTORY,
}


def holds_all(ranges: list[tuple[str, str]]) -> bool:
    """Whether ranges of paths hold every county and what lies below: where people live."""
    lived_in = AreaVersion.objects.filter(valid_to=None, level__in=("county", "township", "village", "group"))
    return lived_in.exists() and not lived_in.exclude(_inside(ranges)).exists()


def holds_counties(ranges: list[tuple[str, str]]) -> bool:
    """Whether no county lies outside: what a menu asks on every page, of few rows."""
    return not AreaVersion.objects.filter(valid_to=None, level="county").exclude(_inside(ranges)).exists()


def _inside(ranges: list[tuple[str, str]]) -> Q:
    inside = Q(pk__in=[])
    for low, high in ranges:
        inside |= Q(path__gte=low, path__lt=high)
    return inside

"""What the register publishes to the fact catalogue: levels, blocks of facts, statuses, derived facts."""

from itertools import permutations
from typing import Literal

from tuopin.core.language.catalogue import Derived, Fact, FactTable, FactType, Level, Link, PeriodTable, Title

from .codes import code_list

FieldClass = Literal["general", "identity", "health", "disability", "bank", "child"]


def _fact(
    name: str,
    type_: FactType,
    zh: str,
    en: str,
    *,
    unit: str = "",
    scale: int = 0,
    codes: str = "",
    field_class: FieldClass = "general",
    mark: bool = False,
) -> Fact:
    listed = code_list(codes) if codes else ()
    return Fact(name, type_, Title(zh, en), unit=unit, scale=scale, codes=listed, field_class=field_class, mark=mark)


def _together(codes: str) -> tuple[tuple[str, Title], ...]:
    """Codes of which several may stand in one cell, in the order written; the first stands alone (健康)."""
    (alone, *others) = code_list(codes)
    several = [each for size in range(1, len(others) + 1) for each in permutations(others, size)]
    return (
        alone,
        *(
            (
                ",".join(code for code, _ in each),
                Title("、".join(t.zh for _, t in each), ", ".join(t.en for _, t in each)),
            )
            for each in several
        ),
    )


def _income(name: str, zh: str, en: str) -> Fact:
    return _fact(name, "money", zh, en, unit="CNY/year")


def _yes_no(name: str, zh: str, en: str, field_class: FieldClass = "general") -> Fact:
    return _fact(name, "boolean", zh, en, field_class=field_class)


def _land(name: str, zh: str, en: str) -> Fact:
    return _fact(name, "decimal", zh, en, unit="mu", scale=2)


def _improvement(name: str, zh: str, en: str) -> Fact:
    return _fact(name, "code", zh, en, codes="improvement")


def _rate(name: str, zh: str, en: str) -> Fact:
    """A part of a whole, or a growth of up to ten times: small enough to be multiplied by all persons of a county."""
    return Fact(name, "decimal", Title(zh, en), scale=6, bound=10**7)


def _surveyed(name: str, zh: str, en: str, rate: str = "") -> tuple[Fact, ...]:
    """A rate found by a survey: its estimate, the ends of its interval, and how many were asked."""
    rate = rate or f"{name}_rate"
    return (
        _rate(rate, zh, en),
        _rate(f"{rate}_low", f"{zh}区间下限", f"{en}, lower end"),
        _rate(f"{rate}_high", f"{zh}区间上限", f"{en}, upper end"),
        _fact(f"{name}_sample", "integer", f"{zh}样本量", f"{en}, sample"),
    )


LEVELS = (
    Level(
        "person",
        Title("人", "person"),
        table="register_person",
        key="id",
        code="code",
        parent="household",
        link=Link("register_membership", child="person_id", parent="household_id"),
    ),
    Level(
        "household",
        Title("户", "household"),
        table="register_household",
        key="id",
        code="code",
        parent="village",
        link=Link("register_residence", child="household_id", parent="area_id"),
    ),
    *(
        Level(
            name,
            Title(zh, name),
            table="register_area_version",
            key="area_id",
            code="code",
            parent=parent,
            link=Link("register_area_version", child="area_id", parent="parent_id") if parent else None,
            present_in={"village": "village_condition", "county": "county_condition"}.get(name, ""),
            table_where=(("level", name),),
            dated=True,
        )
        for name, zh, parent in (
            ("village", "村", "township"),
            ("township", "乡镇", "county"),
            ("county", "县", "city"),
            ("city", "市", "province"),
            ("province", "省", "nation"),
            ("nation", "全国", ""),
        )
    ),
)

TABLES = (
    FactTable(
        "household_profile",
        "household",
        "register_household_profile",
        "household_id",
        (
            _fact("recognised_by", "code", "识别标准", "recognised by", codes="recognised_by"),
            _fact("category", "code", "贫困户属性", "category of the household", codes="category"),
            _fact("main_cause", "code", "主要致贫原因", "main cause of poverty", codes="cause", field_class="health"),
            _yes_no("in_cooperative", "是否加入农民专业合作社", "member of a cooperative"),
        ),
    ),
    FactTable(
        "household_living",
        "household",
        "register_household_living",
        "household_id",
        (
            _land("arable_land", "耕地面积", "arable land"),
            _land("irrigated_land", "有效灌溉面积", "irrigated land"),
            _land("forest_land", "林地面积", "forest land"),
            _fact("road_type", "code", "入户路类型", "road to the house", codes="road_type"),
            _fact("road_distance", "decimal", "与村主干路距离", "distance to the main road", unit="km", scale=2),
            _yes_no("has_power", "是否通生活用电", "electric power"),
            _yes_no("water_difficult", "饮水是否困难", "hard to get water"),
            _yes_no("water_safe", "饮水是否安全", "safe drinking water"),
            _fact("fuel_type", "code", "主要燃料类型", "main fuel", codes="fuel_type"),
            _yes_no("sanitary_toilet", "有无卫生厕所", "sanitary toilet"),
            _fact("house_area", "decimal", "住房面积", "floor area", unit="m2", scale=2),
            _yes_no("dangerous_house", "主要住房是否危房", "dangerous house"),
            _fact("danger_grade", "code", "危房级别", "grade of danger", codes="danger_grade"),
        ),
    ),
    FactTable(
        "household_income",
        "household",
        "register_household_income",
        "household_id",
        (
            _income("wage", "工资性收入", "wage income"),
            _income("business", "生产经营性收入", "business income"),
            _income("property", "财产性收入", "property income"),
            _income("transfer", "转移性收入", "transfer income"),
            _income("low_income_grant", "低保金", "minimum living allowance paid"),
            _income("special_care_grant", "特困供养金", "special support paid"),
            _income("business_cost", "生产经营性支出", "business cost"),
            _fact(
                "stated_income_per_head",
                "money",
                "人均纯收入（表内）",
                "income per head as stated",
                unit="CNY/person/year",
            ),
        ),
    ),
    FactTable(
        "household_check",
        "household",
        "register_household_check",
        "household_id",
        (
            _yes_no("food", "不愁吃", "enough food"),
            _yes_no("clothing", "不愁穿", "enough clothing"),
        ),
    ),
    FactTable(
        "household_water",
        "household",
        "register_household_water",
        "household_id",
        (
            _fact("water_zone", "code", "水资源条件", "water zone", codes="water_zone"),
            _fact("water_supply", "code", "供水方式", "kind of supply", codes="water_supply"),
            _fact("water_litres", "decimal", "人均日用水量", "water a person and day", unit="L/person/day", scale=1),
            _yes_no("water_test_passed", "水质检测是否合格", "water test passed"),
            _fact("water_tester", "code", "水质检测机构", "tested by", codes="water_tester"),
            _fact("water_tested_on", "date", "水质检测日期", "day of the water test"),
            _yes_no("water_senses_good", "感官性状是否良好（望闻问尝）", "looks, smells and tastes good"),
            _yes_no("water_piped", "自来水是否入户", "piped into the house"),
            _fact("water_minutes", "integer", "单次取水往返时间", "minutes for one fetch", unit="minute"),
            _fact("water_metres", "integer", "取水水平距离", "distance to the water", unit="m"),
            _fact("water_climb", "integer", "取水垂直距离", "climb to the water", unit="m"),
            _fact("water_short_days", "integer", "年缺水停水天数", "days of shortage in a year", unit="day"),
            _fact("water_short_months", "integer", "年缺水月数", "months of shortage in a year", unit="month"),
            # the day of the survey itself, so that a rule may ask how long ago it was
            Fact("water_surveyed_on", "date", Title("饮水核查日期", "day of the water survey"), column="as_of"),
        ),
    ),
    FactTable(
        "household_works",
        "household",
        "register_household_works",
        "household_id",
        (
            _improvement("improve_water", "改水", "water improved"),
            _improvement("improve_power", "改电", "wiring improved"),
            _improvement("improve_toilet", "改厕", "toilet improved"),
            _improvement("improve_kitchen", "改厨", "kitchen improved"),
            _improvement("improve_yard", "改院", "yard improved"),
            _improvement("improve_habits", "改习", "habits improved"),
            _improvement("improve_pen", "改圈", "livestock pen improved"),
            _improvement("improve_goods", "增加必要生活用品", "household goods added"),
        ),
    ),
    FactTable(
        "household_monitoring",
        "household",
        "register_household_monitoring",
        "household_id",
        (
            _fact("household_type", "code", "户类型", "kind of household", codes="household_type"),
            _fact("monitored_kind", "code", "监测对象类别", "kind of monitored household", codes="monitored_kind"),
            _fact("discovery", "code", "风险发现渠道", "found through", codes="discovery"),
            _fact("main_risk", "code", "主要致贫返贫风险", "main risk", codes="risk", field_class="health"),
            _fact("identified_on", "date", "识别监测时间", "monitored since"),
            _yes_no("risk_removed", "风险是否已消除", "risk removed"),
            _fact("removal_way", "code", "风险消除方式", "how the risk was removed", codes="removal_way"),
            _fact("removed_on", "date", "消除监测时间", "day of removal"),
            _fact(
                "self_paid_medical",
                "money",
                "合规自付支出",
                "medical cost paid by oneself",
                unit="CNY/year",
                field_class="health",
            ),
            _income("rigid_spending", "刚性支出", "unavoidable spending"),
            _yes_no("income_drop", "收入是否大幅缩减", "income fell sharply"),
        ),
    ),
    FactTable(
        "person_identity",
        "person",
        "register_person_identity",
        "person_id",
        (
            _fact("birth_date", "date", "出生日期", "date of birth", field_class="identity"),
            _fact("sex", "code", "性别", "sex", codes="sex"),
            _yes_no("id_sound", "证件号码有效", "sound ID number", "identity"),
            _fact("ethnicity", "text", "民族", "ethnic group"),
        ),
    ),
    FactTable(
        "person_condition",
        "person",
        "register_person_condition",
        "person_id",
        (
            _fact("relation", "code", "与户主关系", "relation to the head", codes="relation"),
            _fact("education", "code", "文化程度", "schooling completed", codes="education"),
            _fact("study", "code", "在校生状况", "in school at", codes="study", field_class="child"),
            _fact(
                "study_unclear",
                "boolean",
                "在校生状况无法识别",
                "in school at: cannot be read",
                field_class="child",
                mark=True,
            ),
            Fact("health", "code", Title("健康状况", "health"), codes=_together("health"), field_class="health"),
            _fact("labour", "code", "劳动技能", "ability to work", codes="labour"),
            _fact("work_place", "code", "务工所在地", "place of work", codes="work_place"),
            _fact("work_months", "integer", "务工时间（月）", "months of work away", unit="month"),
            _fact("public_post", "text", "公益性岗位类型", "public-welfare post"),
            _fact(
                "public_post_months", "integer", "公益性岗位（月数）", "months in the public-welfare post", unit="month"
            ),
            _yes_no("resident_insurance", "是否参加城乡居民基本医疗保险", "residents' medical insurance", "health"),
            _yes_no("employee_insurance", "是否参加城镇职工基本医疗保险", "employees' medical insurance", "health"),
            _yes_no("serious_illness_insurance", "是否参加大病保险", "serious-illness insurance", "health"),
            _yes_no("resident_pension_insurance", "是否参加城乡居民基本养老保险", "residents' pension insurance"),
            _yes_no("low_income_support", "是否享受低保", "minimum living allowance"),
            _yes_no("special_support", "是否特困供养人员", "in special support"),
            _yes_no("develop_wish", "本人有无发展意愿", "wishes to be helped into work or business"),
            _yes_no("wish_signed", "发展意愿是否本人签字", "wish signed by the person"),
            _fact("wish_signed_on", "date", "发展意愿签字日期", "day of the signature"),
        ),
    ),
    FactTable(
        "village_condition",
        "village",
        "register_village_condition",
        "area_id",
        (
            _yes_no("poor_village", "是否贫困村", "designated poor village"),
            _fact("household_total", "integer", "总户数", "households", unit="household"),
            _fact("population", "integer", "总人口数", "population", unit="person"),
            _fact("poor_2013", "integer", "2013年底贫困人口", "poor persons at the end of 2013", unit="person"),
            _fact("exited_since", "integer", "历年脱贫人口", "persons exited since", unit="person"),
            _fact("added_since", "integer", "新增贫困人口", "persons newly registered since", unit="person"),
            _fact("returned_since", "integer", "返贫人口", "persons fallen back since", unit="person"),
            _yes_no("industry_eligible", "是否具备产业发展条件", "fit for an industry of its own"),
            _fact("industries", "integer", "特色产业个数", "characteristic industries"),
            _fact(
                "collective_income", "money", "村级集体经济收入", "collective income of the village", unit="CNY/year"
            ),
            *(
                _fact(f"work_{number}", "code", zh, en, codes="condition")
                for number, (zh, en) in enumerate(
                    (
                        ("通村公路是否硬化", "hardened road"),
                        ("是否通客运班车", "bus service"),
                        ("饮水是否达标", "drinking water"),
                        ("生产生活用电是否满足", "electric power"),
                        ("是否广播电视户户通", "radio and television"),
                        ("有无综合性文化服务中心", "culture centre"),
                        ("有无标准化卫生室", "standard clinic"),
                        ("有无合格乡村医生", "qualified village doctor"),
                        ("是否通宽带", "broadband"),
                    ),
                    start=1,
                )
            ),
        ),
    ),
    FactTable(
        "village_works",
        "village",
        "register_village_works",
        "area_id",
        tuple(
            _improvement(f"village_work_{number}", zh, en)
            for number, (zh, en) in enumerate(
                (
                    ("文化广场", "culture square"),
                    ("文化活动中心", "centre for culture"),
                    ("村内道路", "roads within the village"),
                    ("扶贫车间", "workshop"),
                    # five names were not found: a place names them in its pack, and says there which column is which
                    ("九大工程第五项", "fifth work"),
                    ("九大工程第六项", "sixth work"),
                    ("九大工程第七项", "seventh work"),
                    ("九大工程第八项", "eighth work"),
                    ("九大工程第九项", "ninth work"),
                ),
                start=1,
            )
        ),
    ),
    FactTable(
        "county_condition",
        "county",
        "register_county_condition",
        "area_id",
        (
            _fact("rural_population", "integer", "农业户籍人口", "registered rural population", unit="person"),
            _rate("income_growth", "农村居民人均可支配收入增幅", "growth of disposable income"),
            _rate("province_income_growth", "全省平均增幅", "provincial average growth"),
            _yes_no("services_near", "基本公共服务主要领域指标接近全省平均", "services near the provincial average"),
        ),
    ),
    FactTable(
        "county_survey",
        "county",
        "register_county_survey",
        "area_id",
        (
            *_surveyed("missed", "漏评率", "exclusion error rate"),
            *_surveyed("wrong_exit", "错退率", "wrong-exit rate"),
            *_surveyed("satisfaction", "群众满意度", "satisfaction", "satisfaction"),
        ),
    ),
)


def _status(axis: str, zh: str, en: str) -> PeriodTable:
    return PeriodTable(
        axis,
        "household",
        "register_status_period",
        "household_id",
        Fact(axis, "code", Title(zh, en), codes=code_list(axis), column="value"),
        where=(("axis", axis),),
    )


PERIODS = (
    _status("registration", "脱贫属性", "registration status"),
    _status("monitoring", "监测状态", "monitoring status"),
    _status("support", "政策享受", "support status"),
)

DERIVED = (
    Derived("member_count", "household", "count(person)", Title("家庭人口", "members"), unit="person"),
    Derived("age", "person", "years(birth_date, day)", Title("周岁", "age in completed years"), unit="year"),
)

_AT_THE_DOOR = Title(
    "村、帮扶责任人入户核实，乡镇更正或重新导入户、人资料",
    "village and helper ask at the door; the township corrects it or takes the workbook in again",
)
FILLED_BY = {
    **dict.fromkeys(
        ("household_profile", "household_living", "household_income", "person_identity", "person_condition"),
        _AT_THE_DOOR,
    ),
    "household_check": Title(
        "驻村工作队入户核查后，乡镇导入脱贫核查表",
        "the village team verifies at the door; the township takes in its sheet",
    ),
    "household_water": Title(
        "乡镇会同水利部门入户核查，导入饮水安全核查表",
        "the township and the water department measure at the house and take in their sheet",
    ),
    "household_works": Title(
        "村填报六改台账，乡镇核实后导入",
        "the village keeps the ledger of the house; the township verifies and takes it in",
    ),
    "household_monitoring": Title(
        "乡镇从防返贫监测系统导出监测对象信息并导入",
        "the township exports the list of monitored households from the national system and takes it in",
    ),
    "village_works": Title(
        "村填报九大工程台账，乡镇核实后导入",
        "the village keeps the ledger of works; the township verifies and takes it in",
    ),
    "village_condition": Title(
        "村填报，乡镇导入村信息表", "the village reports; the township takes in the village workbook"
    ),
    "county_condition": Title(
        "县统计及行业部门提供，县扶贫办导入县级指标",
        "the county's statistics and departments; the county office takes in its figures",
    ),
    "county_survey": Title(
        "评估检查或抽样调查得出，县扶贫办导入县级指标",
        "the assessment or sample survey finds it; the county office takes in its figures",
    ),
}
"""Who can fill what is blank, by table of facts."""

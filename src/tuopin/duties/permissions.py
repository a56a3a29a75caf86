"""What may be done with duties."""

from tuopin.core.language.catalogue import Title
from tuopin.platform.permissions import Permission

VIEW_HELPER = "duties.view_helper"
VIEW_OFFICIAL = "duties.view_official"
ASSIGN = "duties.assign_duty"
KEEP_OFFICIALS = "duties.keep_official"
SET_CASELOAD = "duties.set_caseload"
PLAN_DUTIES = "duties.plan_duties"

MAKE_ACCOUNTS = "duties.make_accounts"
VIEW_HEADQUARTERS = "duties.view_headquarters"
KEEP_HEADQUARTERS = "duties.keep_headquarters"
VIEW_COMMITMENT = "duties.view_commitment"
KEEP_COMMITMENT = "duties.keep_commitment"
SIGN_COMMITMENT = "duties.sign_commitment"

VIEW_VISIT = "duties.view_visit"
RECORD_VISIT = "duties.record_visit"
SETTLE_PROBLEM = "duties.settle_visit_problem"

VIEW_CARDS = "duties.view_cards"
PRINT_CARDS = "duties.print_cards"
PRINT_PAPERS = "duties.print_papers"
HAND_OVER_CARDS = "duties.hand_over_cards"
KEEP_TEMPLATES = "duties.keep_templates"

VIEW_INCIDENT = "duties.view_incident"
REPORT_INCIDENT = "duties.report_incident"
HOLD_LEAD = "duties.hold_lead"  # named neither view_ nor duties.*: no pattern of a role opens it
DECIDE_LEAD = "duties.decide_lead"
VIEW_TEAM = "duties.view_team"
KEEP_TEAM = "duties.keep_team"
APPROVE_LEAVE = "duties.approve_leave"
RUN_CHECK = "duties.run_check"
PROPOSE = "duties.propose_consequence"

PERMISSIONS = (
    Permission(VIEW_HELPER, Title("查看帮扶责任人", "view helpers")),
    Permission(VIEW_OFFICIAL, Title("查看干部与组织", "view officials and organisations")),
    Permission(ASSIGN, Title("指定、移交责任人", "assign and hand over duties")),
    Permission(KEEP_OFFICIALS, Title("维护干部、组织与职务", "keep officials, organisations and posts")),
    Permission(SET_CASELOAD, Title("设定每人负责数上限", "set how much one official may answer for")),
    Permission(PLAN_DUTIES, Title("批量指派：做方案、看方案", "make and see plans of bulk assignment")),
    Permission(MAKE_ACCOUNTS, Title("为帮扶责任人建账号", "make accounts for helpers")),
    Permission(VIEW_VISIT, Title("查看走访与遍访进度", "view visits and their coverage")),
    Permission(RECORD_VISIT, Title("记录、更正走访", "record and correct visits")),
    Permission(SETTLE_PROBLEM, Title("登记走访问题的处理结果", "say how problems found at visits ended")),
    Permission(VIEW_CARDS, Title("查看明白卡状态、核对书面台账", "see the state of cards, check paper ledgers")),
    Permission(PRINT_CARDS, Title("打印明白卡（含户主编码）", "print cards, which bear the households' codes")),
    Permission(PRINT_PAPERS, Title("打印台账、公示、手册", "print ledgers, notices, handbooks")),
    Permission(HAND_OVER_CARDS, Title("登记明白卡送达、停用", "record that cards were handed over, end them")),
    Permission(KEEP_TEMPLATES, Title("维护文书模板", "keep Word templates")),
    Permission(VIEW_INCIDENT, Title("查看返贫、受灾事件", "view incidents")),
    Permission(REPORT_INCIDENT, Title("上报返贫、受灾事件", "report incidents")),
    Permission(HOLD_LEAD, Title("承办问责线索", "keep leads")),
    Permission(DECIDE_LEAD, Title("决定问责线索", "decide leads")),
    Permission(VIEW_TEAM, Title("查看驻村工作队", "view resident teams")),
    Permission(KEEP_TEAM, Title("登记、确认驻村考勤", "keep and confirm presence of resident teams")),
    Permission(APPROVE_LEAVE, Title("批准驻村请假", "approve leave of resident teams")),
    Permission(RUN_CHECK, Title("组织应知应会测试", "run knowledge checks")),
    Permission(PROPOSE, Title("提出提醒、约谈、召回建议", "propose consequences for resident teams")),
    Permission(VIEW_HEADQUARTERS, Title("查看指挥部、方案与贯彻落实意见", "view headquarters, plans and opinions")),
    Permission(KEEP_HEADQUARTERS, Title("维护指挥部、方案与贯彻落实意见", "keep headquarters, plans and opinions")),
    Permission(VIEW_COMMITMENT, Title("查看军令状", "view commitments")),
    Permission(KEEP_COMMITMENT, Title("起草、登记军令状", "draft commitments and record their papers")),
    Permission(SIGN_COMMITMENT, Title("以本人账号签订军令状", "sign one's own commitments by account")),
)

"""What may be done in the register."""

from tuopin.core.language.catalogue import Title
from tuopin.platform.permissions import Permission

IMPORT = "register.import_workbooks"
VIEW_AREA = "register.view_area"
VIEW_HOUSEHOLD = "register.view_household"
VIEW_PERSON = "register.view_person"
CORRECT = "register.correct_facts"
WAIVE = "register.waive_issues"
REVEAL = "register.reveal_identity"
EXPORT = "register.export_households"
INSTALL_MAPS = "register.install_maps"
MATCH_LISTS = "register.match_lists"
DECIDE_MATCHES = "register.decide_matches"
CHANGE_STATUS = "register.change_status"
CHANGE_AREAS = "register.change_areas"
RECORD_EVENTS = "register.record_events"

PERMISSIONS = (
    Permission(IMPORT, Title("导入工作簿", "import workbooks")),
    Permission(VIEW_AREA, Title("查看区划汇总", "view figures of areas")),
    Permission(VIEW_HOUSEHOLD, Title("查看户资料", "view households")),
    Permission(VIEW_PERSON, Title("查看人员资料", "view persons")),
    Permission(CORRECT, Title("更正户资料", "correct facts")),
    Permission(WAIVE, Title("核实数据疑点无误", "vouch for data issues")),
    Permission(REVEAL, Title("查看完整证件号码", "see a whole ID number")),
    Permission(EXPORT, Title("导出户资料", "export households")),
    Permission(MATCH_LISTS, Title("上传部门名单比对", "match department lists")),
    Permission(DECIDE_MATCHES, Title("判断并写入比对结果", "decide and write matches of department lists")),
    Permission(CHANGE_STATUS, Title("按程序改变登记状态", "change a status by a procedure")),
    Permission(RECORD_EVENTS, Title("登记户和人的变化", "record events of households and persons")),
    Permission(CHANGE_AREAS, Title("登记区划变更", "record changes of areas")),
    Permission(INSTALL_MAPS, Title("装入地图", "install maps of areas")),
)

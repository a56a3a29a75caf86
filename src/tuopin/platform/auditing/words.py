"""The two logs in words: acts, what was read, the details of an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from tuopin.core.language.catalogue import Title
from tuopin.platform.roles import all_roles

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYS = {
    "username": Title("用户名", "user name"), "role": Title("角色", "role"), "scope": Title("范围", "over"),
    "id": Title("范围编号", "its number"), "grant": Title("授权编号", "grant"), "from": Title("起", "from"),
    "to": Title("止", "to"), "field_classes": Title("字段类别", "fields"), "active": Title("启用", "open"),
    "left": Title("剩余", "left"), "area": Title("区划", "area"), "day": Title("日期", "day"),
    "count": Title("数量", "count"), "accounts": Title("账号", "accounts"), "households": Title("户", "households"),
    "files": Title("文件", "files"), "created": Title("新增", "created"), "updated": Title("更新", "updated"),
    "unchanged": Title("未变", "unchanged"), "rejected": Title("退回", "rejected"), "waiting": Title("等待", "waiting"),
    "issues": Title("疑点", "issues"), "given": Title("新授权", "given"), "moved": Title("改期", "moved"),
    "ended": Title("结束", "ended"), "left_out": Title("未授权", "left out"), "overall": Title("结论", "verdicts"),
    "same": Title("同一人", "one person"), "pack": Title("标准包", "pack"), "keys": Title("密钥", "keys"),
    "standard": Title("标准", "standard"), "item": Title("指标", "item"), "verdict": Title("判定", "verdict"),
    "run": Title("核查编号", "evaluation"), "kind": Title("按什么", "by"), "for": Title("为了", "for"),
    "list": Title("名单", "list"), "pair": Title("对照", "pair"), "a": Title("甲", "A"), "b": Title("乙", "B"),
    "comparison": Title("比较编号", "comparison"), "job": Title("任务编号", "job"),
}  # fmt: skip
_VALUES = {
    "overall": Title("综合判定", "overall"), "met": Title("达标", "met"), "not_met": Title("未达标", "not met"),
    "unknown": Title("未知", "unknown"), "not_applicable": Title("不适用", "n/a"),
    "correction": Title("更正", "correction"), "name": Title("姓名", "name"),
}  # fmt: skip


def detail(text: str) -> Title | None:
    """The detail of an entry in words: ``role: county; from: 2018-12-01``."""
    document = orjson.loads(text)
    if not isinstance(document, dict) or not document:
        return None
    zh, en = [], []
    for key, value in document.items():
        if value in (None, "", [], {}):
            continue
        plain = _plain(value)
        title, shown = _KEYS.get(key, Title(key, key)), _VALUES.get(plain, Title(plain, plain))
        if key == "from" and isinstance(value, int):  # of a page of a list
            title = Title("自第几行", "from row")
        if key == "role" and value in all_roles():
            shown = all_roles()[str(value)].title
        zh.append(f"{title.zh}：{shown.zh}")
        en.append(f"{title.en}: {shown.en}")
    return Title("；".join(zh), "; ".join(en)) if zh else None


def actor(name: str) -> Title:
    """Who it was; what is no account has a name in both languages."""
    kind, bracket, at = name.partition(" (")
    if kind == "local administrator":
        return Title(f"本机管理员（{at.removesuffix(')')}）" if bracket else "本机管理员", name)
    return Title("系统", name) if name == "system" else Title(name, name)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    return str(value)


def action(name: str) -> Title:
    """An act: the title of its permission, or its own; the name itself where there is neither."""
    from tuopin.platform.catalogue import permissions

    published = permissions().get(name)
    return published.title if published else ACTIONS.get(name, Title(name, name))


ACTIONS = {
    "platform.add_user": Title("新建账号", "account made"),
    "platform.set_password": Title("重设密码", "password set"),
    "platform.change_password": Title("修改自己的密码", "own password changed"),
    "platform.set_active": Title("停用或启用账号", "account closed or opened"),
    "platform.grant": Title("授权", "grant given"),
    "platform.revoke": Title("收回授权", "grant ended"),
    "platform.succeed_grants": Title("授权随区划变更转移", "grants gone over to another area"),
    "platform.revoke_token": Title("作废令牌", "token ended"),
    "platform.refuse_job": Title("令牌已失效，任务终止", "job stopped: its token has ended"),
    "platform.post_messages": Title("发出消息", "messages posted"),
    "platform.settle_messages": Title("消息所涉事项已办结", "messages settled"),
    "platform.send_messages": Title("送出消息", "messages sent"),
    "platform.repeat_messages": Title("重新发送消息", "messages sent again"),
    "platform.choose_messages": Title("设置接收消息的方式", "ways of messages chosen"),
    "platform.confirm_address": Title("确认接收邮件的邮箱", "address for mail confirmed"),
    "platform.set_up_second_factor": Title("设置第二重验证", "second step set up"),
    "platform.use_recovery_code": Title("使用备用码", "recovery code used"),
    "platform.new_recovery_codes": Title("换备用码", "new recovery codes"),
    "platform.switch_off_second_factor": Title("关闭第二重验证", "second step switched off"),
    "platform.reset_second_factor": Title("重置第二重验证", "second step reset"),
    "duties.helper_accounts": Title("为帮扶责任人建账号", "accounts made for helpers"),
    "duties.keep_grants": Title("随帮扶关系更新授权", "grants kept in step with helpers"),
    "duties.show_first_passwords": Title("显示初始密码条", "first passwords shown"),
    "duties.begin_duty": Title("指定责任人", "duties begun"),
    "duties.end_duty": Title("结束责任", "duties ended"),
    "duties.hand_over": Title("移交责任", "duties handed over"),
    "duties.leave": Title("干部离任", "official left"),
    "duties.add_officials": Title("登记干部", "officials taken in"),
    "duties.appoint": Title("任职", "post taken up"),
    "duties.end_term": Title("免职", "post ended"),
    "duties.note_absence": Title("登记抽调、脱产、请假", "absence noted"),
    "duties.end_absence": Title("销假、归队", "absence ended"),
    "duties.found_organisation": Title("登记组织", "organisation taken in"),
    "duties.change_organisation": Title("变更组织", "organisation changed"),
    "duties.close_organisation": Title("撤销组织", "organisation ended"),
    "duties.link_organisations": Title("登记组织之间的关系", "organisations related"),
    "duties.add_post": Title("登记职务", "post taken in"),
    "duties.record_visit": Title("记录走访", "visits recorded"),
    "duties.correct_visit": Title("更正走访", "visit corrected"),
    "duties.take_back_visit": Title("撤回走访", "visit taken back"),
    "duties.add_visit_photo": Title("添加走访照片", "photos of a visit added"),
    "duties.remove_visit_photo": Title("删除走访照片", "photo of a visit removed"),
    "duties.erase_places": Title("删除过期的走访位置", "old places of visits erased"),
    "duties.confirm_presence": Title("确认驻村考勤", "presence confirmed"),
    "duties.reopen_presence": Title("退回驻村考勤", "presence opened again"),
    "duties.ask_leave": Title("驻村请假", "leave asked for"),
    "duties.withdraw_leave": Title("撤回请假", "leave withdrawn"),
    "duties.score_check": Title("应知应会评分", "knowledge check scored"),
    "duties.send_team_report": Title("报送驻村工作报告", "report of a resident team sent"),
    "duties.answer_proposal": Title("答复处理建议", "proposal answered"),
    "duties.report_on_incident": Title("责任人报告事件", "report on an incident"),
    "duties.close_incident": Title("办结事件", "incident closed"),
    "orders.open_family": Title("开总件和分件", "a whole opened with its parts"),
    "orders.ask_alike": Title("发起举一反三", "asked for others like it"),
    "orders.search_alike": Title("举一反三查询", "looked for the like"),
    "orders.answer_alike": Title("答复举一反三", "like for like answered"),
    "orders.end_alike": Title("结束举一反三", "like for like ended"),
    "orders.open_found": Title("由核查结果立案", "matters opened for findings"),
    "cycle.choose_openings": Title("选择立案的核查结果", "chosen which findings open matters"),
    "cycle.run_chain": Title("核查并立案", "evaluated, and matters opened"),
    "cycle.plan_matter": Title("事项列入帮扶计划", "a matter put into a help plan"),
    "cycle.propose_closing": Title("建议核实", "matters proposed to be closed"),
    "orders.tick": Title("事项时钟运行", "the clock of matters ran"),
    "orders.stop_for_absence": Title("责任人离岗，事项停表", "clocks stopped for an absence"),
    "orders.recount_limits": Title("日历公布，时限重新计算", "limits counted again"),
    "orders.decide_lead_proposal": Title("线索建议：已处理", "proposed lead: decided"),
    "orders.write_paper": Title("起草公文", "a paper was written"),
    "orders.discard_paper": Title("公文草稿作废", "a draft of a paper thrown away"),
    "orders.attach_file": Title("公文加附件", "a file attached to a paper"),
    "orders.detach_file": Title("公文去掉附件", "a file taken out of a paper"),
    "orders.issue_paper": Title("公文编号印发", "papers numbered and issued"),
    "orders.withdraw_paper": Title("撤回公文", "a paper withdrawn"),
    "orders.receive_paper": Title("签收公文", "papers signed for"),
    "orders.add_number_word": Title("登记机关代字", "a number word kept"),
    "orders.begin_numbers": Title("设定发文起始号", "where numbers begin"),
    "orders.keep_paper_template": Title("更换公文模板", "a template of papers changed"),
    "duties.open_lead": Title("立线索", "lead opened"),
    "duties.see_lead": Title("线索：已告知", "lead: the person was told"),
    "duties.tell_lead": Title("线索：书面告知", "lead: told on paper"),
    "duties.reply_to_lead": Title("线索：收到答复", "lead: reply received"),
    "duties.record_reply_lead": Title("线索：代录答复", "lead: reply taken in"),
    "duties.stop_lead": Title("线索：停表", "lead: clock stopped"),
    "duties.hand_over_lead": Title("线索：移交承办人", "lead: another officer"),
    "duties.take_over_lead": Title("线索：接手", "lead: taken over"),
    "duties.note_lead": Title("线索：已知悉不予追究", "lead: the dismissal was noted"),
    "duties.dismiss_lead": Title("线索：不予追究，内容删除", "lead dismissed, content erased"),
    "duties.propose_lead": Title("线索：向省里提出建议", "lead: proposed to the province"),
    "duties.decide_lead": Title("线索：决定", "lead decided"),
    "duties.demand_lead": Title("线索：要求县里处理", "lead: demanded of the county"),
    "duties.close_lead": Title("线索：记录处理结果", "lead: answer recorded"),
    "duties.take_over_headquarters": Title("设立指挥部", "headquarters founded"),
    "duties.describe_headquarters": Title("变更指挥部领域、牵头部门", "field or lead of a headquarters changed"),
    "duties.keep_headquarters_plan": Title("制定或修改指挥部方案", "plan of a headquarters written"),
    "duties.report_step": Title("填报步骤进度", "progress of steps reported"),
    "duties.ask_opinions": Title("登记贯彻落实意见的要求", "opinions asked for"),
    "duties.issue_opinion": Title("登记贯彻落实意见印发", "opinion issued"),
    "duties.draft_commitment": Title("起草军令状", "commitments drafted"),
    "duties.sign_commitment": Title("签订军令状", "commitments signed"),
    "duties.decide_helpers": Title("判定是否同一帮扶人", "helpers decided to be one or two people"),
}

_OTHER = {
    "duties.leads": Title("问责线索", "leads"),
    "orders.lead_proposals": Title("线索建议", "proposed leads"),
    "orders.alike": Title("一件事项的举一反三", "like for like of a matter"),
    "orders.alike_one": Title("一条举一反三", "one question of like for like"),
    "orders.alike_mine": Title("待自查答复的", "questions to be answered"),
    "orders.alike_paper": Title("自查材料", "a paper of an answer"),
    "cycle.openings": Title("核查立案", "matters from findings"),
    "cycle.chain": Title("导入、核查、立案", "import, evaluation, matters"),
    "cycle.follow_up": Title("建议核实与无承办", "to be verified, and without a holder"),
    "orders.papers": Title("一件事项的公文", "papers of a matter"),
    "orders.paper": Title("一份公文或材料", "a paper"),
    "orders.paper_pdf": Title("公文 PDF", "a paper as PDF"),
    "orders.paper_word": Title("公文 Word", "a paper as Word"),
    "orders.paper_file": Title("公文附件", "a file of a paper"),
    "orders.receipt": Title("签收单", "a slip of receipt"),
    "orders.numbers": Title("发文登记", "the register of numbers"),
    "duties.lead": Title("一条线索", "a lead"),
    "duties.find_official": Title("按姓名找干部", "officials found by name"),
    "duties.knowledge_check": Title("应知应会测试", "a knowledge check"),
    "duties.team_members": Title("驻村工作队", "a resident team"),
    "register.search": Title("查找", "search"),
    "register.reveal": Title("显示隐去的号码", "a hidden number shown"),
    "standards.compared": Title("试算中有变化的名单", "who changes in a what-if"),
    "register.match_pair": Title("名单与登记对照", "a list and the register side by side"),
}


NUMBERED = {"petitioner": Title("信访件来访人", "who came with the petition")}
"""What is read by a number that is neither a household's nor an area's."""


def subject(what: str, names: Mapping[str, Mapping[int, str]]) -> Title:
    """What was read: a household by code or an area by name (``names`` by kind and id), or the title of a list."""
    from tuopin.platform.lists import listings

    kind, _colon, key = what.partition(":")
    if kind in NUMBERED:
        title = NUMBERED[kind]
        return Title(f"{title.zh} № {key}", f"{title.en} № {key}")
    if key.isdigit():
        scope = "household" if kind == "household" else "area"
        name = names[scope][int(key)]
        return Title(f"户 {name}", f"household {name}") if scope == "household" else Title(name, name)
    known = listings().get(what)
    return known.title if known else _OTHER.get(what, Title(what, what))

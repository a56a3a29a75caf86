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
    return {"local administrator": Title("本机管理员", name), "system": Title("系统", name)}.get(
        name, Title(name, name)
    )


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
    "platform.set_up_second_factor": Title("设置第二重验证", "second step set up"),
    "platform.use_recovery_code": Title("使用备用码", "recovery code used"),
    "platform.new_recovery_codes": Title("换备用码", "new recovery codes"),
    "platform.switch_off_second_factor": Title("关闭第二重验证", "second step switched off"),
    "platform.reset_second_factor": Title("重置第二重验证", "second step reset"),
    "duties.helper_accounts": Title("为帮扶责任人建账号", "accounts made for helpers"),
    "duties.keep_grants": Title("随帮扶关系更新授权", "grants kept in step with helpers"),
    "duties.show_first_passwords": Title("显示初始密码条", "first passwords shown"),
    "duties.decide_helpers": Title("判定是否同一帮扶人", "helpers decided to be one or two people"),
}

_OTHER = {
    "register.search": Title("查找", "search"),
    "register.reveal": Title("显示隐去的号码", "a hidden number shown"),
    "standards.compared": Title("试算中有变化的名单", "who changes in a what-if"),
    "register.match_pair": Title("名单与登记对照", "a list and the register side by side"),
}


def subject(what: str, names: Mapping[str, Mapping[int, str]]) -> Title:
    """What was read: a household by code or an area by name (``names`` by kind and id), or the title of a list."""
    from tuopin.platform.lists import listings

    kind, _colon, key = what.partition(":")
    if key.isdigit():
        scope = "household" if kind == "household" else "area"
        name = names[scope][int(key)]
        return Title(f"户 {name}", f"household {name}") if scope == "household" else Title(name, name)
    known = listings().get(what)
    return known.title if known else _OTHER.get(what, Title(what, what))

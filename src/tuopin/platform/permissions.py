"""How a room names what may be done in it: ``permissions.py`` with a tuple ``PERMISSIONS`` of :class:`Permission`."""

from __future__ import annotations

from dataclasses import dataclass

from tuopin.core.language.catalogue import Title


@dataclass(frozen=True, slots=True)
class Permission:
    """``name`` is ``room.verb_noun``, as in ``register.view_household``."""

    name: str
    title: Title


PERMISSIONS = (
    Permission("platform.manage_users", Title("管理用户与授权", "manage users and grants")),
    Permission("platform.verify_audit", Title("核对审计日志", "verify the audit log")),
    Permission("platform.backup", Title("备份", "back up")),
    Permission("platform.restore", Title("恢复备份", "restore a backup")),
    Permission("platform.view_audit", Title("查看审计日志", "view the audit log")),
    Permission("platform.set_nodes", Title("设定时间节点", "set nodes (time targets)")),
    Permission("platform.make_token", Title("使用数据接口（令牌）", "use the API by tokens")),
    Permission("platform.seal", Title("封存数据", "seal the register")),
    Permission("platform.view_seals", Title("查看封存", "view seals")),
    Permission("platform.verify_seal", Title("核对封存", "verify seals")),
    Permission("platform.erase_identities", Title("从封存中删除身份资料", "erase identities from seals")),
    Permission("platform.view_messages", Title("用接口读取自己的消息", "read one's own messages by the API")),
    Permission("platform.manage_outbox", Title("管理消息发送", "keep the outbox of messages")),
    Permission("platform.view_read_log", Title("查看查阅记录", "view the log of who read whom")),
)

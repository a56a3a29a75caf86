"""What may be wrong with a seal, in words, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuopin.core.language.catalogue import Title
from tuopin.platform.problems import Missing, Problem

if TYPE_CHECKING:
    from tuopin.core.snapshot import SealFault

FAULTS = {
    "missing": Title("文件不见了", "the file is not there"),
    "extra": Title("多出一个清单里没有的文件", "a file that the manifest does not name"),
    "changed": Title("内容被改动（指纹不符）", "the content was changed (its digest differs)"),
    "unreadable": Title("不是可读的 Parquet 文件", "it is no Parquet file that can be read"),
    "rows_differ": Title("行数或大小与清单不符", "rows or size differ from the manifest"),
    "columns_differ": Title("列与清单不符", "the columns differ from the manifest"),
    "manifest_altered": Title("清单被改动：指纹与封存时记下的不同", "the manifest is not the one that was noted"),
    "not_genuine": Title("清单的签名不成立，或不是可信密钥所签", "the manifest is not signed by a key that is trusted"),
    "previous_missing": Title("清单所接的上一封存不在", "the seal before, which the manifest names, is not there"),
    "previous_differs": Title("上一封存已不是当时那一份", "the seal before is not the one that it was"),
    "previous_unnamed": Title("清单没有接上一封存", "the manifest does not name the seal before"),
    "no_manifest": Title("没有清单", "there is no manifest"),
    "bad_manifest": Title("清单读不出来", "the manifest cannot be read"),
    "bad_path": Title("清单里有不合法的路径", "the manifest names a path that is not allowed"),
    "unknown_format": Title("清单的格式版本未知", "the format of the manifest is not known"),
    "audit_unsigned": Title("清单里的审计链头不是可信密钥所签", "the audit head in it is not signed by a trusted key"),
    "audit_cut": Title("审计链到不了清单里的链头：被截短，或恢复过较早的备份",
                       "the audit chain ends before the head in the manifest: cut, or an older backup was restored"),
    "audit_differs": Title("审计链与清单里的链头不符", "the audit chain does not agree with the head in the manifest"),
    "entry_differs": Title("审计日志里记的清单指纹不是这一份", "the audit log has another digest of this manifest"),
}  # fmt: skip
STATES = {
    "sealed": Title("? 未核对", "? not checked yet"),
    "sound": Title("✓ 完好", "✓ sound"),
    "faulty": Title("✗ 不完好", "✗ not sound"),
}
IDENTITIES = {
    "present": Title("在，已加密", "there, encrypted"),
    "absent": Title("已销毁或不在本机（不影响核对）", "destroyed, or not on this machine (no fault)"),
    "none": Title("未封存", "not sealed"),
}


def fault(code: str) -> Title:
    """A fault in words."""
    return FAULTS.get(code, Title(code, code))


def problem(error: SealFault) -> Problem:
    """Why a seal cannot be used, as a message."""
    what = fault(error.code)
    if error.code == "no_manifest":
        return Missing("seal_no_manifest", "这里没有封存（没有清单文件）。", "There is no seal here (no manifest).")
    if error.code == "unknown_format":
        shown, known = error.detail.get("format"), error.detail.get("known")
        return Problem(
            "seal_unknown_format",
            f"封存的格式版本是“{shown}”，本程序只认得 {known}。请用相应版本的程序打开。",
            f"The seal has format “{shown}”; this program knows {known}. Open it with the version that made it.",
            format=str(shown),
        )
    return Problem(
        f"seal_{error.code}",
        f"封存不可用：{what.zh}。请改用完好的副本。",
        f"The seal cannot be used: {what.en}. Use a sound copy.",
        file=error.file,
    )


def no_such_seal(number: Any) -> Missing:
    return Missing("no_such_seal", f"没有第 {number} 号封存。", f"There is no seal {number}.")


BUSY = Problem(
    "sealing_under_way",
    "另一次封存正在进行，请等它结束后再试。",
    "Another sealing is under way. Wait until it has ended and try again.",
)
UNWRITABLE = Problem(
    "seal_unwritable",
    "无法写入封存目录（TUOPIN_HOME/seals）：请检查目录是否可写。没有留下未完成的封存。",
    "The folder of seals (TUOPIN_HOME/seals) cannot be written: check its permissions. Nothing is left half done.",
)

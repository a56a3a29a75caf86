"""What may happen to a matter: one table for all kinds. Services ask it, pages draw their buttons from it, and so is
the diagram in docs/methods/matters.md (a test compares)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuopin.core.language.catalogue import Title

from .model import KINDS, STATES, WHO, Need, Refusal, Transition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from .model import Kind, Who

_ALL: frozenset[Kind] = frozenset({"directive", "problem", "petition"})
_WORK: frozenset[Kind] = frozenset({"directive", "problem"})
_PETITION: frozenset[Kind] = frozenset({"petition"})
_RUNNING = ("issued", "received", "working")
_HELD = ("received", "working")

REASON = Need("note", Title("原因", "the reason"))
REPORT = Need("note", Title("办理情况", "what was done"))
FINDING = Need("note", Title("核实情况", "what was found"))
EVIDENCE = Need("paper", Title("佐证材料", "evidence"))
HOLDER = Need("holder", Title("承办单位", "who is to hold it"))
LIMIT = Need("limit", Title("时限", "the limit"))
AUTHORITY = Need("within_authority", Title("是否属本级权限", "whether it lies within one’s authority"))
UNTIL = Need("until", Title("停到哪一天", "until which day"))
LOOK_BACK = Need("look_back_on", Title("回头看日期", "the day of the look-back"))
INTO = Need("into", Title("并入哪一件", "into which one"))
WHOLE = Need("parent", Title("归入哪一件", "under which one"))
PARTS = Need("parts", Title("分成哪几件", "into which parts"))

TRANSITIONS: tuple[Transition, ...] = (
    Transition("draft", Title("起草", "draft"), _ALL, ("",), "draft", ("issuer", "office"), (),
               Title("—", "—")),
    Transition("issue", Title("交办", "issue"), _WORK, ("draft",), "issued", ("issuer",), (HOLDER, LIMIT),
               Title("时限开始；指令编文号，抄报各承办单位的派驻纪检组",
                     "the clock runs; a directive gets its number, each recipient’s discipline group its copy")),
    Transition("accept", Title("受理", "accept"), _PETITION, ("draft",), "issued", ("office",), (HOLDER, LIMIT),
               Title("15 日内；办理时限 60 日开始，承办方只见转述",
                     "within 15 days; 60 days to finish; the holder sees a paraphrase alone")),
    Transition("decline", Title("不予受理", "decline"), _PETITION, ("draft",), "final", ("office",), (REASON,),
               Title("书面告知来访人", "the petitioner is told in writing")),
    Transition("void", Title("误登作废", "void: taken in by mistake"), _PETITION, ("draft",), "withdrawn", ("office",),
               (REASON,), Title("来访人信息 30 日后清除", "who came is erased after 30 days")),
    Transition("receive", Title("签收", "sign for it"), _ALL, ("issued",), "received", ("holder",), (),
               Title("签收单", "a receipt")),
    Transition("start", Title("开始办理", "begin"), _ALL, ("received",), "working", ("holder",), (), Title("—", "—")),
    Transition("progress", Title("填报进展", "say how far it is"), _ALL, _HELD, "", ("holder",), (REPORT,),
               Title("时限不变", "the limit stays")),
    Transition("done", Title("报结", "report done"), _ALL, _HELD, "reported", ("holder",), (REPORT, EVIDENCE),
               Title("承办方时限停；下属各件须先办结", "the holder’s clock ends; its parts must have ended before")),
    Transition("verify", Title("核实", "verify"), _ALL, ("reported",), "verified", ("verifier",), (FINDING,),
               Title("—", "—")),
    Transition("return", Title("退回重办", "return"), _ALL, ("reported", "verified"), "working",
               ("verifier", "issuer", "office"), (REASON, LIMIT), Title("新时限开始", "a new limit runs")),
    Transition("close", Title("销号", "close"), _WORK, ("verified",), "closed", ("issuer",), (LOOK_BACK,),
               Title("逐件销号；到回头看日期提醒", "one by one; the look-back is reminded of")),
    Transition("answer", Title("答复来访人", "answer"), _PETITION, ("verified",), "closed", ("office",), (REPORT,),
               Title("30 日内可申请复查", "a review may be asked for within 30 days")),
    Transition("review", Title("申请复查", "ask for a review"), _PETITION, ("closed",), "review", ("office",),
               (REASON, HOLDER, LIMIT), Title("由上一级单位 30 日内答复", "the unit above answers within 30 days")),
    Transition("second_review", Title("申请复核", "ask for a second review"), _PETITION, ("review",), "second_review",
               ("office",), (REASON, HOLDER, LIMIT),
               Title("复查答复后 30 日内；由再上一级 30 日内答复",
                     "within 30 days after the review’s answer; the unit above that answers within 30 days")),
    Transition("reassign_review", Title("改派复查、复核", "give the review to another unit"), _PETITION,
               ("review", "second_review"), "", ("office",), (REASON, HOLDER),
               Title("时限不变；答复前可改派，仍由作出原意见单位的上级办理，不交给答复过的单位",
                     "the limit stays; before it is answered; still to a unit above, never to one that answered")),
    Transition("answer_review", Title("答复复查", "answer the review"), _PETITION, ("review",), "", ("office",),
               (REPORT,), Title("30 日内可申请复核", "a second review may be asked for within 30 days")),
    Transition("conclude", Title("答复复核", "answer the second review"), _PETITION, ("second_review",), "final",
               ("office",), (REPORT,), Title("复核意见为终结意见", "the answer of the second review ends it")),
    Transition("satisfied", Title("来访人满意或期满", "satisfied, or the time to ask is over"), _PETITION,
               ("closed", "review", "second_review"), "final", ("office", "clock"), (), Title("—", "—")),
    Transition("look_back", Title("回头看：属实", "looked back: it holds"), _WORK, ("closed",), "final", ("verifier",),
               (FINDING,), Title("—", "—")),
    Transition("reopen", Title("重新交办", "reopen"), _WORK, ("closed", "final"), "issued", ("verifier", "issuer"),
               (REASON, LIMIT), Title("回头看不属实或问题重现；新时限开始",
                                      "it did not hold or came back; a new limit runs")),
    Transition("reassign", Title("改派", "reassign"), _ALL, _RUNNING, "issued", ("issuer", "office"), (REASON, HOLDER),
               Title("时限不变；原承办方不再看得到信访件", "the limit stays; who had a petition sees it no more")),
    Transition("ask_extension", Title("申请延期", "ask for more time"), _ALL, _HELD, "", ("holder",), (REASON, LIMIT),
               Title("须在时限前提出", "before the limit only")),
    Transition("extend", Title("同意延期", "extend"), _ALL, _RUNNING, "", ("issuer", "office"), (LIMIT,),
               Title("计次；信访件只延一次、不超过 30 日，书面告知来访人",
                     "is counted; of a petition once, by 30 days at most, told in writing")),
    Transition("refuse_extension", Title("不同意延期", "refuse more time"), _ALL, _RUNNING, "", ("issuer", "office"),
               (REASON,), Title("时限不变", "the limit stays")),
    Transition("stop", Title("停表", "stop the clock"), _ALL, _RUNNING, "", ("issuer", "office"), (REASON, UNTIL),
               Title("时限顺延停表的工作日", "the limit moves by the working days of the stop")),
    Transition("resume", Title("恢复计时", "run again"), _ALL, _RUNNING, "", ("issuer", "office"), (),
               Title("时限按实际停表日数改回", "the limit moves back by the days not stopped")),
    Transition("report_up", Title("上报", "report up"), _ALL, _RUNNING, "issued", ("holder",), (REASON, AUTHORITY),
               Title("时限前上报：责任转上级，上级时限开始，上报人受保护",
                     "within the limit: the duty moves up, the superior’s clock starts, the reporter is protected")),
    Transition("merge", Title("并案", "merge"), _WORK, ("draft", *_RUNNING), "merged", ("issuer",), (REASON, INTO),
               Title("对象、材料随并入件", "subjects and papers go with it")),
    Transition("split", Title("拆分", "split"), _WORK, _RUNNING, "", ("issuer",), (PARTS,),
               Title("各分件单独计时，全部办结后本件方可报结",
                     "each part has its own clock; this one may be reported done when all have ended")),
    Transition("attach", Title("归入总件", "put under another"), _WORK, ("draft", *_RUNNING), "", ("issuer",), (WHOLE,),
               Title("成为总件的分件，总件须待其办结", "becomes a part of it; the whole waits for it")),
    Transition("detach", Title("移出总件", "take out of its whole"), _WORK, ("draft", *_RUNNING), "", ("issuer",),
               (REASON,), Title("自成一件，总件不再等它", "stands by itself; the whole waits for it no more")),
    Transition("withdraw", Title("撤销", "withdraw"), _WORK, ("draft", *_RUNNING), "withdrawn", ("issuer",), (REASON,),
               Title("编号保留并注明撤销", "its number stays, marked as withdrawn")),
)  # fmt: skip
ACTS: Mapping[str, Transition] = {each.act: each for each in TRANSITIONS}


def acts_in(kind: Kind, state: str, who: Iterable[Who]) -> list[Transition]:
    """What one of these may do with a matter in a state, in the order of the table."""
    held = set(who)
    return [each for each in TRANSITIONS if kind in each.kinds and state in each.sources and held & set(each.who)]


def refusal(kind: Kind, state: str, act: str, who: Collection[Who], given: Collection[str]) -> Refusal | None:
    """Why an act cannot be done by one of ``who`` giving ``given`` (keys of needs); None if it can."""
    row = ACTS.get(act)
    if row is None or kind not in row.kinds:
        return Refusal("no_such_act", "这类事项没有这个操作。", "Matters of this kind know no such act.")
    if state not in row.sources:
        now = STATES[state]
        return Refusal(
            "wrong_state",
            f"目前是“{now.zh}”，不能{row.title.zh}。可能有人刚处理过，请刷新后再看。",
            f"It is “{now.en}” now, so that “{row.title.en}” is not possible. Somebody may just have acted: reload.",
        )
    if not set(row.who) & set(who):
        zh, en = "、".join(WHO[each].zh for each in row.who), ", ".join(WHO[each].en for each in row.who)
        return Refusal("wrong_hands", f"只有{zh}可以{row.title.zh}。", f"“{row.title.en}” is for: {en}.")
    missing = [need for need in row.needs if need.key not in given]
    if missing:
        zh, en = "、".join(need.title.zh for need in missing), ", ".join(need.title.en for need in missing)
        return Refusal("incomplete", f"{row.title.zh}还要填写：{zh}。", f"“{row.title.en}” also needs: {en}.")
    return None


def target_of(state: str, act: str) -> str:
    """The state after an act."""
    return ACTS[act].target or state


def diagram() -> str:
    """The table as a Mermaid diagram and as a table, in Markdown."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {key}: {title.zh}" for key, title in STATES.items()]
    for each in TRANSITIONS:
        for source in each.sources:
            target = each.target or source
            lines.append(f"    {source or '[*]'} --> {target}: {each.title.zh}")
    lines += ["```", "", "| act | kinds | from | to | who | needs | follows |", "|---|---|---|---|---|---|---|"]
    for each in TRANSITIONS:
        kinds = "、".join(KINDS[kind].zh for kind in KINDS if kind in each.kinds)
        needs = "、".join(need.title.zh for need in each.needs) or "—"
        who = "、".join(WHO[one].zh for one in each.who)
        sources = "、".join(STATES[one].zh if one else "—" for one in each.sources)
        target = STATES[each.target].zh if each.target else "不变"
        lines.append(
            f"| {each.title.zh} `{each.act}` | {kinds} | {sources} | {target} | {who} | {needs} | {each.follows.zh} |"
        )
    return "\n".join(lines) + "\n"

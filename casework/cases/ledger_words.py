"""The words of older ledgers: how far a case is, how it ended, why the child is away. Pure: no database."""

import re

from casework.cases.kinds import Outcome, Reason, Stage

_STATES: dict[str, Stage] = {  # a word of the ledger, the farther first: 已返校 is no 疑似
    "销号": Stage.CLOSED, "结案": Stage.CLOSED, "复学": Stage.FOLLOW_UP, "返校": Stage.FOLLOW_UP, "劝返成功": Stage.FOLLOW_UP,
    "疑似": Stage.VERIFY, "核实": Stage.VERIFY, "家访": Stage.HOME_VISIT, "劝返": Stage.PERSUASION, "报告": Stage.REPORTED,
    "通知书": Stage.REPORTED, "责令": Stage.REPORTED, "起诉": Stage.REPORTED, "辍学": Stage.REPORTED, "失学": Stage.REPORTED,
}  # fmt: skip
_OUTCOMES = {
    "复学": Outcome.RETURNED, "返校": Outcome.RETURNED, "劝返成功": Outcome.RETURNED, "成功劝返": Outcome.RETURNED,
    "休学": Outcome.SUSPENSION, "缓学": Outcome.DEFERRAL, "送教": Outcome.HOME_TEACHING, "特教": Outcome.SPECIAL_SCHOOL,
    "特殊教育": Outcome.SPECIAL_SCHOOL, "转学": Outcome.TRANSFER_OUT, "异地": Outcome.STUDYING_ELSEWHERE,
    "中职": Outcome.VOCATIONAL_PLACEMENT, "毕业": Outcome.COMPLETED, "死亡": Outcome.DECEASED, "出国": Outcome.EMIGRATED,
    "出境": Outcome.EMIGRATED, "超龄": Outcome.AGED_OUT, "误报": Outcome.FALSE_ALARM, "重复": Outcome.DUPLICATE,
}  # fmt: skip
_REASONS = {
    "厌学": Reason.LEARN, "学习": Reason.LEARN, "随父母": Reason.FOLLOW, "务工": Reason.WORK, "打工": Reason.WORK, "早婚": Reason.MARRY,
    "早育": Reason.MARRY, "结婚": Reason.MARRY, "贫": Reason.POOR, "经济": Reason.POOR, "困难": Reason.POOR, "上学远": Reason.FAR,
    "残": Reason.DISABLED, "精神": Reason.MENTAL, "心理": Reason.MENTAL, "病": Reason.ILL, "家庭": Reason.FAMILY, "网": Reason.NET,
    "欺": Reason.BULLY, "失联": Reason.UNKNOWN, "下落不明": Reason.UNKNOWN,
}  # fmt: skip
# what is not, or not yet: the words after it say nothing of themselves
_NOT = r"(?:尚未|未能|未|拟|待|没有|没|不愿|不肯|不想|拒绝|拒不|无法|不同意|同意)"
_NOT_CLOSED = re.compile(f"{_NOT}(?:销号|结案)")
_NOT_BACK = re.compile(rf"{_NOT}(?:再)?(?:复学|返校|劝返成功)|劝返(?:无效|未果|失败|不成功|未成功)")
_STILL_OUT = re.compile(r"(?:尚未|未能|未|没有|没)(?:复学|返校)")


def stage_of(words: str) -> Stage | None:
    """The stage that a ledger's word means; None where it says none."""
    words = _NOT_CLOSED.sub("", words)
    words = _STILL_OUT.sub("辍学", words)
    words = _NOT_BACK.sub("劝返", words).replace("未劝返", "劝返")
    return next((stage for word, stage in _STATES.items() if word in words), None)


def outcome_of(words: str) -> Outcome | None:
    """How a case ended; None where the words name no end, or more than one."""
    words = _NOT_BACK.sub("", words)
    found = {outcome for word, outcome in _OUTCOMES.items() if word in words}
    return found.pop() if len(found) == 1 else None


def reason_of(said: str) -> str:
    """The code of a reason; empty where none is recognised."""
    if said in Reason.values:
        return said
    return next((str(code) for word, code in _REASONS.items() if word in said), "")

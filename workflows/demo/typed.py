"""What the demo's people type into the forms of the steps."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import override

from casework.cases import letters
from casework.cases.kinds import Kind
from casework.cases.models import Case, Step
from casework.cases.side import mark_words
from casework.cases.side_roads import SIDE_ROADS
from casework.core.clock import LOCAL, local_date
from casework.deadlines.days import school_days
from casework.detection.models import Finding
from casework.documents.models import Document
from casework.org.models import Unit, UnitKind, User

CAUSES = [
    ("LEARN", "孩子自述数学、英语跟不上，期中考试后不愿到校；未发现务工或被欺凌情形。"),
    ("FAMILY", "父母外出务工，祖父母照看，早晚无人接送，孩子在家照顾弟弟。"),
    ("NET", "近一个月夜间长时间上网，早上起不来，与家长多次争执。"),
    ("WORK", "跟随堂哥到县城打零工，家长知情，未满十六周岁。"),
    ("POOR", "家中老人住院，经济紧张，家长想让孩子先在家帮忙。"),
]


def answers(step: Step, person: User, at: datetime, more: dict[str, Any]) -> dict[str, Any]:
    """The form's data for a step, as its holder would type it at that moment."""
    reason, why = CAUSES[step.case_id % len(CAUSES)]
    local = at.astimezone(LOCAL)
    today, midnight = local.date().isoformat(), local.replace(hour=0, minute=0, second=0)
    start = max(local - timedelta(hours=1), midnight)
    end = max(local - timedelta(minutes=10), start)  # on the same day, also right after midnight
    contact = {
        "day": today, "began": f"{start:%H:%M}", "ended": f"{end:%H:%M}", "form": "door",
        "visitors": f"{person.display_name}、{_helper(step)}", "present": "祖父、学生本人", "why": why, "reason": reason,
        "guardian_opinion": "支持孩子读书，请学校安排同村同学结伴返校。", "pupil_opinion": "愿意回校，希望先补课。",
        "measures": ["TUTORING", "HELPER"], "agreed": "每周二、四课后辅导，三日后电话回访。", "sign_state": "signed",
        "promised_day": "", "place": step.case.pupil.address,
    }  # fmt: skip
    if more.get("result") == "nobody":
        contact |= {
            "present": "邻居",
            "pupil_opinion": "",
            "guardian_opinion": "未见到，已托邻居转告。",
        }
        contact |= {"why": "家中无人，邻居称一家人去了镇上。", "agreed": "次日傍晚再访。"}
    second = {"second": _helper(step)}
    if step.kind == Kind.DRAFT_LETTER:
        second |= _letter(step, person, at)
    if step.kind == Kind.PLATFORM_MARK:
        with override("zh-hans"):
            second |= {"mark": mark_words(step)}
    return {
        **BASE,
        **contact,
        **second,
        **OWN.get(step.kind, dict)(),
        **_dated(step, today, at),
        **more,
    }


def last_school_day(step: Step, first_absent: date) -> date:
    """The school day before the absence."""
    days = school_days(step.case.school, first_absent - timedelta(days=14), first_absent)
    return days[-2] if len(days) > 1 else first_absent - timedelta(days=1)


def _helper(step: Step) -> str:
    owner = step.case.village_owner
    return owner.display_name if owner else "村干部"


def _dated(step: Step, today: str, at: datetime) -> dict[str, Any]:
    local = at.astimezone(LOCAL)
    finding = Finding.objects.filter(decisions__case=step.case).first()
    first = finding.first_day if finding else local_date(step.case.opened_at)  # one taken over
    before = last_school_day(step, first)
    return {
        "first_absent": first.isoformat(), "last_day": before.isoformat(), "asked_1": today, "asked_2": today, "checked_on": today,
        "marked_on": today, "received_on": today, "served_on": today, "taught_on": today, "reported_on": today, "held_on": today, "done_on": today, "until_1": today, "contacted_at": f"{local:%Y-%m-%dT%H:%M}",
        "plan_until": (local + timedelta(days=20)).date().isoformat(),
    }  # fmt: skip


BASE: dict[str, Any] = {
    "source": "attendance", "contacted_person": "监护人", "contact_result": "电话接通，监护人称孩子不愿到校。",
    "source_1": "监护人", "person_1": "", "answer_1": "孩子在家，不愿上学。", "source_2": "同村同学",
    "answer_2": "昨天傍晚在村口见过。", "platform_status": "在籍在校", "place": "家中",
    "whereabouts": "在家", "guardian_attitude": "口头支持，行动不积极。", "plan": "安排两名教师每周补课三次，心理教师每周谈话一次，村干部负责接送。",
    "plan_by": "班主任", "request": "请镇人民政府牵头，会同村委会上门劝返。", "number": "青教收〔2026〕18号",
    "class_placed": "原班级", "brought_by": "母亲", "condition": "精神状态平稳。", "tutor": "数学教师", "helper": "班主任",
    "support_plan": "前两周不参加月考，同桌结对，每日谈话一次。", "way": "class", "attendance": "全勤",
    "learning": "能跟上大部分课程。", "mood": "平稳。", "statement": "返校三十日以来无旷课，四次跟踪检查均已完成。",
    "proof": "班级点名册", "proof_number": "", "opinion_school": "同意提请销号。", "opinion": "材料齐全，同意。",
    "heard": "听取申诉人、班主任和政教处的意见，调阅处分材料。", "remedy": "如不服本决定，可在三十个工作日内向县教育局申请复核。",
    "addressee": "监护人", "recipient": "父亲", "relation": "", "servers": "吴玉兰、陈志刚", "witness": "", "tracking": "",
    "posted_at": "", "entrusted_to": "", "operator": "学籍管理员", "mark": "疑似辍学", "reference": "",
}  # fmt: skip


def _letter(step: Step, person: User, at: datetime) -> dict[str, Any]:
    """What the form proposes, and the name of the justice office."""
    with override("zh-hans"):
        return {
            "legal_basis": "某地控辍保学条例第八条",
            **letters.proposal(step.case, step.about, by=person, at=at),
            "reviewed": "司法所 覃世平",
            "co_issuer": "",
            "decision": "drafted",
            "reason": "",
        }


ROAD = {
    "reason": "学生患病需长期治疗，无法到校。", "plan": "每两周送教一次，每次两课时，语文、数学和生活适应。", "place": "邻县城关中学",
    "contact": "邻县城关中学教务处 10000000077", "proof": "诊断证明书", "proof_number": "2026-118", "proof_by": "县人民医院",
    "attempts": "三次电话无人接听；村委会上门两次；向亲属询问一次。",
    "department": "police", "demand": "请核实情况并依法处理。", "appellant": "监护人",
    "against": "学校2026年11月16日作出的警告处分。", "assessment": "肢体二级残疾，认知正常，能书写。", "long_goal": "学完九年级主要课程。",
    "short_goal": "本学期学完语文、数学上册。", "class_there": "八年级（5）班", "transfer_number": "ZX2026-0118",
    "wrong": "家访日期写为9月4日。", "right": "家访日期应为9月3日。",
}  # fmt: skip


HARM = {
    "signs": ["violence"],
    "danger": "no",
    "seen": "家访时见学生手臂有多处淤青，学生说是父亲酒后所打。",
}


VISIT = {
    "form": "door", "present": "母亲、学生本人", "why": "介绍期中考试情况，了解家庭作业和作息。", "result": "other",
    "guardian_opinion": "感谢老师上门，会督促孩子按时到校。", "sign_state": "signed", "place": "学生家中",
    "family": "父亲在外务工，母亲在家照看。",
}  # fmt: skip


PROTECTED = {
    "result": "reported",
    "told": "派出所民警秦海",
    "found": "学生由亲属临时照料，班主任每日联系。",
}


def protected(at: datetime) -> dict[str, Any]:
    """What is typed to answer a report of harm without a case."""
    today = at.astimezone(LOCAL).date().isoformat()
    return {**PROTECTED, "reported_on": today, "operator": "周建民", "reference": ""}


NEGLECT = {
    "signs": ["neglect"],
    "danger": "no",
    "seen": "家中无大人，学生独自照看弟弟已有数日，只有方便面。",
}


CONFERENCE = {
    "place": "学校会议室",
    "invited": "班主任、村干部、学生父亲",
    "reason": "学生反复缺课，分析原因，商定办法。",
}


def asked(case: Case, code: str, at: datetime, **more: Any) -> dict[str, Any]:
    """What somebody types to ask for a side road: all that its form has, from today for two months."""
    paper = Document.objects.filter(chain=f"case:{case.pk}").order_by("place").first()
    other = Case.objects.open().exclude(pk=case.pk).order_by("pk").first()
    schools = Unit.objects.filter(kind=UnitKind.SCHOOL).exclude(pk=case.school_id)
    elsewhere = schools.order_by("-path").first()
    there = {
        "receiver": str(elsewhere.pk) if elsewhere else "",
        "paper": paper.number if paper else "—",
        "other_case": other.number if other else "—",
    }
    today = at.astimezone(LOCAL).date()
    days = {
        "starts": today, "ends": today + timedelta(days=59), "proof_day": today, "received_on": today,
        "reply_by": today + timedelta(days=14), "due_on": today.replace(month=9, day=1),
    }  # fmt: skip
    typed = {**ROAD, **there, **{key: day.isoformat() for key, day in days.items()}, **more}
    return {key: typed[key] for key in SIDE_ROADS[code].fields}


def _finding() -> dict[str, Any]:
    return {"finding": "孩子在家，未外出务工。", "found": "local"}


OWN: dict[str, Any] = {
    Kind.VERIFY: _finding,
    Kind.FOLLOW_UP: lambda: {"result": "stable"},
    Kind.CONFIRM_RETURN: lambda: {"decision": "confirmed"},
    Kind.DECIDE_REQUEST: lambda: {"decision": "approved"},
    Kind.BRANCH_REVIEW: lambda: {
        "result": "goes_on",
        "found": "情况属实，继续关注。",
        "proof": "",
        "proof_number": "",
    },
    Kind.ANSWER_REFERRAL: lambda: {
        "result": "answered",
        "found": "已到场核实并责令整改，学生已送回家中。",
        "operator": "",
    },
    Kind.ACCEPT_APPEAL: lambda: {"decision": "accepted", "opinion": "材料齐全，予以受理。"},
    Kind.REPLY_REFERRAL: lambda: {
        "found": "已到用工单位检查，责令其将学生送回监护人身边。",
        "operator": "劳动监察员",
    },
    Kind.CONFERENCE: lambda: {
        "place": "学校会议室",
        "chair": "周建民",
        "present": "班主任、村干部、学生父亲",
        "talk": "分析反复缺课的原因：基础薄弱，无人接送。父亲同意早晚接送。",
        "decision_1": "数学、英语每周补课两次。",
        "owner_1": "班主任",
    },
    Kind.HELP: lambda: {"result": "done", "found": "已补课八次，能跟上课堂。"},
    Kind.PROTECT: lambda: PROTECTED,
    Kind.REPAIR: lambda: {"decision": "runs", "found": "已核对，个案运行正常。"},
    Kind.ANSWER_NOTICE: lambda: {"found": "因值班人员轮换漏办，现已补办，今后每日核对待办。"},
    Kind.TEACH_AT_HOME: lambda: {
        "lessons": 2,
        "content": "语文第三单元，生活适应训练。",
        "reaction": "能跟读，情绪稳定。",
        "present": "",
        "next_day": "",
    },
    Kind.SIGN_LETTER: lambda: {"decision": "signed", "reason": "事实部分未写明家访次数，请补充。"},
    Kind.SERVE_LETTER: lambda: {"served": "yes", "method": "direct"},
    Kind.ANSWER_LETTER: lambda: {
        "decision": "next",
        "found": "期限已满，学生仍未返校，家长无正当理由。",
    },
    Kind.APPROVE_CLOSURE: lambda: {"decision": "approved"},
    Kind.ACCEPT_COUNTY: lambda: {"reason": ""},
    Kind.ACCEPT_TOWNSHIP: lambda: {"reason": "帮扶措施未写明完成期限，请补正后再报。"},
}

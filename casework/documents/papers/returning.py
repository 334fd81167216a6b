"""Papers of the way back: return register (P16), follow-up (P17), closure approval (P32)."""

from casework.documents.papers import options
from casework.documents.papers.blocks import (
    CLASS_TEACHER,
    GUARDIAN,
    PRINCIPAL,
    PUPIL,
    REPORT,
    SCHOOL,
    SCHOOL_RECORD,
)
from casework.documents.papers.declare import Column, Field, Paper, Section, Signer, Slip, Table
from casework.documents.papers.declare import Words as W

RETURN = Paper(
    "P16",
    W("复学登记表", "Return Register"),
    (
        PUPIL,
        Section(
            W("复学情况", "Return"),
            (
                (
                    Field("returned_on", W("复学日期", "Returned on"), kind="date", required=True),
                    Field("class_placed", W("编入班级", "Placed in"), kind="name", required=True),
                    Field("brought_by", W("护送人", "Brought by"), kind="lines"),
                ),
                (Field("condition", W("返校状况", "Condition"), kind="long", span=3),),
                (
                    Field("tutor", W("学业辅导", "Tutor"), kind="lines"),
                    Field("helper", W("帮扶人", "Helper"), kind="lines", required=True, span=2),
                ),
                (
                    Field(
                        "support_plan",
                        W("帮扶计划", "Support plan"),
                        kind="long",
                        span=3,
                        required=True,
                    ),
                ),
            ),
        ),
        Section(
            W("复学确认", "Confirmation"),
            (
                (
                    Field("reported_by", W("报告人", "Reported by"), kind="name", required=True),
                    Field("reported_at", W("报告时间", "Reported at"), kind="moment"),
                    Field("seen_on", W("到课日期", "Seen in class"), kind="date"),
                ),
                (
                    Field("confirmed_by", W("确认人", "Confirmed by"), kind="name", required=True),
                    Field("confirmed_at", W("确认时间", "Confirmed at"), kind="moment"),
                    Field("days_present", W("点名到课", "Roll calls"), kind="name"),
                ),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (GUARDIAN, CLASS_TEACHER, PRINCIPAL),
    SCHOOL_RECORD,
    slips=(
        Slip(
            W("复学证明（交监护人）", "Certificate of return (for the guardian)"),
            W(
                "兹证明学生{pupil.name}已于{returned_on}返校复学，编入{class_placed}学习。特此证明。",
                "This certifies that the pupil {pupil.name} came back to school on {returned_on} and was placed in {class_placed}.",
            ),
            seal="ours",
        ),
    ),
)

FOLLOW_UP = Paper(
    "P17",
    W("跟踪巩固记录", "Follow-up Record"),
    (
        PUPIL,
        Section(
            W("跟踪情况", "Check"),
            (
                (
                    Field("check_no", W("跟踪次数", "Check no."), kind="name", required=True),
                    Field("returned_on", W("复学日期", "Returned on"), kind="date", required=True),
                    Field("check_day", W("复学天数", "Days since"), kind="name"),
                ),
                (
                    Field("checked_at", W("关爱时间", "Time"), kind="date", required=True),
                    Field("people", W("执行人员", "By"), kind="lines", span=2, required=True),
                ),
                (
                    Field(
                        "way",
                        W("跟踪方式", "Way"),
                        kind="choice",
                        span=3,
                        options=options.FOLLOW_UP_FORM,
                    ),
                ),
                (Field("attendance", W("出勤情况", "Attendance"), span=3, required=True),),
                (Field("learning", W("学习情况", "Learning"), kind="long", span=3),),
                (Field("mood", W("思想情绪", "Mood"), kind="long", span=3),),
                (Field("family", W("家庭情况", "Family"), kind="long", span=3),),
                (Field("problem", W("存在问题", "Problem"), kind="long", span=3),),
                (Field("action", W("采取措施", "Action"), kind="long", span=3),),
                (
                    Field(
                        "result",
                        W("跟踪结果", "Result"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.FOLLOW_UP_RESULT,
                    ),
                ),
                (Field("proofs", W("证明材料", "Proofs"), kind="lines", span=3),),
                (
                    Field(
                        "continues",
                        W("继续跟进", "Goes on"),
                        kind="choice",
                        options=options.YES_NO,
                    ),
                    Field("next_date", W("下次跟进", "Next on"), kind="date", span=2),
                ),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (Signer("helper", W("执行人员（签字）", "Checked by (signature)")), SCHOOL),
    SCHOOL_RECORD,
)

CLOSURE = Paper(
    "P32",
    W("销号审批表", "Closure Approval"),
    (
        PUPIL,
        Section(
            W("销号事由", "Reason for closing"),
            (
                (
                    Field(
                        "closing_reason",
                        W("销号类别", "Closed as"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.CLOSING,
                    ),
                ),
                (
                    Field("opened_on", W("建档日期", "Opened on"), kind="date"),
                    Field("returned_on", W("复学日期", "Returned on"), kind="date"),
                    Field("days_present", W("连续到课", "Days present"), kind="name"),
                ),
                (
                    Field(
                        "statement", W("销号说明", "Statement"), kind="long", span=3, required=True
                    ),
                ),
            ),
        ),
        Section(
            W("跟踪检查", "Checks done"),
            table=Table(
                "checks",
                (
                    Column("planned", W("计划日期", "Planned"), 28, "date"),
                    Column("done", W("完成日期", "Done"), 28, "date"),
                    Column("by", W("执行人员", "By"), 37, "lines"),
                    Column("result", W("结果", "Result"), kind="long"),
                ),
            ),
        ),
        Section(
            W("证明材料", "Proofs"),
            table=Table(
                "proofs",
                (
                    Column("name", W("材料名称", "Proof"), kind="long"),
                    Column("number", W("文号", "Number"), 62),
                    Column("day", W("日期", "Date"), 28, "date"),
                ),
                required=True,
            ),
        ),
        Section(
            W("审批", "Approval"),
            (
                (
                    Field("proposed_by", W("提请人", "Proposed by"), kind="name", required=True),
                    Field("proposed_at", W("提请时间", "Proposed at"), kind="moment", span=2),
                ),
                (Field("opinion_school", W("学校意见", "School"), kind="long", span=3),),
                (Field("opinion_township", W("乡镇意见", "Township"), kind="long", span=3),),
                (Field("opinion_county", W("县局意见", "County"), kind="long", span=3),),
                (
                    Field("approved_by", W("批准人", "Approved by"), kind="name"),
                    Field("approved_at", W("批准时间", "Approved at"), kind="moment", span=2),
                ),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (
        Signer("school", W("学校（签字、公章）", "School (signature, seal)"), tall=True),
        Signer("township", W("乡镇（签字、公章）", "Township (signature, seal)"), tall=True),
        Signer("county", W("县教育局（签字、公章）", "County bureau (signature, seal)"), tall=True),
    ),
    REPORT,
)

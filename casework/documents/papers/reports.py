"""Papers from the school upward: dropout report (P05), written report (P09), and the answer to it (AR)."""

from casework.documents.papers import options
from casework.documents.papers.blocks import (
    CALL,
    HELP_PLAN,
    PUPIL,
    REPORT,
    WORK_DONE,
    reasons,
)
from casework.documents.papers.declare import (
    Column,
    Field,
    Letter,
    Paper,
    Section,
    Signer,
    Table,
)
from casework.documents.papers.declare import Words as W

DROPOUT_REPORT = Paper(
    "P05",
    W("辍学报告单", "Dropout Report"),
    (
        Section(
            W("报送单位", "Sent to"),
            table=Table(
                "addressees",
                (
                    Column("role", W("报送", "As"), 19.5, "name"),
                    Column("unit", W("单位", "Unit")),
                    Column("sent", W("送出时间、方式", "Sent, how"), 44),
                    Column("receipt", W("签收人、签收时间", "Received by, at"), 39, "lines"),
                ),
                required=True,
                numbered=False,
                room=3,
            ),
        ),
        PUPIL,
        Section(
            W("缺课和去向", "Absence and whereabouts"),
            (
                (
                    Field("first_absent", W("首次缺课", "First absent"), kind="date"),
                    Field("last_day", W("最后到校", "Last at school"), kind="date", required=True),
                    Field("days_absent", W("连续缺课", "Days absent"), kind="name", required=True),
                ),
                (reasons(required=True),),
                (
                    Field("whereabouts", W("去向", "Whereabouts"), span=2, required=True),
                    Field("leave", W("请假情况", "Leave"), kind="name"),
                ),
                (
                    Field(
                        "guardian_attitude", W("家长态度", "Guardian’s view"), kind="long", span=3
                    ),
                ),
            ),
        ),
        Section(W("已做工作", "Work done"), table=WORK_DONE),
        Section(
            W("学校措施和帮扶计划", "School measures and help plan"),
            ((Field("school_measures", W("学校措施", "Measures"), kind="long", span=3),),),
            HELP_PLAN,
        ),
        Section(
            W("提请事项", "Requests"),
            (
                (Field("request_township", W("提请乡镇", "To township"), kind="long", span=3),),
                (Field("request_county", W("提请县局", "To county"), kind="long", span=3),),
            ),
        ),
    ),
    (
        Signer("class_teacher", W("班主任意见（签字）", "Class teacher (signature)"), tall=True),
        Signer(
            "teaching_office", W("教务处意见（签字）", "Teaching office (signature)"), tall=True
        ),
        Signer(
            "principal",
            W("校长意见（签字、学校公章）", "Principal (signature, school seal)"),
            tall=True,
        ),
    ),
    REPORT,
)

WRITTEN_REPORT = Paper(
    "P09",
    W("关于学生辍学情况的书面报告", "Written Report on a Dropout"),
    (
        PUPIL,
        Section(
            W("责任教师", "Responsible teacher"),
            (
                (
                    Field("teacher", W("班主任", "Class teacher"), kind="name", span=2),
                    Field("teacher_phone", W("联系电话", "Phone"), kind="num"),
                ),
            ),
        ),
        Section(W("已做工作", "Work done"), table=WORK_DONE),
    ),
    (),
    REPORT,
    letter=Letter(
        "recipients",
        (
            Field("first_absent", W("首次缺课", "First absent"), kind="date", required=True),
            Field("days_absent", W("连续缺课", "Days absent"), kind="name", required=True),
            Field("reason", W("原因", "Reason"), kind="long", required=True),
            Field("whereabouts", W("去向", "Whereabouts"), required=True),
            Field("persuasion", W("劝返情况", "Persuasion"), kind="long", required=True),
            Field("guardian_attitude", W("家长态度", "Guardian’s view"), required=True),
            Field("measures", W("措施", "Measures"), kind="long", required=True),
            Field("request", W("请求", "Request"), kind="long", required=True),
            Field("contact", W("联系人", "Contact"), required=True),
            Field("contact_phone", W("联系电话", "Phone"), kind="num"),
        ),
        (
            W(
                "我校{pupil.class_name}学生{pupil.name}自{first_absent}起未到校，"
                "截至本报告已连续缺课{days_absent}。现按规定书面报告如下。",
                "{pupil.name}, a pupil of our school ({pupil.class_name}), has not come to school "
                "since {first_absent}: {days_absent} without a break by the date of this report. "
                "As the rules require, we report as follows.",
            ),
            W(
                "一、原因和去向。{reason}{whereabouts}",
                "1. Reason and whereabouts. {reason} {whereabouts}",
            ),
            W(
                "二、劝返情况。{persuasion}家长态度：{guardian_attitude}",
                "2. Persuasion. {persuasion} The guardian’s view: {guardian_attitude}",
            ),
            W("三、学校措施。{measures}", "3. What the school does. {measures}"),
            W("四、请求事项。{request}", "4. Requests. {request}"),
            W("特此报告。", "Respectfully reported."),
            CALL,
        ),
    ),
)

ANSWER = Paper(
    "AR",
    W("报告签收单", "Answer to a Report"),
    (
        Section(
            W("报告", "Report"),
            (
                (
                    Field("report_number", W("报告文号", "Report no."), span=2, required=True),
                    Field("report_date", W("报告日期", "Dated"), kind="date", required=True),
                ),
                (
                    Field("sender", W("报送单位", "Sent by"), span=2, required=True),
                    Field("received_at", W("收到时间", "Received"), kind="date", required=True),
                ),
            ),
        ),
        PUPIL,
        Section(
            W("处理意见", "Decision"),
            (
                (
                    Field(
                        "decision",
                        W("签收意见", "Decision"),
                        kind="choice",
                        span=2,
                        required=True,
                        options=options.DECISION,
                    ),
                    Field("decided_on", W("签收日期", "Decided on"), kind="date", required=True),
                ),
                (Field("reason", W("退回理由", "Reason"), kind="long", span=3),),
                (Field("next_step", W("后续安排", "What follows"), kind="long", span=3),),
                (
                    Field("officer", W("经办人", "Officer"), kind="name", required=True),
                    Field("officer_phone", W("联系电话", "Phone"), kind="num"),
                    Field("respond_by", W("回复期限", "Answer by"), kind="date"),
                ),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (
        Signer("officer", W("经办人（签字）", "Officer (signature)")),
        Signer("leader", W("负责人（签字、公章）", "Head (signature and seal)")),
    ),
    W("一式两份：报送单位、签收单位各存一份", "Two copies: sender, receiver"),
)

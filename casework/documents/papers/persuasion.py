"""Papers of the door and the talk: home visit (P04) and persuasion (P06)."""

from casework.documents.papers import options
from casework.documents.papers.blocks import GUARDIAN, PUPIL, SCHOOL, SCHOOL_RECORD, reasons
from casework.documents.papers.declare import Column, Field, Paper, Section, Signer, Table
from casework.documents.papers.declare import Words as W

HOME_VISIT = Paper(
    "P04",
    W("家访登记表", "Home Visit Record"),
    (
        PUPIL,
        Section(
            W("家访情况", "Visit"),
            (
                (
                    Field("period", W("家访时间", "Time"), kind="period", span=2, required=True),
                    Field("visit_no", W("家访次数", "Visit no."), kind="name"),
                ),
                (
                    Field(
                        "form",
                        W("形式", "Form"),
                        kind="choice",
                        span=2,
                        required=True,
                        options=options.VISIT_FORM,
                    ),
                    Field("photos", W("照片", "Photos"), kind="name"),
                ),
                (Field("place", W("地点", "Place"), span=3),),
                (
                    Field(
                        "visitors", W("家访人员", "Visitors"), kind="lines", span=2, required=True
                    ),
                    Field("present", W("在场人", "Present"), kind="lines", required=True),
                ),
                (Field("purpose", W("家访目的", "Purpose"), span=3),),
                (Field("family", W("家庭情况", "Family"), kind="long", span=3),),
                (Field("at_school", W("在校表现", "At school"), kind="long", span=3),),
                (Field("at_home", W("在家表现", "At home"), kind="long", span=3),),
                (Field("home_education", W("教育方式", "Upbringing"), kind="long", span=3),),
                (reasons(),),
                (Field("reason_text", W("缺课原因", "Why absent"), kind="long", span=3),),
                (Field("guardian_opinion", W("家长意见", "Guardian’s view"), kind="long", span=3),),
                (Field("pupil_opinion", W("学生意见", "Pupil’s view"), kind="long", span=3),),
                (Field("findings", W("走访发现", "Findings"), kind="long", span=3),),
                (Field("measures", W("商定措施", "Agreed"), kind="long", span=3),),
                (Field("follow_up", W("后续跟进", "Follow-up"), kind="long", span=3),),
                (
                    Field(
                        "result",
                        W("家访结果", "Result"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.VISIT_RESULT,
                    ),
                ),
                (
                    Field("return_on", W("约定返校", "Returns on"), kind="date"),
                    Field("remarks", W("备注", "Remarks"), span=2),
                ),
            ),
        ),
    ),
    (Signer("visitors", W("家访人员（签字）", "Visitors (signature)")), GUARDIAN, SCHOOL),
    SCHOOL_RECORD,
)

PERSUASION = Paper(
    "P06",
    W("劝返情况记录", "Persuasion Record"),
    (
        PUPIL,
        Section(
            W("辍学原因和已采取的帮扶措施", "Reason and help already given"),
            (
                (
                    Field("dropout_month", W("辍学年月", "Since"), kind="name", required=True),
                    Field("persuasion_count", W("劝返次数", "Times"), kind="name"),
                    Field("lead", W("牵头单位", "Led by")),
                ),
                (reasons(required=True),),
                (Field("reason_text", W("辍学原因", "Reason in words"), kind="long", span=3),),
                (Field("helps", W("帮扶措施", "Help given"), kind="long", span=3, required=True),),
            ),
        ),
        Section(
            W("劝返经过", "Course of persuasion"),
            table=Table(
                "persuasions",
                (
                    Column("people", W("劝返人员", "People"), 37, "lines"),
                    Column("phone", W("电话", "Phone"), 26, "lines"),
                    Column("when", W("劝返时间", "Time"), 26, "lines"),
                    Column(
                        "record", W("劝返就读情况记录", "What was said and agreed"), kind="long"
                    ),
                ),
                required=True,
                counted=W("次数", "No."),
            ),
        ),
        Section(
            W("结果", "Result"),
            (
                (
                    Field(
                        "result",
                        W("劝返结果", "Result"),
                        kind="choice",
                        span=3,
                        options=options.VISIT_RESULT,
                    ),
                ),
                (
                    Field("return_on", W("约定返校", "Returns on"), kind="date"),
                    Field("next_step", W("下一步", "Next step"), span=2),
                ),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (
        Signer("persuaders", W("劝返人员（签字）", "Persuaders (signature)")),
        GUARDIAN,
        Signer("village", W("村委会（签字、盖章）", "Village committee (signature, seal)")),
        SCHOOL,
    ),
    SCHOOL_RECORD,
    version=2,
)

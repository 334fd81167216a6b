"""Absence register (P01), statement of persuasion work (P07), talk and written warning (P24)."""

from casework.documents.papers import options
from casework.documents.papers.blocks import (
    CLASS_TEACHER,
    GUARDIAN,
    PUPIL,
    SCHOOL,
    SCHOOL_RECORD,
    WORK_DONE,
    reasons,
)
from casework.documents.papers.declare import Column, Field, Paper, Section, Signer, Table
from casework.documents.papers.declare import Words as W

ABSENCES = Paper(
    "P01",
    W("缺席学生情况登记表", "Absence Register"),
    (
        PUPIL,
        Section(
            W("缺席情况", "Absences"),
            table=Table(
                "absences",
                (
                    Column("day", W("日期", "Day"), 22, "date"),
                    Column("lessons", W("节次", "Lessons"), 14, "name"),
                    Column("kind", W("类别", "Kind"), 17, "name"),
                    Column("contacted", W("联系家长", "Parents called"), 22, "lines"),
                    Column("reason", W("原因", "Reason"), kind="long"),
                    Column("valid", W("理由正当", "Good reason"), 17, "name"),
                    Column("handler", W("处理人", "By"), 19, "lines"),
                ),
                required=True,
            ),
        ),
    ),
    (CLASS_TEACHER, SCHOOL),
    SCHOOL_RECORD,
)
STATEMENT = Paper(
    "P07",
    W("劝返工作情况说明书", "Statement of Persuasion Work"),
    (
        PUPIL,
        Section(
            W("已做工作", "Work done"),
            ((reasons(),),),
            table=WORK_DONE,
        ),
        Section(
            W("未能返校的原因和建议", "Why the child is not back, and what is proposed"),
            (
                (
                    Field(
                        "why_not", W("未返原因", "Why not back"), kind="long", span=3, required=True
                    ),
                ),
                (Field("attitude", W("家长态度", "Guardian"), kind="long", span=3),),
                (Field("proposal", W("下步建议", "Proposal"), kind="long", span=3, required=True),),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (
        SCHOOL,
        Signer("village", W("村委会意见（签字、盖章）", "Village committee (signature, seal)")),
        Signer("township", W("乡镇意见（签字、盖章）", "Township (signature, seal)")),
    ),
    W("一式三份：学校、村、乡镇各存一份", "Three copies: school, village, township"),
)
TALK = Paper(
    "P24",
    W("个别谈话记录（书面警示）", "Record of a Talk (Written Warning)"),
    (
        PUPIL,
        Section(
            W("谈话情况", "Talk"),
            (
                (
                    Field(
                        "rung",
                        W("教育层级", "Step"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.LADDER,
                    ),
                ),
                (
                    Field("held_on", W("谈话日期", "Day"), kind="date", required=True),
                    Field("place", W("地点", "Place")),
                    Field("talker", W("谈话人", "Led by"), kind="name", required=True),
                ),
                (Field("cause", W("事由", "Cause"), kind="long", span=3, required=True),),
                (
                    Field(
                        "content",
                        W("谈话内容", "What was said"),
                        kind="long",
                        span=3,
                        required=True,
                    ),
                ),
                (Field("pupil_says", W("学生陈述", "The pupil says"), kind="long", span=3),),
                (Field("agreed", W("约定事项", "Agreed"), kind="long", span=3),),
                (
                    Field(
                        "parent_told",
                        W("告知家长", "Parents told"),
                        kind="choice",
                        required=True,
                        options=options.YES_NO,
                    ),
                    Field("parent_how", W("告知方式", "How"), span=2),
                ),
            ),
        ),
    ),
    (
        Signer("pupil", W("学生（签字）", "Pupil (signature)")),
        GUARDIAN,
        Signer("talker", W("谈话人（签字）", "Led by (signature)")),
    ),
    SCHOOL_RECORD,
)

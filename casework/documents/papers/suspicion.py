"""Papers of the first days: registration (P35), phone contact (P02), whereabouts (P36)."""

from casework.documents.papers import options
from casework.documents.papers.blocks import CLASS_TEACHER, PUPIL, SCHOOL, SCHOOL_RECORD, reasons
from casework.documents.papers.declare import Column, Field, Paper, Section, Signer, Table
from casework.documents.papers.declare import Words as W

REGISTRATION = Paper(
    "P35",
    W("疑似辍学登记表", "Suspected Dropout Registration"),
    (
        PUPIL,
        Section(
            W("发现情况", "How it was found"),
            (
                (
                    Field(
                        "source",
                        W("发现途径", "Found by"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.SOURCE,
                    ),
                ),
                (
                    Field("last_day", W("最后到校", "Last at school"), kind="date"),
                    Field("first_absent", W("首次缺课", "First absent"), kind="date"),
                    Field("days_absent", W("连续缺课", "Days absent"), kind="name"),
                ),
                (Field("rule", W("触发规则", "Rule met"), span=3),),
                (Field("rule_days", W("缺课日期", "Days counted"), span=3),),
                (reasons(),),
                (Field("known", W("已知情况", "What is known"), kind="long", span=3),),
            ),
        ),
        Section(
            W("首次联系和登记", "First contact and registration"),
            (
                (
                    Field("contacted_at", W("联系时间", "Contacted at"), kind="moment"),
                    Field("contacted_by", W("联系人员", "Contacted by"), kind="name"),
                    Field("contacted_person", W("联系对象", "Person reached"), kind="name"),
                ),
                (Field("contact_result", W("联系结果", "Outcome"), kind="long", span=3),),
                (
                    Field(
                        "registered_by", W("登记人", "Registered by"), kind="name", required=True
                    ),
                    Field("registered_on", W("登记日期", "Registered on"), kind="date"),
                    Field("episode", W("疑似次数", "Episode"), kind="name"),
                ),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (CLASS_TEACHER, SCHOOL),
    SCHOOL_RECORD,
)

CONTACT = Paper(
    "P02",
    W("电话联系记录", "Contact Record"),
    (
        PUPIL,
        Section(
            W("联系情况", "Contact"),
            (
                (
                    Field("when", W("联系时间", "Time"), kind="moment", required=True),
                    Field("number", W("联系号码", "Number"), kind="num"),
                    Field("caller", W("联系人员", "Contacted by"), kind="name", required=True),
                ),
                (
                    Field(
                        "way",
                        W("联系方式", "Way"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.CONTACT_FORM,
                    ),
                ),
                (
                    Field(
                        "reached",
                        W("接通情况", "Reached"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.CONTACT_RESULT,
                    ),
                ),
                (
                    Field("person", W("联系对象", "Person reached"), kind="name"),
                    Field("person_relation", W("关系", "Relation"), kind="name"),
                    Field("contact_no", W("联系次数", "Contact no."), kind="name"),
                ),
                (Field("content", W("联系内容", "What was said"), kind="long", span=3),),
                (Field("result", W("联系结果", "Outcome"), kind="long", span=3, required=True),),
                (Field("next_step", W("下一步", "Next step"), kind="long", span=3),),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (Signer("caller", W("联系人员（签字）", "Contacted by (signature)")), SCHOOL),
    SCHOOL_RECORD,
)

WHEREABOUTS = Paper(
    "P36",
    W("去向核实记录", "Whereabouts Record"),
    (
        PUPIL,
        Section(
            W("询问情况", "Sources asked"),
            table=Table(
                "inquiries",
                (
                    Column("source", W("询问对象", "Source"), 26),
                    Column("person", W("姓名、电话", "Person, phone"), 32, "lines"),
                    Column("when", W("时间", "Time"), 26, "lines"),
                    Column("answer", W("答复", "Answer"), kind="long"),
                ),
                required=True,
            ),
        ),
        Section(
            W("核实结论", "Finding"),
            (
                (
                    Field("platform_status", W("平台状态", "Platform status"), span=2),
                    Field("platform_checked_on", W("查询日期", "Checked on"), kind="date"),
                ),
                (
                    Field(
                        "whereabouts",
                        W("去向", "Whereabouts"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.WHEREABOUTS,
                    ),
                ),
                (Field("place", W("现在何处", "Now at"), span=3),),
                (Field("finding", W("核实结论", "Finding"), kind="long", span=3, required=True),),
                (
                    Field(
                        "next_branch",
                        W("下一步", "Next"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.NEXT,
                    ),
                ),
                (
                    Field(
                        "verified_by",
                        W("核实人", "Verified by"),
                        kind="lines",
                        span=3,
                        required=True,
                    ),
                ),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (
        Signer("first", W("核实人一（签字）", "First person (signature)")),
        Signer("second", W("核实人二（签字）", "Second person (signature)")),
        SCHOOL,
    ),
    SCHOOL_RECORD,
)

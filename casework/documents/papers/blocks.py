"""Parts that several papers share, declared once."""

from casework.documents.papers import options
from casework.documents.papers.declare import Column, Field, Row, Section, Signer, Slip, Table
from casework.documents.papers.declare import Words as W

PUPIL = Section(
    W("学生基本情况", "Pupil"),
    rows=(
        (
            Field("pupil.name", W("姓名", "Name"), kind="name", required=True),
            Field("pupil.sex", W("性别", "Sex"), kind="name"),
            Field("pupil.ethnic_group", W("民族", "Ethnic group"), kind="name"),
        ),
        (
            Field("pupil.born", W("出生日期", "Date of birth"), kind="date"),
            Field("pupil.grade", W("年级", "Grade"), kind="name"),
            Field("pupil.class_name", W("班级", "Class"), kind="name"),
        ),
        (
            Field("pupil.guardian", W("监护人", "Guardian"), kind="name"),
            Field("pupil.relation", W("关系", "Relation"), kind="name"),
            Field("pupil.phone", W("联系电话", "Phone"), kind="num"),
        ),
        (
            Field("pupil.school", W("就读学校", "School"), span=2),
            Field("pupil.status_number", W("学籍号", "Status no."), kind="num"),
        ),
        (
            Field("pupil.address", W("现住址", "Home address"), span=2),
            Field("pupil.boarding", W("住校情况", "Boarding"), kind="name"),
        ),
        (
            Field("pupil.household_place", W("户籍地址", "Registered at"), span=2),
            Field("pupil.groups", W("特殊群体", "Special group"), kind="lines"),
        ),
    ),
)

WORK_DONE = Table(
    "work_done",
    (
        Column("when", W("时间", "Time"), 26, "lines"),
        Column("way", W("方式", "Way"), 16, "name"),
        Column("people", W("人员", "People"), 37, "lines"),
        Column("result", W("结果", "Result"), kind="long"),
    ),
)
HELP_PLAN = Table(
    "help_plan",
    (
        Column("measure", W("措施", "Measure"), kind="long"),
        Column("who", W("责任人", "By whom"), 41, "lines"),
        Column("until", W("完成期限", "By when"), 28, "date"),
    ),
    required=True,
)

CLASS_TEACHER = Signer("class_teacher", W("班主任（签字）", "Class teacher (signature)"))
GUARDIAN = Signer("guardian", W("监护人（签字）", "Guardian (signature)"))
SCHOOL = Signer("school", W("学校审核（签字、公章）", "School (signature and seal)"))
PRINCIPAL = Signer("principal", W("校长（签字、学校公章）", "Principal (signature, school seal)"))

SCHOOL_RECORD = W("一式两份：学校、个案各存一份", "Two copies: school, case file")
REPORT = W(
    "一式三份：学校、乡镇、县教育局各存一份", "Three copies: school, township, county bureau"
)


def reasons(*, required: bool = False) -> Field:
    """Why the child stays away, as boxes (codes of domain.md 2.4)."""
    return Field(
        "reasons",
        W("原因类别", "Reason"),
        kind="choice",
        span=3,
        required=required,
        options=options.REASONS,
    )


CALL = W(
    "（联系人：{contact}　电话：{contact_phone}）",
    "(Contact: {contact}, phone {contact_phone})",
)


def reply(title: W, child: str) -> Slip:
    """The answer of a family to a letter with that title; `child`: the key of whom it names."""
    return Slip(
        W("回执（由监护人填写后交回）", "Reply slip (to be filled in and given back)"),
        W(
            f"我已收到关于{{{child}}}的《{title.zh}》，知悉其内容。",
            f"I have received the letter “{title.en}” about {{{child}}} and know what it says.",
        ),
        (
            (Field("", W("家长答复", "Reply"), kind="long", span=3),),
            (
                Field("", W("家长签字", "Signature"), span=2),
                Field("", W("签收日期", "Date")),
            ),
        ),
    )


def answer(title: W, text: W) -> Slip:
    """The answer of an office to a letter or notice."""
    return Slip(
        title,
        text,
        (
            (Field("", W("办理情况", "What was done"), kind="long", span=3),),
            (
                Field("", W("经办人", "Handled by")),
                Field("", W("联系电话", "Phone"), span=2),
            ),
        ),
        seal="theirs",
    )


def stub(title: W, child: str, *rows: Row) -> Slip:
    """What the office keeps of a letter with that title; `rows` say more of it."""
    handed = (
        Field("", W("经办人", "Handed out by")),
        Field("", W("领取人", "Taken by")),
        Field("", W("发出日期", "Date")),
    )
    text = W(
        f"关于{{{child}}}的《{title.zh}》已发出，存根由签发单位留存。",
        f"The letter “{title.en}” about {{{child}}} was handed out; this stub stays with the office.",
    )
    return Slip(W("存根", "Stub"), text, (*rows, handed))

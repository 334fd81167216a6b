"""The papers of side roads: applications with their approval, referral, appeal decision, home teaching, addendum."""

from casework.documents.papers import options
from casework.documents.papers.blocks import (
    CALL,
    CLASS_TEACHER,
    GUARDIAN,
    PRINCIPAL,
    PUPIL,
    SCHOOL,
    answer,
)
from casework.documents.papers.declare import Field, Letter, Paper, Row, Section, Signer, Slip
from casework.documents.papers.declare import Words as W

_COUNTY_SEAL = Signer(
    "county", W("教育局意见（签字、公章）", "Education bureau (signature, seal)"), tall=True
)
_DECIDER = Signer("decider", W("审批人（签字、公章）", "Decided by (signature, seal)"))
_OPINIONS = Section(
    W("申请和审批", "Request and decision"),
    (
        (
            Field("asked_by", W("提出人", "Asked by"), kind="name", required=True),
            Field("asked_at", W("提出时间", "Asked at"), kind="moment", span=2),
        ),
        (Field("opinion", W("审批意见", "Opinion"), kind="long", span=3, required=True),),
        (
            Field("decided_by", W("审批人", "Decided by"), kind="name", required=True),
            Field("decided_at", W("审批时间", "Decided at"), kind="moment", span=2),
        ),
    ),
)
_PROOF_ROWS: tuple[Row, ...] = (
    (Field("proof", W("证明材料", "Proof"), span=3, required=True),),
    (
        Field("proof_number", W("材料编号", "Its number"), kind="num"),
        Field("proof_day", W("出具日期", "Its day"), kind="date"),
        Field("proof_by", W("出具单位", "Issued by")),
    ),
)
_TERM_ROW: Row = (
    Field("starts", W("起始日期", "From"), kind="date"),
    Field("ends", W("截止日期", "Until"), kind="date"),
    Field("term_days", W("共计", "Days"), kind="name"),
)
_REASON_ROW: Row = (Field("reason", W("原因", "Reason"), kind="long", span=3),)
_PLACE_ROW: Row = (
    Field("place", W("去向学校", "To school"), span=2),
    Field("contact", W("联系人", "Contact"), kind="name"),
)


def _application(
    code: str,
    title: W,
    rows: tuple[Row, ...],
    signers: tuple[Signer, ...],
    copies: W,
    slips: tuple[Slip, ...] = (),
) -> Paper:
    """What is asked for with its proof, and the decision."""
    facts = Section(W("申请事项", "What is asked for"), (*rows, *_PROOF_ROWS))
    return Paper(code, title, (PUPIL, facts, _OPINIONS), signers, copies, slips=slips)


_THREE = W("一式三份：监护人、学校、教育局各存一份", "Three copies: guardian, school, bureau")
_TWO = W("一式两份：学校、个案各存一份", "Two copies: school, case file")
_SUSPENDED = Slip(
    W("休学证明（交监护人）", "Certificate of suspension (for the guardian)"),
    W(
        "兹证明学生{pupil.name}经批准休学，自{starts}起至{ends}止，应于{return_on}办理复学。特此证明。",
        "This certifies that the study of the pupil {pupil.name} is suspended from {starts} until {ends}; due back on {return_on}.",
    ),
    seal="ours",
)
_ENROLLED_THERE = Slip(
    W(
        "回执（由接收学校填写后寄回）",
        "Reply slip (the receiving school fills it in and sends it back)",
    ),
    W(
        "学生{pupil.name}已在我校就读，情况如下：",
        "The pupil {pupil.name} is enrolled at our school:",
    ),
    (
        (Field("", W("接收学校", "School"), span=2), Field("", W("入学日期", "Enrolled on"))),
        (Field("", W("编入班级", "Class")), Field("", W("转接号", "Transfer no."), span=2)),
        (Field("", W("经办人", "Handled by")), Field("", W("联系电话", "Phone"), span=2)),
    ),
    seal="theirs",
)
DEFERRAL = _application(
    "P18", W("延缓入学申请表", "Application to Defer Entry"),
    ((Field("due_on", W("应入学日", "Due to enter"), kind="date", span=3),), _TERM_ROW, _REASON_ROW),
    (GUARDIAN, Signer("certifier", W("证明单位意见（公章）", "Certifying unit (seal)"), tall=True), _COUNTY_SEAL), _THREE,
)  # fmt: skip
SUSPENSION = _application(
    "P19", W("休学申请表", "Application to Suspend Study"),
    (
        _TERM_ROW,
        (Field("hospital", W("诊断医院", "Hospital"), span=2), Field("return_on", W("应复学日", "Due back"), kind="date")),
        _REASON_ROW,
    ),
    (GUARDIAN, PRINCIPAL, _COUNTY_SEAL), _THREE, (_SUSPENDED,),
)  # fmt: skip
ENROLMENT_PROOF = _application(
    "P22", W("转学联系函（就读证明、回执）", "Proof of Enrolment Elsewhere"),
    (
        (Field("case_road", W("情形", "Case"), span=2, required=True), Field("starts", W("就读日期", "Since"), kind="date")),
        _PLACE_ROW,
        (Field("class_there", W("就读班级", "Class there"), kind="name"), Field("transfer_number", W("转接号", "Transfer no."), kind="num", span=2)),
    ),
    (Signer("receiver", W("接收学校（签字、公章）", "Receiving school (signature, seal)"), tall=True), PRINCIPAL), _TWO,
    (_ENROLLED_THERE,),
)  # fmt: skip
LEAVE = _application(
    "P23", W("请假条", "Leave Slip"), (_TERM_ROW, _REASON_ROW), (GUARDIAN, CLASS_TEACHER, PRINCIPAL), _TWO,
)  # fmt: skip
MOVEMENT = Paper(
    "P37",
    W("学籍异动（情形认定）审批表", "Approval of a Change of Status"),
    (
        PUPIL,
        Section(
            W("申请事项", "What is asked for"),
            (
                (Field("case_road", W("情形", "Case"), span=3, required=True),),
                _TERM_ROW,
                _PLACE_ROW,
                _REASON_ROW,
                (Field("plan", W("送教计划", "Plan"), kind="long", span=3),),
                (Field("attempts", W("查找经过", "Attempts"), kind="long", span=3),),
                (Field("other_case", W("关联个案", "Other case"), kind="num", span=3),),
                (Field("proof", W("证明材料", "Proof"), span=3),),
                _PROOF_ROWS[1],
            ),
        ),
        _OPINIONS,
    ),
    (PRINCIPAL, _DECIDER),
    _THREE,
)
REFERRAL = Paper(
    "P30",
    W("移送函（协查函）", "Referral"),
    (
        Section(
            W("签发", "Signed off"),
            (
                (
                    Field("drafted_by", W("拟稿", "Drafted by"), kind="name", required=True),
                    Field("signed_by", W("签发", "Signed off by"), kind="name", required=True),
                    Field("case_road", W("事项", "About"), kind="name"),
                ),
            ),
        ),
    ),
    (),
    W("一式两份：受移送单位、案卷各存一份", "Two copies: department, file"),
    mark="控移",
    slips=(
        answer(
            W("回复函（由受函单位填写后寄回）", "Answer (the department fills it in and sends it back)"),
            W("关于{child}一事，处理情况如下：", "What was found and done about {child}:"),
        ),
    ),
    letter=Letter(
        "addressees",
        (
            Field("child", W("学生", "Child"), required=True),
            Field("facts", W("事实", "Facts"), kind="long", required=True),
            Field("demand", W("请求", "Request"), kind="long", required=True),
            Field("reply_by", W("回复期限", "Answer by"), kind="date", required=True),
            Field("contact", W("联系人", "Contact"), required=True),
            Field("contact_phone", W("联系电话", "Phone"), kind="num"),
        ),
        (
            W("我单位在控辍保学工作中发现，{child}的有关情况需由你单位依法处理。", "In our work against dropping out we found matters of {child} that are yours to act on."),
            W("基本情况：{facts}", "Facts: {facts}"),
            W("请你单位：{demand}", "You are asked: {demand}"),
            W("请于{reply_by}前书面回复。本函内容涉及未成年人个人信息，请依法保密。", "Please answer in writing by {reply_by}. This letter concerns a minor: keep it confidential as the law requires."),
            CALL,
        ),
    ),
)  # fmt: skip
APPEAL = Paper(
    "P29",
    W("申诉处理决定书", "Decision on an Appeal"),
    (
        PUPIL,
        Section(
            W("申诉", "Appeal"),
            (
                (
                    Field("appellant", W("申诉人", "Appellant"), kind="name", required=True),
                    Field("case_road", W("申诉事项", "About"), kind="name"),
                    Field("received_on", W("收到日期", "Received"), kind="date", required=True),
                ),
                (Field("against", W("申诉对象", "Against"), kind="long", span=3),),
                _REASON_ROW,
                (Field("demand", W("申诉请求", "Request"), kind="long", span=3, required=True),),
                (Field("heard", W("听取意见", "Hearing"), kind="long", span=3),),
                (Field("result", W("处理决定", "Decision"), kind="long", span=3),),
                (Field("remedy", W("救济途径", "Remedy"), kind="long", span=3),),
            ),
        ),
        _OPINIONS,
    ),
    (Signer("appellant", W("申诉人（签字）", "Appellant (signature)")), _DECIDER),
    W("一式两份：申诉人、案卷各存一份", "Two copies: appellant, file"),
)
ADDENDUM = Paper(
    "AD",
    W("更正说明", "Addendum"),
    (
        PUPIL,
        Section(
            W("更正内容", "Correction"),
            (
                (Field("paper", W("原件编号", "Paper"), span=3, required=True),),
                (Field("wrong", W("原件内容", "It says"), kind="long", span=3, required=True),),
                (Field("right", W("更正为", "Right is"), kind="long", span=3, required=True),),
                _REASON_ROW,
            ),
        ),
        _OPINIONS,
    ),
    (Signer("maker", W("更正人（签字）", "Corrected by (signature)")), _DECIDER),
    _TWO,
)
HOME_TEACHING = Paper(
    "P21",
    W("送教上门记录表", "Record of Teaching at Home"),
    (
        PUPIL,
        Section(
            W("送教情况", "Teaching"),
            (
                (
                    Field("visit_no", W("送教次数", "Visit no."), kind="name", required=True),
                    Field("taught_on", W("送教日期", "Day"), kind="date", required=True),
                    Field("lessons", W("课时", "Lessons"), kind="name", required=True),
                ),
                (Field("assessment", W("评估情况", "Assessment"), kind="long", span=3),),
                (Field("long_goal", W("长期目标", "Long goal"), kind="long", span=3),),
                (Field("short_goal", W("短期目标", "Short goal"), kind="long", span=3),),
                (Field("plan", W("送教计划", "Plan"), kind="long", span=3),),
                (Field("content", W("送教内容", "Content"), kind="long", span=3, required=True),),
                (Field("reaction", W("学生反应", "Reaction"), kind="long", span=3, required=True),),
                (
                    Field("teacher", W("送教教师", "Teacher"), kind="name", required=True),
                    Field("present", W("在场人", "Present"), kind="name"),
                    Field("next_day", W("下次送教", "Next visit"), kind="date"),
                ),
            ),
        ),
    ),
    (Signer("teacher", W("送教教师（签字）", "Teacher (signature)")), GUARDIAN),
    _TWO,
)
SPECIAL_STATE = Paper(
    "P20",
    W("因失能、缓学、休学学生情况记录表", "Record of a Pupil Disabled, Deferred or Suspended"),
    (
        PUPIL,
        Section(
            W("情况和帮扶", "State and help"),
            (
                (Field("cause", W("原因", "Cause"), kind="choice", span=3, required=True, options=options.CAUSE),),
                (Field("state", W("现状", "State"), kind="long", span=3, required=True),),
                (Field("evidence", W("佐证材料", "Evidence"), kind="long", span=3, required=True),),
                (
                    Field("helper", W("帮扶人", "Helper"), kind="name", required=True),
                    Field("helper_phone", W("帮扶电话", "Phone"), kind="num", span=2),
                ),
                (
                    Field("teacher", W("班主任", "Class teacher"), kind="name"),
                    Field("teacher_phone", W("联系电话", "Phone"), kind="num", span=2),
                ),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (Signer("helper", W("帮扶人（签字）", "Helper (signature)")), GUARDIAN, SCHOOL),
    _TWO,
)  # fmt: skip
SIDE_ROADS = (
    SPECIAL_STATE, DEFERRAL, SUSPENSION, ENROLMENT_PROOF, LEAVE, MOVEMENT, REFERRAL, APPEAL, ADDENDUM, HOME_TEACHING,
)  # fmt: skip

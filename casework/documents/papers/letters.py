"""The letters of the legal ladder (P11, P12, P14, P15) and the proof that one was served (P13): official style, one make."""

from casework.documents.papers import options
from casework.documents.papers.blocks import CALL, PUPIL, reply, stub
from casework.documents.papers.declare import Field, Letter, Paper, Section, Signer, Slip
from casework.documents.papers.declare import Words as W

_FACTS = (
    Field("facts", W("事实", "Facts"), kind="long", required=True),
    Field("legal_basis", W("法律依据", "Legal basis"), required=True),
    Field("demand", W("要求", "Demand"), kind="long", required=True),
    Field("term", W("期限", "Term"), required=True),
    Field("consequence", W("逾期后果", "Consequence"), kind="long", required=True),
    Field("contact", W("联系人", "Contact"), required=True),
    Field("contact_phone", W("联系电话", "Phone"), kind="num"),
    Field("co_issuer", W("会同单位", "Together with")),
)
_ISSUED = Section(
    W("签发", "Signed off"),
    (
        (
            Field("drafted_by", W("拟稿", "Drafted by"), kind="name", required=True),
            Field("reviewed_by", W("审核", "Checked by"), kind="name"),
            Field("signed_by", W("签发", "Signed off by"), kind="name", required=True),
        ),
        (Field("co_issuer", W("会同单位", "Together with"), span=3),),
        (Field("children", W("同函学生", "Also named"), span=3),),
    ),
)
_THREE = W("一式三份：监护人、案卷、学校各存一份", "Three copies: guardian, file, school")
_FACT = W("经查，{facts}", "It was found that: {facts}")
_REMEDY = W(
    "如不服本决定，可以自收到之日起六十日内依法申请行政复议，或者六个月内依法提起行政诉讼。",
    "Against this decision, administrative reconsideration may be asked for within sixty days of receipt, "
    "or an administrative action brought within six months.",
)


def _slips(title: W) -> tuple[Slip, ...]:
    """What the office keeps of a letter with that title, and the answer to it."""
    kept = stub(
        title,
        "pupil.name",
        (
            Field("addressees", W("受送达人", "To"), kind="lines", span=2),
            Field("signed_by", W("签发", "Signed off by"), kind="name"),
        ),
        (Field("term", W("期限", "Term"), span=3),),
    )
    return (kept, reply(title, "pupil.name"))


_REPORT_TO = Field("report_to", W("报到学校", "School to report to"), required=True)
_EVIDENCE = Field("evidence", W("证据", "Evidence"), kind="long", required=True)


def _letter(
    code: str,
    title: W,
    mark: str,
    body: tuple[W, ...],
    copies: W = _THREE,
    *,
    more: tuple[Field, ...] = (),
    answered: bool = False,
) -> Paper:
    """A letter to the guardian: the body between the facts and the contact; `more` facts that it says; `answered`: with a stub and a reply slip."""
    return Paper(
        code,
        title,
        (PUPIL, _ISSUED),
        (),
        copies,
        mark=mark,
        slips=_slips(title) if answered else (),
        letter=Letter("addressees", (*_FACTS, *more), (_FACT, *body, CALL)),
    )


RETURN_NOTICE = _letter(
    "P11",
    W("限期返校（复学）通知书", "Notice to Return to School"),
    "控返",
    (
        W(
            "依据{legal_basis}的规定，适龄儿童、少年的父母或者其他法定监护人应当依法保证其按时入学接受并完成义务教育。",
            "Under {legal_basis}, parents and guardians shall see that children of school age enter school in time "
            "and complete compulsory education.",
        ),
        W("现通知你：{demand}期限：{term}", "You are told: {demand} Time limit: {term}"),
        W("报到学校：{report_to}", "School to report to: {report_to}"),
        W("{consequence}", "{consequence}"),
    ),
    more=(_REPORT_TO,),
    answered=True,
)
ORDER = _letter(
    "P12",
    W("责令送被监护人接受义务教育通知书", "Order to Send the Ward to School"),
    "责改",
    (
        # no identity number of a guardian is kept here: it is compared and written in at the door
        W("受送达人身份证件号码：＿＿＿＿＿＿＿＿＿＿＿＿＿", "Identity number of the addressee: ＿＿＿＿＿＿＿＿＿＿＿＿＿"),
        W("上述事实有下列证据证明：{evidence}", "This is proved by: {evidence}"),
        W("你的行为违反了{legal_basis}的规定。现责令你改正：{demand}期限：{term}", "This violates {legal_basis}. You are ordered to set it right: {demand} Time limit: {term}"),
        W("报到学校：{report_to}", "School to report to: {report_to}"),
        W("{consequence}", "{consequence}"),
        _REMEDY,
    ),
    more=(_REPORT_TO, _EVIDENCE),
    answered=True,
)  # fmt: skip
PENALTY_NOTICE = _letter(
    "P14A",
    W("行政处罚事先告知书", "Notice before an Administrative Penalty"),
    "罚告",
    (
        W("你逾期未履行责令改正通知。依据{legal_basis}的规定，拟作如下处理：{demand}", "The order was not obeyed in time. Under {legal_basis} it is intended: {demand}"),
        W("你有权在下列期限内陈述、申辩：{term}逾期视为放弃。", "You may state your views within: {term} Not doing so counts as giving it up."),
        W("符合法定听证条件的，你可以自收到本告知书之日起五日内要求举行听证。", "Where the law provides for a hearing, you may ask for one within five days of receipt."),
        W("{consequence}", "{consequence}"),
    ),
)  # fmt: skip
PENALTY = _letter(
    "P14B",
    W("行政处罚决定书", "Administrative Penalty Decision"),
    "罚决",
    (
        W("依据{legal_basis}的规定，决定如下：{demand}履行期限：{term}", "Under {legal_basis} it is decided: {demand} To be done within: {term}"),
        W("{consequence}", "{consequence}"),
        _REMEDY,
    ),
)  # fmt: skip
DEMAND = _letter(
    "P14C",
    W("履行行政决定催告书", "Demand to Obey an Administrative Decision"),
    "催",
    (
        W("依据{legal_basis}的规定，现催告你履行：{demand}期限：{term}", "Under {legal_basis} you are called upon: {demand} Time limit: {term}"),
        W("你有权陈述和申辩。{consequence}", "You may state your views. {consequence}"),
    ),
)  # fmt: skip
COURT = _letter(
    "P15",
    W("起诉状（强制执行申请书）", "Application to the Court"),
    "控诉",
    (
        W("依据{legal_basis}的规定，请求：{demand}", "Under {legal_basis} it is requested: {demand}"),
        W("证据：{evidence}", "Evidence: {evidence}"),
        W("预计审理期限：{term}", "Expected time: {term}"),
        W("{consequence}", "{consequence}"),
    ),
    W("一式三份：法院、案卷、学校各存一份", "Three copies: court, file, school"),
    more=(_EVIDENCE,),
)  # fmt: skip

SERVICE = Paper(
    "P13",
    W("送达回证", "Proof of Service"),
    (
        Section(
            W("送达文书", "Letter served"),
            (
                (
                    Field("letter_title", W("文书名称", "Letter"), span=2, required=True),
                    Field("signed_on", W("签发日期", "Dated"), kind="date", required=True),
                ),
                (Field("letter_number", W("文书编号", "Number"), span=3, required=True),),
            ),
        ),
        PUPIL,
        Section(
            W("送达情况", "Service"),
            (
                (
                    Field(
                        "method", W("送达方式", "Way"), kind="choice", span=3, required=True,
                        options=options.SERVICE,
                    ),
                ),
                (
                    Field("outcome", W("送达结果", "Result"), kind="choice", span=2, required=True, options=options.SERVED),
                    Field("served_on", W("送达时间", "Served on"), kind="date"),
                ),
                (Field("place", W("送达地点", "Place"), span=3),),
                (
                    Field("recipient", W("受送达人", "Received by"), kind="name"),
                    Field("relation", W("关系", "Relation"), kind="name"),
                    Field("counts_from", W("起算日期", "Counts from"), kind="date"),
                ),
                (
                    Field("tracking", W("邮件编号", "Tracking no."), kind="num"),
                    Field("posted_at", W("公告处所", "Posted at"), span=2),
                ),
                (
                    Field("entrusted_to", W("受托机关", "Entrusted to"), span=2),
                    Field("ends_on", W("期满日期", "Term ends"), kind="date"),
                ),
                (
                    Field("servers", W("送达人", "Servers"), kind="lines", span=2, required=True),
                    Field("witness", W("见证人", "Witnesses"), kind="lines"),
                ),
                (Field("remarks", W("备注", "Remarks"), kind="long", span=3),),
            ),
        ),
    ),
    (
        Signer("recipient", W("受送达人（签字）", "Received by (signature)")),
        Signer("servers", W("送达人（两人签字）", "Two servers (signatures)")),
        Signer("witness", W("见证人（签字）", "Witnesses (signatures)")),
    ),
    W("一式一份：存入案卷", "One copy: case file"),
)  # fmt: skip
LETTERS = (RETURN_NOTICE, ORDER, PENALTY_NOTICE, PENALTY, DEMAND, COURT)

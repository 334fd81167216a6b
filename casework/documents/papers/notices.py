"""Letters of the school and the village to a family, before any order: notice to the parents (P03), persuasion letter (P10)."""

from casework.documents.papers.blocks import CALL, PUPIL, reply, stub
from casework.documents.papers.declare import Field, Letter, Paper
from casework.documents.papers.declare import Words as W

_CONTACT = (
    Field("contact", W("联系人", "Contact"), required=True),
    Field("contact_phone", W("联系电话", "Phone"), kind="num"),
)
_DUTY = W(
    "依照《中华人民共和国义务教育法》第五条、第十一条的规定，适龄儿童、少年的父母或者其他法定监护人应当依法保证其按时入学接受并完成义务教育。",
    "Under articles 5 and 11 of the Compulsory Education Law, parents and guardians shall see that children of school age "
    "enter school in time and complete compulsory education.",
)
_PARENT_NOTICE = W("家长通知书", "Notice to the Parents")
_PERSUASION_LETTER = W("劝返复学通知书", "Letter of Persuasion")
_TWO = W("一式两份：监护人、学校各存一份", "Two copies: guardian, school")

PARENT_NOTICE = Paper(
    "P03",
    _PARENT_NOTICE,
    (PUPIL,),
    (),
    _TWO,
    mark="控通",
    slips=(reply(_PARENT_NOTICE, "child"),),
    letter=Letter(
        "addressees",
        (
            Field("child", W("学生", "Child"), required=True),
            Field("absent", W("缺课情况", "Absence"), required=True),
            Field("reply_by", W("回复期限", "Reply by"), kind="date", required=True),
            Field("more", W("补充说明", "More"), kind="long"),
            *_CONTACT,
        ),
        (
            W("您的孩子{child}缺课情况如下：{absent}", "Absence of your child {child}: {absent}"),
            _DUTY,
            W(
                "请您于{reply_by}前与学校联系，说明原因，督促孩子返校，并填写回执交回。{more}",
                "Please get in touch with the school by {reply_by}, tell the reason, see that the child comes back, and return the slip. {more}",
            ),
            W(
                "学校为履行法定职责处理上述信息，不作其他用途。",
                "The school uses these data to do what the law asks of it, and for nothing else.",
            ),
            CALL,
        ),
    ),
)
PERSUASION_LETTER = Paper(
    "P10",
    _PERSUASION_LETTER,
    (PUPIL,),
    (),
    _TWO,
    mark="控劝",
    slips=(
        stub(
            _PERSUASION_LETTER,
            "child",
            (Field("addressees", W("受送达人", "To"), kind="lines", span=3),),
        ),
        reply(_PERSUASION_LETTER, "child"),
    ),
    letter=Letter(
        "addressees",
        (
            Field("child", W("学生", "Child"), required=True),
            Field("facts", W("基本情况", "Facts"), kind="long", required=True),
            Field("help", W("帮扶措施", "Help offered"), kind="long", required=True),
            Field("report_to", W("报到学校", "School to report to"), required=True),
            *_CONTACT,
        ),
        (
            W("{child}的基本情况：{facts}", "{child}: {facts}"),
            _DUTY,
            W(
                "为帮助孩子返校，我们可以提供：{help}", "To help the child back to school we offer: {help}"
            ),
            W(
                "请您尽快送孩子到{report_to}报到复学。有困难请直接告诉我们，我们一起想办法。",
                "Please send the child back soon; report to {report_to}. Tell us what stands in the way: we look for a way together.",
            ),
            W(
                "经多次劝返仍不送孩子返校的，我们将依法报告乡镇人民政府处理。",
                "If the child is still not sent back, we have to report to the township government, which acts by law.",
            ),
            CALL,
        ),
    ),
)  # fmt: skip

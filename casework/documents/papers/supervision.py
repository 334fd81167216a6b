"""The supervision notice (P27): what is late, since when, whose it is, what is demanded and until when."""

from casework.documents.papers.blocks import PUPIL, answer
from casework.documents.papers.declare import Field, Paper, Section, Signer
from casework.documents.papers.declare import Words as W

NOTICE = Paper(
    "P27",
    W("督办通知单", "Supervision Notice"),
    (
        Section(
            W("督办事项", "Matter"),
            (
                (
                    Field("addressee", W("被督办人", "To"), span=2, required=True),
                    Field("post", W("岗位", "Post"), kind="name"),
                ),
                (
                    Field("work", W("未办环节", "Step"), span=2, required=True),
                    Field("days_late", W("逾期", "Late"), kind="name"),
                ),
                (
                    Field("begun_at", W("开始时间", "Begun"), kind="moment", span=2),
                    Field("due_on", W("办结期限", "Due"), kind="date", required=True),
                ),
                (Field("demand", W("督办要求", "Demand"), kind="long", span=3, required=True),),
                (
                    Field("raised_by", W("督办人", "Raised by"), kind="name", required=True),
                    Field("raised_at", W("督办时间", "Raised at"), kind="moment"),
                    Field("reply_by", W("回复期限", "Answer by"), kind="date", required=True),
                ),
            ),
        ),
        PUPIL,
    ),
    (
        Signer("supervisor", W("督办单位（签字、公章）", "Supervisor (signature, seal)")),
        Signer("addressee", W("签收人（签字）", "Received by (signature)")),
    ),
    W("一式两份：督办单位、被督办单位各存一份", "Two copies: supervisor, supervised"),
    mark="控督",
    slips=(
        answer(
            W(
                "督办回复（由被督办单位填写后交回）",
                "Answer (the supervised office fills it in and gives it back)",
            ),
            W(
                "《督办通知单》所列事项办理情况如下：",
                "What was done about the matter of the supervision notice:",
            ),
        ),
    ),
)

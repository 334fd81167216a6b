"""The paper of a step that has no form of its own in the field: a work record (SR)."""

from casework.documents.papers.blocks import PUPIL
from casework.documents.papers.declare import Field, Paper, Section, Signer
from casework.documents.papers.declare import Words as W

WORK_RECORD = Paper(
    "SR",
    W("工作记录", "Work Record"),
    (
        PUPIL,
        Section(
            W("办理情况", "What was done"),
            (
                (
                    Field("action", W("事项", "Action"), span=2, required=True),
                    Field("done_on", W("办理日期", "Done on"), kind="date", required=True),
                ),
                (
                    Field("operator", W("办理人", "Done by"), kind="name", required=True),
                    Field("reference", W("编号", "Reference"), span=2),
                ),
                (Field("content", W("内容", "Content"), kind="long", span=3),),
                (Field("result", W("结果", "Result"), kind="long", span=3, required=True),),
                (Field("remarks", W("备注", "Remarks"), span=3),),
            ),
        ),
    ),
    (
        Signer("operator", W("办理人（签字）", "Done by (signature)")),
        Signer("office", W("办理单位审核（签字、公章）", "Office (signature and seal)")),
    ),
    W("一式两份：办理单位、个案各存一份", "Two copies: office, case file"),
)

"""Minutes: of a conference on one case (P25), of a meeting of the office (P25B)."""

from casework.documents.papers import options
from casework.documents.papers.blocks import PUPIL, SCHOOL_RECORD
from casework.documents.papers.declare import Column, Field, Paper, Row, Section, Signer, Table
from casework.documents.papers.declare import Words as W

_HELD: Row = (
    Field("held_on", W("会议日期", "Day"), kind="date", required=True),
    Field("place", W("地点", "Place"), span=2, required=True),
)
_WHO: tuple[Row, ...] = (
    (
        Field("chair", W("主持人", "Chair"), kind="name", required=True),
        Field("recorder", W("记录人", "Recorder"), kind="name", span=2, required=True),
    ),
    (Field("present", W("到会人员", "Present"), span=3, required=True),),
    (Field("absent", W("缺席人员", "Absent"), span=3),),
    (Field("agenda", W("议题", "Agenda"), kind="long", span=3, required=True),),
    (Field("talk", W("讨论情况", "What was said"), kind="long", span=3, required=True),),
)
_DECISIONS = Section(
    W("议定事项", "Decisions"),
    table=Table(
        "decisions",
        (
            Column("what", W("事项", "Decision"), kind="long"),
            Column("who", W("责任人", "By whom"), 41, "lines"),
            Column("until", W("完成期限", "By when"), 28, "date"),
        ),
        required=True,
    ),
)
_SIGNERS = (
    Signer("chair", W("主持人（签字）", "Chair (signature)")),
    Signer("recorder", W("记录人（签字）", "Recorder (signature)")),
)

MINUTES = Paper(
    "P25",
    W("个案分析会议记录", "Minutes of a Case Conference"),
    (
        Section(
            W("会议", "Meeting"),
            (
                (Field("type", W("会议类型", "Type"), kind="name", span=3, required=True),),
                _HELD,
                *_WHO,
            ),
        ),
        PUPIL,
        _DECISIONS,
    ),
    _SIGNERS,
    SCHOOL_RECORD,
    version=2,
)
OFFICE_MINUTES = Paper(
    "P25B",
    W("控辍保学会议记录", "Minutes of a Meeting"),
    (
        Section(
            W("会议", "Meeting"),
            (
                (
                    Field(
                        "type",
                        W("会议类型", "Type"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.MEETING,
                    ),
                ),
                _HELD,
                *_WHO,
                (Field("pupils", W("讨论学生", "Pupils"), kind="lines", span=3),),
            ),
        ),
        _DECISIONS,
    ),
    _SIGNERS,
    W("一式一份：本单位存档", "One copy: own file"),
)

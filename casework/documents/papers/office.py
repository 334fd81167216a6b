"""Papers of an office, of no single case: return list (P08), responsibility letter (P26), village list (P33), visits and publicity (P34)."""

from casework.documents.papers import options
from casework.documents.papers.blocks import PRINCIPAL
from casework.documents.papers.declare import Column, Field, Paper, Section, Signer, Table
from casework.documents.papers.declare import Words as W

_OFFICE = Signer("office", W("单位（签字、公章）", "Office (signature, seal)"))
_FILLER = Signer("filler", W("填表人（签字）", "Filled in by (signature)"))
_REVIEWER = Signer("reviewer", W("审核人（签字）", "Checked by (signature)"))
_OWN_FILE = W("一式一份：本单位存档", "One copy: own file")
_FILLED = (
    Field("filler", W("填表人", "Filled in by"), kind="name", required=True),
    Field("phone", W("联系电话", "Phone"), kind="num"),
    Field("as_of", W("填表日期", "Date"), kind="date", required=True),
)

RETURN_LIST = Paper(
    "P08",
    W("辍学学生劝返清单", "List of Dropouts and Returns"),
    (
        Section(
            W("统计", "Numbers"),
            (
                (
                    Field("since", W("统计起点", "Counted from"), kind="date", required=True),
                    Field("as_of", W("统计日期", "As of"), kind="date", required=True),
                    Field("filler", W("填表人", "Filled in by"), kind="name", required=True),
                ),
            ),
            Table(
                "villages",
                (
                    Column("village", W("村（社区）", "Village")),
                    Column("out", W("辍学人数", "Dropouts"), 30, "num"),
                    Column("back", W("已劝返", "Back"), 30, "num"),
                    Column("still", W("仍未返", "Still out"), 30, "num"),
                ),
                required=True,
            ),
        ),
        Section(
            W("名单", "Names"),
            table=Table(
                "children",
                (
                    Column("village", W("村（社区）", "Village"), 32),
                    Column("name", W("姓名", "Name"), 28, "name"),
                    Column("school", W("学校、班级", "School, class")),
                    Column("state", W("现状", "State"), 24, "name"),
                    Column("since", W("返校日期", "Back on"), 26, "date"),
                ),
            ),
        ),
    ),
    (
        Signer("village", W("村书记、主任（签字）", "Village head (signature)")),
        Signer("central_school", W("中心校校长（签字）", "Central school, principal (signature)")),
        Signer("middle_school", W("初级中学校长（签字）", "Middle school, principal (signature)")),
        Signer("township", W("乡镇分管领导（签字）", "Township deputy (signature)")),
        Signer("head", W("乡镇主要领导（签字、公章）", "Township head (signature, seal)")),
        Signer("bureau", W("县局片区负责人（签字）", "Bureau, leader of the area (signature)")),
    ),
    W("一式三份：村、乡镇、县教育局各存一份", "Three copies: village, township, county bureau"),
)
RESPONSIBILITY = Paper(
    "P26",
    W("控辍保学责任书", "Responsibility Letter"),
    (
        Section(
            W("双方和期限", "Parties and period"),
            (
                (
                    Field("party_a", W("甲方", "First party"), span=2, required=True),
                    Field("head_a", W("负责人", "Head"), kind="name"),
                ),
                (
                    Field("party_b", W("乙方", "Second party"), span=2, required=True),
                    Field("head_b", W("负责人", "Head"), kind="name", required=True),
                ),
                (
                    Field("starts", W("起始日期", "From"), kind="date", required=True),
                    Field("ends", W("截止日期", "Until"), kind="date", required=True),
                    Field("year", W("学年", "School year"), kind="name"),
                ),
            ),
        ),
        Section(
            W("责任内容", "What is promised"),
            (
                (Field("targets", W("工作目标", "Targets"), kind="long", span=3, required=True),),
                (Field("duties", W("责任事项", "Duties"), kind="long", span=3, required=True),),
                (Field("reward", W("考核奖惩", "Evaluation"), kind="long", span=3),),
                (Field("veto", W("否决事项", "Veto clause"), kind="long", span=3),),
            ),
        ),
    ),
    (
        Signer("party_a", W("甲方（签字、公章）", "First party (signature, seal)"), tall=True),
        Signer("party_b", W("乙方（签字、公章）", "Second party (signature, seal)"), tall=True),
    ),
    W("一式两份：双方各存一份", "Two copies: one each"),
)
VILLAGE_LIST = Paper(
    "P33",
    W("村适龄儿童少年应接受义务教育未接受名单", "Village List: Children Not in Compulsory Education"),
    (
        Section(
            W("名单", "Names"),
            (_FILLED,),
            Table(
                "children",
                (
                    Column("hamlet", W("自然村（屯）", "Hamlet"), 27),
                    Column("name", W("儿童姓名", "Child"), 21, "name"),
                    Column("born", W("出生日期", "Born"), 23, "date"),
                    Column("householder", W("户主", "Head"), 21, "name"),
                    Column("reason", W("未接受原因", "Reason")),
                    Column("visits", W("劝返", "Visits"), 13, "num"),
                    Column("remark", W("备注", "Remark"), 22),
                ),
                room=14,
            ),
        ),
    ),
    (_REVIEWER, _FILLER, Signer("county", W("县教育局（公章）", "County bureau (seal)"))),
    W("一式三份：村、乡镇、县教育局各存一份", "Three copies: village, township, county bureau"),
)  # fmt: skip
VISIT_TASKS = Paper(
    "P34A",
    W("家访任务统计表", "Statistics of Home Visits"),
    (
        Section(
            W("完成情况", "Done"),
            (
                (
                    Field("term", W("学期", "Term"), kind="name", required=True),
                    Field("quota", W("每人任务", "Quota"), kind="name", required=True),
                    Field("total", W("合计家访", "In all"), kind="name", required=True),
                ),
                _FILLED,
            ),
            Table(
                "teachers",
                (
                    Column("name", W("班主任", "Class teacher")),
                    Column("owed", W("任务数", "Quota"), 30, "num"),
                    Column("done", W("已完成", "Done"), 30, "num"),
                    Column("gap", W("缺口", "Short by"), 30, "num"),
                ),
                required=True,
                room=14,
            ),
        ),
    ),
    (_FILLER, Signer("teaching_office", W("教务处（签字）", "Teaching office (signature)")), PRINCIPAL),
    _OWN_FILE,
)  # fmt: skip
PUBLICITY = Paper(
    "P34B",
    W("控辍保学宣传记录", "Record of Publicity"),
    (
        Section(
            W("宣传情况", "Publicity"),
            (
                (
                    Field("held_on", W("日期", "Day"), kind="date", required=True),
                    Field("place", W("地点", "Place"), span=2, required=True),
                ),
                (
                    Field(
                        "channel",
                        W("形式", "Channel"),
                        kind="choice",
                        span=3,
                        required=True,
                        options=options.CHANNEL,
                    ),
                ),
                (
                    Field("audience", W("对象", "Audience"), span=2, required=True),
                    Field("reached", W("人数", "People"), kind="name"),
                ),
                (Field("topic", W("宣传内容", "Contents"), kind="long", span=3, required=True),),
                (Field("effect", W("效果反馈", "Effect"), kind="long", span=3),),
                (
                    Field("organiser", W("组织人", "Organised by"), kind="name", required=True),
                    Field("remarks", W("备注", "Remarks"), span=2),
                ),
            ),
        ),
    ),
    (Signer("organiser", W("组织人（签字）", "Organised by (signature)")), _OFFICE),
    _OWN_FILE,
)
OFFICE = (RETURN_LIST, RESPONSIBILITY, VILLAGE_LIST, VISIT_TASKS, PUBLICITY)

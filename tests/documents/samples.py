"""Values for every paper: `least` (only what must be there), `usual`, `most` (long texts, rare names)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from casework.documents.papers.declare import Column, Field, Paper, Table
from casework.documents.papers.register import PAPERS

AT = datetime(2026, 11, 20, 7, 48, tzinfo=UTC)
LENGTHS = ("least", "usual", "most")

USUAL_TEXT = "学生自述听不懂数学，不愿到校；父亲在县城务工，早晚无人接送，希望安排住校。"
MOST_TEXT = (
    "与村支部书记联合入户。学生由祖父母照看，父母自九月起在外省务工，每月寄回生活费；家中有一名年幼弟弟需要照料。"
    "学生表示“等弟弟大一点再说”，当场与父亲视频通话，父亲支持返校（要求安排住校），同意由同村同学结伴往返。"
    "学校承诺：①落实寄宿生生活补助；②安排307室床位；③语文、数学教师每周二、四课后各辅导一节；④三日后电话回访。"
    "依据《中华人民共和国义务教育法》第五条、第十一条，《中华人民共和国未成年人保护法》的有关规定，已当面告知监护人的法定义务。"
)
PUPILS: dict[str, dict[str, Any]] = {
    "least": {"name": "李䶮"},
    "usual": {
        "name": "杨思雨",
        "sex": "女",
        "ethnic_group": "苗族",
        "born": date(2013, 5, 8),
        "grade": "八年级",
        "class_name": "八年级（2）班",
        "guardian": "杨国华",
        "relation": "父亲",
        "phone": "100 2231 8846",
        "school": "示范县青石镇中学",
        "status_number": "G9900262013******21",
        "address": "示范县青石镇岩头村三组14号",
        "boarding": "住校",
        "household_place": "示范县青石镇岩头村三组14号",
        "groups": ["留守儿童"],
    },
    "most": {
        "name": "阿卜杜热合曼·吐尔逊尼亚孜",
        "sex": "男",
        "ethnic_group": "维吾尔族",
        "born": date(2012, 12, 31),
        "grade": "九年级",
        "class_name": "九年级（12）班",
        "guardian": "吐尔逊尼亚孜·麦麦提依明",
        "relation": "祖父（受委托照护人）",
        "phone": "100 2231 8846",
        "school": "示范县云岭乡大坪村民族九年一贯制寄宿制中心学校初中部",
        "status_number": "G9900262012******37",
        "address": "示范县云岭乡大坪村第十四村民小组易地扶贫搬迁安置点三期12号楼2单元1402室",
        "boarding": "走读（每周三天住校）",
        "household_place": "示范县青石镇岩头村委会小寨自然村第二村民小组114号附1号",
        "groups": ["留守儿童", "单亲家庭", "脱贫不稳定户"],
    },
}
SENTENCES = {"least": "无。", "usual": USUAL_TEXT, "most": MOST_TEXT}
NAMES = {"least": "李𬭎", "usual": "王立群（班主任）", "most": "吉木·阿依莫子（村委会副主任）"}


STROKES = [[[60, 200], [180, 60], [260, 240]], [[320, 150], [700, 90], [840, 260]], [[450, 40]]]
DRAWN = {"strokes": STROKES, "words": ""}


def values_for(paper: Paper, length: str) -> dict[str, Any]:
    """Values of that length for every field of a paper."""
    named = "pupil.name" in paper.fields()
    values: dict[str, Any] = {"pupil": PUPILS[length]} if named else {}
    for key, part in paper.fields().items():
        if not key.startswith("pupil.") and (part.required or length != "least"):
            values[key] = table(part, length) if isinstance(part, Table) else value(part, length)
    if paper.letter:
        values[paper.letter.to] = ["示范县青石镇人民政府", "示范县教育局"]
        facts = [field.key for field in paper.letter.facts if field.kind == "text"]
        values |= dict.fromkeys(facts, SENTENCES[length]) | {"contact": "王立群（班主任）"}
    return values | common(paper, length)


def common(paper: Paper, length: str) -> dict[str, Any]:
    if length == "least":
        return {}
    more: dict[str, Any] = {
        "case_no": "KC-990026-2026A-00021",
        "subtitle": "2026—2027学年第一学期",
        "occurred_at": AT - timedelta(hours=5),
        "recorded_by": "王立群（班主任）",
    }
    if length == "most":
        more["notes"] = ["录入晚于发生一天：现场无网络。", "本件由同行人员核对。"]
        more["sign_state"] = "监护人拒签，见证人二人在场"
        more["signatures"] = {each.key: "拒签；见证人：何安、覃秀兰" for each in paper.signers[:1]}
        more["signatures"] |= {each.key: DRAWN for each in paper.signers[1:2]}
    return more


def value(field: Field | Column, length: str) -> Any:
    many = {"least": 1, "usual": 2, "most": 5}[length]
    options = list(getattr(field, "options", {}))
    samples = {
        "date": date(2026, 11, 9),
        "moment": AT,
        "period": (AT, AT + timedelta(minutes=75)),
        "lines": [NAMES[length]] * min(many, 3),
        "name": {"least": "1", "usual": "第2次", "most": "连续缺课三十二个上课日"}[length],
        "num": "100 2218 3307",
        "long": {"least": "无。", "usual": USUAL_TEXT, "most": MOST_TEXT}[length],
        "text": {"least": "无", "usual": "示范县青石镇岩头村", "most": MOST_TEXT[:90]}[length],
        "choice": options[: 2 if field.key == "reasons" and length != "least" else 1],
    }
    return samples[field.kind]


def table(part: Table, length: str) -> list[dict[str, Any]]:
    rows = {"least": 1, "usual": 3, "most": 14}[length]
    return [
        {
            column.key: (AT - timedelta(hours=2), AT)
            if column.key == "when"
            else value(column, length)
            for column in part.columns
        }
        for _ in range(rows)
    ]


CASES = [(code, length) for code in PAPERS for length in LENGTHS]

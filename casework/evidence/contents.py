"""The contents of one student's file, point by point, with the kinds of papers that stand under each (domain.md 6.1)."""

from dataclasses import dataclass

from casework.cases.kinds import Kind
from casework.cases.models import Photo
from casework.core.clock import local_date
from casework.documents.form_codes import kind_of
from casework.documents.models import Attachment
from casework.documents.papers.declare import Words
from casework.evidence.casefile import CaseFile, Paper
from casework.evidence.gaps import Gap

W = Words


@dataclass(frozen=True)
class Point:
    """A point of the contents. `made` points are pages that the bundle itself makes; `holds`: what else stands there, see `_where`."""

    title: Words
    kinds: tuple[str, ...] = ()
    made: str = ""
    holds: tuple[str, ...] = ()


POINTS = (
    Point(W("封面", "Cover"), made="cover"),
    Point(W("目录", "Contents"), made="contents"),
    Point(W("学生基本情况", "The pupil"), made="cover"),
    Point(W("缺课证据、疑似辍学登记", "Absences and registration"), ("P01", "P35")),
    Point(
        W("联系记录、家长通知书、谈话记录", "Contacts, notices to parents, talks"),
        ("P02", "P03", "P24"),
        holds=("survey",),
    ),
    Point(W("家访登记表", "Home visits"), ("P04",), holds=("visit",)),
    Point(W("劝返情况记录、说明书", "Persuasion"), ("P06", "P07")),
    Point(W("去向与原因核实记录", "Whereabouts and reason"), ("P36",)),
    Point(
        W("辍学报告单、书面报告及乡镇、县签收", "Dropout report, written report, receipts"),
        ("P05", "P09", "AR"),
    ),
    Point(W("返校通知书及送达回证", "Notices and proof of service"), ("P10", "P11", "P13")),
    Point(W("责令通知书及送达", "Order and its service"), ("P12",)),
    Point(W("处罚、催告、诉讼文书", "Penalty, demand, court"), ("P14A", "P14B", "P14C", "P15")),
    Point(W("移送函、协查函及答复", "Referrals and answers"), ("P30",)),
    Point(W("个案分析会议记录", "Minutes on the case"), ("P25",)),
    Point(
        W("复学登记表或去向分支证明", "Return, or proof of another way"),
        ("P16", "P18", "P19", "P20", "P21", "P22", "P23", "P37"),
        holds=("proof",),
    ),
    Point(W("跟踪巩固记录", "Follow-up checks"), ("P17",), holds=("check",)),
    Point(
        W("平台标记、更正说明及其他工作记录", "Platform marks, corrections and other work records"),
        ("SR", "AD", "P27"),
        holds=("mark", "signed", "filed"),
    ),
    Point(W("申诉书、申诉处理决定书", "Appeal"), ("P29",)),
    Point(W("销号审批表", "Closure"), ("P32",)),
    Point(W("时间线和时限表", "Timeline and time limits"), made="timeline"),
    Point(W("审计摘要", "Audit summary"), made="audit"),
    Point(W("缺项清单及说明", "What is missing, and why"), made="gaps"),
)


@dataclass(frozen=True)
class Entry:
    """A point as it stands in one case: papers, made by the bundle, missing, or not in this case."""

    number: int
    title: str
    kinds: str
    made: str
    papers: list[Paper]
    photos: list[Photo]
    files: list[Attachment]
    missing: bool
    awaited: bool

    @property
    def state(self) -> str:
        """`missing`, `there`, `awaited` (its day is not over yet), or `absent`: not in this case."""
        if self.missing:
            return "missing"
        if self.papers or self.photos or self.files or self.made:
            return "there"
        return "awaited" if self.awaited else "absent"


def _where(each: Photo | Attachment) -> str:
    """Under which point it stands: photos by what they show, files by what they are for; a sheet stands with its paper."""
    if isinstance(each, Attachment):
        return "" if each.document_id else each.purpose
    if each.step:
        return {Kind.PLATFORM_MARK: "mark", Kind.FOLLOW_UP: "check"}.get(
            Kind(each.step.kind), "proof"
        )
    return "visit"


def _stands(file: Attachment, point: Point) -> bool:
    """A sheet that waits for its paper stands where papers of its form do."""
    if file.waits and file.form_code:
        return kind_of(file.form_code) in point.kinds
    return _where(file) in point.holds


def contents_of(file: CaseFile, gaps: list[Gap], language: str) -> list[Entry]:
    """All points of domain.md 6.1 for a case."""
    today = local_date(file.at)
    lacking = {gap.kind for gap in gaps if gap.due is None or gap.due < today}
    awaited = {gap.kind for gap in gaps} - lacking
    return [
        Entry(
            number,
            point.title.spoken(language),
            " ".join(point.kinds),
            point.made,
            [paper for paper in file.papers if paper.document.kind in point.kinds],
            [photo for photo in file.photos if _where(photo) in point.holds],
            [each for each in file.files if _stands(each, point)],
            bool(lacking & set(point.kinds)),
            bool(awaited & set(point.kinds)),
        )
        for number, point in enumerate(POINTS)
    ]

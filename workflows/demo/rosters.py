"""The demo's pupils and roll-books, as the files that a school would send. Invented people of area 990026."""

import calendar
import io
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from openpyxl import Workbook

from casework.deadlines.days import school_days
from casework.org.models import Unit, UnitKind
from casework.students.roster import GRADES
from casework.students.workbook import Upload

if TYPE_CHECKING:
    from workflows.demo.fates import Plan

FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马苗方任袁柳史唐费岑薛雷贺倪汤罗毕郝安常乐于傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛禹狄米贝明计成戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路江童郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫"
GIVEN = "子思雨佳欣怡梓涵浩宇轩俊杰博文志强明辉建华小云春燕秋月冬梅雪莲玉兰桂花海波江河山林森松柏竹青红霞彩凤龙虎伟勇军民安平康乐福禄寿喜嘉瑞祥和"
GROUPS = ["汉族"] * 8 + ["苗族", "彝族", "布依族"]
VILLAGES = {
    "青石镇": ["青石村", "岩头村", "大湾村", "新桥社区"],
    "龙泉乡": ["龙泉村", "河坝村", "石板村", "云岭村"],
}
SHAPES = [
    ("中学", "31", range(7, 10), 6, 47),
    ("中心小学", "21", range(1, 7), 4, 44),
    ("", "21", range(1, 7), 2, 41),
]
HEAD = ["学校标识码", "学校名称", "姓名", "性别", "出生日期", "民族", "身份证件号", "户口所在地", "学籍号", "年级", "班级", "入学年月", "就读方式", "现住址", "是否留守儿童", "成员1姓名", "成员1关系", "成员1联系电话"]  # fmt: skip
LEGEND = "符号:√出勤 ×旷课 ○病假 △事假 迟=迟到 退=早退"
WEIGHTS, CHECK = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], "10X98765432"


@dataclass
class Child:
    """One pupil of the demo's rosters."""

    name: str
    row: list[str]
    status: str
    grade: str
    class_name: str


@dataclass
class School:
    """One school of the demo with its children."""

    township: str
    name: str
    code: str
    children: list[Child] = field(default_factory=list)


def id_number(born: date, sequence: int) -> str:
    """An invented number of area 990026 with a right check digit; odd sequences are boys."""
    body = f"990026{born:%Y%m%d}{sequence:03d}"
    return (
        body
        + CHECK[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]
    )


def plan() -> list[School]:
    """Six schools in two townships with their children."""
    chance, schools, used = random.Random(26), [], set[str]()
    for number, (township, villages) in enumerate(VILLAGES.items()):
        for place, (suffix, kind, grades, classes, size) in enumerate(SHAPES):
            name = f"{township}{suffix}" if suffix else f"{villages[1]}小学"
            school = School(township, name, f"{kind}5299{number}{place:03d}")
            for grade in grades:
                for class_number in range(1, classes + 1):
                    for _seat in range(size):
                        school.children.append(
                            _child(chance, school, villages, grade, class_number, used)
                        )
            schools.append(school)
    return schools


def _child(
    chance: random.Random,
    school: School,
    villages: list[str],
    grade: int,
    number: int,
    used: set[str],
) -> Child:
    boy = chance.random() < 0.51
    while True:
        born = date(2026 - 6 - grade, 9, 1) + timedelta(days=chance.randrange(365))
        code = id_number(born, chance.randrange(500) * 2 + boy)
        if code not in used:
            break
    used.add(code)
    family, village = chance.choice(FAMILY), chance.choice(villages)
    name = family + "".join(chance.sample(GIVEN, chance.choice([1, 2, 2])))
    grade_name, home = f"{GRADES[grade - 1]}年级", f"示范县{school.township}{village}"
    relation = chance.choice(["父亲", "母亲", "祖母", "祖父"])
    guardian = (
        chance.choice(FAMILY) + "".join(chance.sample(GIVEN, 2))
        if relation != "父亲"
        else family + chance.choice(GIVEN)
    )
    row = [
        school.code, school.name, name, "男" if boy else "女", f"{born:%Y%m%d}", chance.choice(GROUPS), code, home,
        f"G{code}", grade_name, f"{number}班", f"{2026 - (grade - 1) % 6 if grade < 7 else 2026 - (grade - 7)}09",
        chance.choice(["走读", "住校"]), f"{home}{chance.randrange(1, 9)}组{chance.randrange(1, 99)}号",
        chance.choice(["非留守儿童"] * 3 + ["双亲留守儿童"]), guardian, relation, f"100{chance.randrange(10**8):08d}",
    ]  # fmt: skip
    return Child(name, row, f"G{code}", grade_name, f"{grade_name}{number}班")


def rosters(schools: list[School]) -> dict[str, list[Upload]]:
    """A roster file a school, by township."""
    files: dict[str, list[Upload]] = {}
    for school in schools:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("学生基本信息")
        sheet.append([f"{school.name}学生基本信息表（2026—2027学年第一学期）"])
        sheet.append(HEAD)
        for child in school.children:
            sheet.append(child.row)
        files.setdefault(school.township, []).append(
            _upload(f"{school.name}_学生基本信息.xlsx", book)
        )
    return files


def _upload(name: str, book: Workbook) -> Upload:
    out = io.BytesIO()
    book.save(out)
    return Upload(name, out.getvalue())


def roll_books(schools: list[School], plans: "list[Plan]", cut: date) -> list[Upload]:
    """The month's roll-books of all schools up to a day."""
    county = Unit.objects.get(kind=UnitKind.COUNTY)
    last = calendar.monthrange(cut.year, cut.month)[1]
    days = school_days(county, cut.replace(day=1), min(cut, cut.replace(day=last)))
    away = {plan.status: plan for plan in plans}
    return [_roll_book(school, days, away) for school in schools]


def _roll_book(school: School, days: list[date], away: "dict[str, Plan]") -> Upload:
    book = Workbook(write_only=True)
    classes: dict[str, list[Child]] = {}
    for child in school.children:
        classes.setdefault(child.class_name, []).append(child)
    month = days[0]
    for name, children in classes.items():
        sheet = book.create_sheet(name)
        sheet.append([f"{school.name} {name} {month.year}年{month.month}月学生考勤表"])
        sheet.append([LEGEND])
        sheet.append(["序号", "学籍号", "姓名", *[day.day for day in days]])
        for number, child in enumerate(children, 1):
            sheet.append(
                [number, child.status, child.name, *[_mark(child, day, away) for day in days]]
            )
    return _upload(f"{school.name}_考勤_{month:%Y-%m}.xlsx", book)


def _mark(child: Child, day: date, away: "dict[str, Plan]") -> str:
    plan = away.get(child.status)
    if plan and plan.absent_on(day):
        return "×"
    chance = random.Random(f"{child.status}{day}").random()
    return (
        "√"
        if chance > 0.03
        else "○"
        if chance > 0.018
        else "△"
        if chance > 0.008
        else "迟"
        if chance > 0.003
        else "退"
    )

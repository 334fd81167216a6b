"""Lists of others in the world of the tests."""

from typing import Any

from casework.students.compare import ask, only_listed
from casework.students.lists import import_list
from casework.students.models import ListRow, OtherList, Pupil
from casework.students.report import Report
from casework.students.workbook import Upload
from tests.students.books import id_number, workbook
from tests.world import OPENED, World

HEADER = [
    "户号",
    "户主",
    "儿童姓名",
    "性别",
    "出生日期",
    "身份证号",
    "监护人",
    "联系电话",
    "住址",
    "就学状态",
]
BORN = "20130308"


def line(
    name: str,
    *,
    number: str = "",
    born: str = BORN,
    guardian: str = "",
    village: str = "青石村",
    sex: str = "女",
) -> list[str]:
    return [
        "0101",
        guardian or "某某",
        name,
        sex,
        born,
        number,
        guardian,
        "10000001234",
        f"示范县青石镇{village}3组",
        "在读",
    ]


def book(*lines: list[Any], header: list[str] | None = None) -> Upload:
    return Upload(
        "文化户口.xlsx", workbook({"登记": [["青石镇文化户口册"], header or HEADER, *lines]})
    )


def take(
    world: World,
    *lines: list[Any],
    kind: str = "household",
    dry_run: bool = False,
    at: Any = OPENED,
) -> Report:
    return import_list(
        [book(*lines)], kind=kind, unit=world.town, by=world.township, at=at, dry_run=dry_run
    )


def number_of(pupil: Pupil) -> str:
    return pupil.id_number


def in_force(kind: str = "household") -> OtherList:
    return OtherList.objects.get(kind=kind, replaced_at=None)


def everybody(world: World) -> list[list[str]]:
    """The five pupils of the town, by number."""
    return [
        line(p.name, number=number_of(p))
        for p in (world.lan, world.ming, world.yun, world.qi, world.an)
    ]


def give_sound_numbers(world: World) -> None:
    """The pupils of the world get numbers whose check digit is right: a list is read more strictly than the world is made."""
    for at, pupil in enumerate((world.lan, world.ming, world.yun, world.qi, world.an), 1):
        number = id_number(born=BORN, sequence=100 + 2 * at)
        pupil.set_numbers(id_number=number, status_number=f"G{number}")
        pupil.save()


def asked(world: World) -> ListRow:
    """罗小兰 written with another sign and without number."""
    take(world, *everybody(world)[1:], line("罗晓兰", guardian="罗建国"))
    return ask(in_force()).get()


def alone(world: World) -> ListRow:
    take(world, *everybody(world), line("龚小军", born="20140506", sex="男", guardian="龚军"))
    return only_listed(in_force(), OPENED).get()

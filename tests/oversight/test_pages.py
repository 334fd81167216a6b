"""The supervisor's pages: who sees what, which buttons, how many queries."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casework.audit.models import Look
from casework.cases.kinds import Kind
from casework.core import clock
from casework.org.models import Unit, User
from casework.org.roles import Role
from casework.students.models import RollCall
from tests.oversight.world import AT, World, add_case, add_step, county

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MOST_QUERIES = 12


@pytest.fixture
def world() -> World:
    return county()


def late_step(world: World, class_index: int = 0, kind: str = Kind.VERIFY, **more: Any) -> Any:
    case = add_case(world, world.classes[class_index], AT - timedelta(days=9))
    return add_step(world, case, kind, due=AT - HOUR, **more)


def get(user: User, address: str, status: int = 200) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    with clock.moved_to(AT):
        response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def numbers(html: str) -> list[int]:
    """The numbers at the top of the board: open, overdue, soon, unclaimed, stuck."""
    return [int(n) for n in re.findall(r'class="n tap[^>]*>(\d+)<', html)]


def test_the_board_shows_the_numbers_of_my_unit(world: World) -> None:
    officer = world.person(Role.COUNTY_SUPERVISOR, world.county)
    late_step(world)
    add_step(world, late_step(world).case, Kind.PLATFORM_MARK, due=AT + HOUR, holder=officer)
    assert numbers(get(officer, "/board/")) == [3, 2, 1, 2, 2]


def test_one_sees_ones_own_units_and_those_below_and_no_other(world: World) -> None:
    """ACC-02"""
    officer = world.person(Role.TOWNSHIP_CASE_OFFICER, world.towns[0])
    late_step(world, class_index=7)
    html = get(officer, "/board/")
    assert numbers(html) == [0] * 5 and world.towns[1].name not in html
    for page in ("/board/", "/board/steps/", "/board/cases/"):
        get(officer, f"{page}?unit={world.schools[0].pk}")
        for unit in (world.county, world.towns[1], world.schools[2], world.classes[7]):
            get(officer, f"{page}?unit={unit.pk}", status=404)
        for nonsense in ("0", "x", "²", "99999"):
            get(officer, f"{page}?unit={nonsense}", status=404)
    assert "周小兰" not in get(officer, "/board/steps/")
    assert "周小兰" in get(world.person(Role.TOWNSHIP_LEADER, world.towns[1]), "/board/steps/")


@pytest.mark.parametrize("role", [Role.CLASS_TEACHER, Role.VILLAGE_CADRE, Role.DATA_ADMIN])
def test_who_supervises_nobody_has_no_board(world: World, role: Role) -> None:
    person = world.person(role, world.classes[0])
    for page in ("/board/", "/board/steps/", "/board/cases/"):
        get(person, page, status=403)


def test_each_number_leads_to_its_list(world: World) -> None:
    officer = world.person(Role.COUNTY_CASE_OFFICER, world.county)
    for class_index in (0, 0, 5):
        late_step(world, class_index=class_index)
    late_step(world, class_index=1, kind=Kind.PERSUASION_LED)
    html = get(officer, "/board/") + get(officer, f"/board/?unit={world.towns[0].pk}")
    links = re.findall(r'href="(/board/(?:steps|cases)/[^"]+)"[^>]*>(\d+)</a>', html)
    assert len(links) > 20
    for address, count in links:
        rows = get(officer, address.replace("&amp;", "&")).count('<th scope="row">')
        assert rows == int(count), address


def test_the_county_supervisor_reminds_and_the_officer_also_reassigns(world: World) -> None:
    step = late_step(world)
    watcher = world.person(Role.COUNTY_SUPERVISOR, world.county)
    officer = world.person(Role.COUNTY_CASE_OFFICER, world.county)
    pass_on, nudge = f"/steps/{step.pk}/pass-on/", f"/steps/{step.pk}/nudge/"
    for page in ("/board/", "/board/steps/?what=overdue"):
        assert nudge in get(watcher, page) and pass_on not in get(watcher, page)
        assert nudge in get(officer, page) and pass_on in get(officer, page)


def test_a_look_at_a_list_is_logged_with_the_cases_it_showed(world: World) -> None:
    """AUD-02"""
    officer = world.person(Role.COUNTY_CASE_OFFICER, world.county)
    case = late_step(world).case
    for page in ("/board/", "/board/steps/", "/board/cases/"):
        get(officer, page)
    looks = Look.objects.order_by("pk").values_list("what", "subjects", "actor_id")
    assert list(looks) == [
        (what, [case.pk], officer.pk) for what in ("board", "board_steps", "board_cases")
    ]


def test_a_unit_without_any_roll_says_no_data_and_one_with_rolls_says_zero(world: World) -> None:
    officer = world.person(Role.COUNTY_CASE_OFFICER, world.county)
    RollCall.objects.create(class_unit=world.classes[0], day=date(2026, 9, 1), source="r.xlsx")
    html = get(officer, "/board/")
    assert html.count("no data, not zero") == 2
    assert html.count('class="nodata"') == 5


def test_a_list_is_paged_without_losing_a_row(world: World) -> None:
    officer = world.person(Role.COUNTY_CASE_OFFICER, world.county)
    made = {f"/cases/{late_step(world).case_id}/" for _i in range(60)}
    seen: list[str] = []
    address: str | None = "/board/steps/?what=overdue"
    while address:
        html = get(officer, address)
        seen += re.findall(r'href="(/cases/\d+/)"', html)
        more = re.search(r'href="(\?[^"]*after=[^"]+)"', html)
        address = f"/board/steps/{more[1].replace('&amp;', '&')}" if more else None
    assert sorted(seen) == sorted(made)


def queries(user: User, address: str) -> int:
    client = Client()
    client.force_login(user)
    with clock.moved_to(AT):
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as context:
            assert client.get(address).status_code == 200
    return len(context)


@pytest.mark.parametrize("page", ["/board/", "/board/steps/", "/board/cases/"])
def test_a_page_asks_twelve_questions_at_most_however_much_is_open(world: World, page: str) -> None:
    officer = world.person(Role.TOWNSHIP_CASE_OFFICER, world.towns[0])
    town = world.towns[0]
    addresses = [page, f"{page}?unit={world.schools[0].pk}"]
    late_step(world, class_index=0, holder=None)
    before = [queries(officer, address) for address in addresses]
    for n in range(30):
        holder = world.person(Role.CLASS_TEACHER, world.classes[n % 4])
        late_step(world, class_index=n % 4, holder=holder if n % 2 else None)
    Unit.objects.add_child(town, {"kind": "school", "name": "三校", "short": "三校"})
    after = [queries(officer, address) for address in addresses]
    assert max(before + after) <= MOST_QUERIES
    assert [a - b for a, b in zip(after, before, strict=True)] == [0, 0]

"""Stage 0: absent without leave, called the same day, with a paper (domain.md 2.2; P02)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from casework.cases.alerts import alerts_for, record_contact
from casework.cases.models import Visit
from casework.cases.visits import quota
from casework.core.clock import local_moment, moved_to
from casework.core.errors import DomainError
from casework.documents.models import Document
from casework.students.models import Absence, Mark, Pupil, RollCall
from tests.world import World, client_of, fresh, open_case

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 14)
AT = local_moment(TODAY, 10)
SAID: dict[str, Any] = {
    "when": AT, "way": "phone", "reached": "reached", "person": "母亲", "content": "早上没起来。", "result": "back",
}  # fmt: skip


def absent(world: World, pupil: Pupil, day: date = TODAY, mark: str = Mark.ABSENT) -> None:
    """The roll of that day was called, and the pupil was not there."""
    for unit in ("class", "class_two"):
        RollCall.objects.get_or_create(
            class_unit=world.units[unit], day=day, defaults={"source": "表"}
        )
    Absence.objects.create(pupil=pupil, day=day, mark=mark, source="表", row=3)


def names(world: World, who: str = "teacher", at: datetime = AT) -> list[str]:
    return [each.pupil.name for each in alerts_for(fresh(world.people[who]), at)]


def call(world: World, pupil: Pupil, **more: Any) -> Visit:
    return record_contact(pupil, {**SAID, **more}, by=fresh(world.teacher), at=AT)


def test_one_day_without_leave_is_an_alert_of_the_class_teacher(world: World) -> None:
    absent(world, world.lan)
    assert names(world) == names(world, "officer") == ["罗小兰"]
    assert names(world, "teacher_two") == names(world, "far_officer") == []


@pytest.mark.parametrize("mark", [Mark.SICK, Mark.LEAVE, Mark.LATE])
def test_leave_and_lateness_are_none(world: World, mark: str) -> None:
    absent(world, world.lan, mark=mark)
    assert names(world) == []


def test_back_by_the_next_roll_it_is_over(world: World) -> None:
    absent(world, world.lan, TODAY - timedelta(days=1))
    assert names(world, at=AT - timedelta(days=1)) == ["罗小兰"]
    RollCall.objects.create(class_unit=world.units["class"], day=TODAY, source="表")
    assert names(world) == []


def test_yesterday_s_alert_is_late_and_last_week_s_is_forgotten(world: World) -> None:
    absent(world, world.lan, TODAY - timedelta(days=1))
    (alert,) = alerts_for(fresh(world.teacher), AT)
    assert alert.late and names(world, at=AT + timedelta(days=7)) == []


def test_who_was_reached_leaves_the_list_with_a_paper(world: World) -> None:
    absent(world, world.lan)
    visit = call(world, world.lan)
    paper = Document.objects.get(chain=f"pupil:{world.lan.pk}")
    assert (paper.kind, paper.subject) == ("P02", f"visit:{visit.pk}")
    assert "早上没起来" in paper.record and "10000090021" not in paper.record
    assert names(world) == []


def test_nobody_reached_stays_on_the_list(world: World) -> None:
    absent(world, world.lan)
    call(world, world.lan, reached="no_answer", result="nobody", person="", content="")
    assert names(world) == ["罗小兰"]


def test_a_call_of_yesterday_answers_nothing_of_today(world: World) -> None:
    absent(world, world.lan)
    call(world, world.lan, when=AT - timedelta(days=1))
    assert names(world) == ["罗小兰"]


def test_an_open_case_has_its_own_steps(world: World) -> None:
    absent(world, world.lan)
    open_case(world, world.lan, at=AT)
    assert names(world) == []


def test_a_call_to_come_is_refused_and_is_no_home_visit(world: World) -> None:
    absent(world, world.lan)
    with pytest.raises(DomainError, match="future"):
        call(world, world.lan, when=AT + timedelta(hours=1))
    before = quota(world.school, AT)[1].get(pk=world.teacher.pk).done  # type: ignore[attr-defined]
    call(world, world.lan)
    assert quota(world.school, AT)[1].get(pk=world.teacher.pk).done == before  # type: ignore[attr-defined]


def test_the_list_leads_to_the_form_and_the_form_back(world: World) -> None:
    absent(world, world.lan)
    place = f"/absent/{world.lan.pk}/"
    with moved_to(AT):
        client = client_of(world.teacher)
        assert place in client.get("/absent/").content.decode()
        form = client.get(place)
        said = {**SAID, "when": "2026-10-14T09:30", "form_key": form.context["form_key"]}
        wrong = client.post(place, {**said, "result": "nobody"})
        assert wrong.status_code == 422 and "does not fit" in wrong.content.decode()
        assert client.post(place, said)["Location"] == "/absent/"  # type: ignore[index]
        assert client.get(place).status_code == 404
        assert client_of(world.far_officer).get(place).status_code == 404


def test_it_costs_the_same_for_many_children(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for pupil in (world.lan, world.yun, world.qi, world.an):
        absent(world, pupil)
    teacher = fresh(world.teacher)
    with django_assert_max_num_queries(7):
        assert len(alerts_for(teacher, AT)) == 4

"""A whole roster is taken back while nothing stands on it: its new pupils go, the others are what they were before."""

from pathlib import Path
from typing import Any

import pytest
from django.db.models import Model

from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.detection.undoing import undo_import
from casework.org.models import Unit, User
from casework.org.roles import Role
from casework.org.units import add_unit
from casework.students.models import (
    Enrolment,
    GroupTag,
    Guardian,
    ImportRun,
    Pupil,
    RollCall,
    StatusMovement,
)
from casework.students.runs import apply, begin, may_see
from tests.students.books import AT, TOWNSHIP, pupil, ready_county, roster
from tests.students.conftest import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(settings: Any, tmp_path: Path) -> User:
    settings.MEDIA_ROOT = tmp_path
    return person("officer", Role.COUNTY_CASE_OFFICER, ready_county())


def bring(officer: User, *rows: dict[str, Any], name: str = "a.xlsx") -> ImportRun:
    run = begin(
        kind="roster", files=[roster(*rows, name=name)], township=TOWNSHIP, by=officer, at=AT
    )
    apply(run=run, by=officer, at=AT)
    return ImportRun.objects.get(pk=run.pk)


def state() -> list[list[tuple[Any, ...]]]:
    """Everything that a roster writes of pupils, numbers in clear."""
    tables: list[type[Model]] = [Pupil, Guardian, Enrolment, StatusMovement]
    return [list(table._default_manager.order_by("pk").values_list()) for table in tables]


def test_a_first_roster_leaves_no_pupil_behind(officer: User) -> None:
    run = bring(officer, pupil(1), pupil(2))
    undo_import(run, by=officer, at=AT)
    assert state() == [[], [], [], []]
    run.refresh_from_db()
    assert run.undone_at == AT
    with pytest.raises(DomainError, match="Nothing is kept"):
        undo_import(run, by=officer, at=AT)


def test_changed_moved_and_renumbered_pupils_are_what_they_were(officer: User) -> None:
    bring(officer, pupil(1), pupil(2, **{"成员1姓名★": ""}), pupil(3))
    before = state()
    other = bring(
        officer,
        pupil(1, **{"班级★": "2班", "现住址★": "别处", "成员1联系电话★": "10000000001"}),
        pupil(2, **{"座号": "7", "民族": "苗族", "学籍号": ""}),
        pupil(4),
        name="b.xlsx",
    )
    assert state() != before and StatusMovement.objects.count() == 1
    undo_import(other, by=officer, at=AT)
    assert state() == before


def test_a_later_roster_is_taken_back_first(officer: User) -> None:
    first = bring(officer, pupil(1))
    second = bring(officer, pupil(2), name="b.xlsx")
    with pytest.raises(DomainError, match="later roster"):
        undo_import(first, by=officer, at=AT)
    undo_import(second, by=officer, at=AT)
    undo_import(first, by=officer, at=AT)
    assert not Pupil.objects.exists()


def test_a_pupil_with_a_called_roll_a_tag_or_a_second_guardian_holds_the_import(
    officer: User,
) -> None:
    run = bring(officer, pupil(1), pupil(2))
    before = state()
    child = Pupil.objects.earliest("pk")
    enrolment = child.enrolments.get()

    def refused(words: str) -> None:
        with pytest.raises(DomainError, match=words):
            undo_import(run, by=officer, at=AT)

    called = RollCall.objects.create(
        class_unit=enrolment.class_unit, day=enrolment.since, source="x"
    )
    refused("2 pupils of this import have rolls")
    called.delete()
    tag = GroupTag.objects.create(
        pupil=child, group="poor", source="x", since=AT.date(), by=officer
    )
    refused("1 pupils of this import have findings")
    tag.delete()
    aunt = Guardian.objects.create(pupil=child, name="姑姑", relation="其他", rank=2)
    refused("1 pupils of this import have rolls or were changed")
    aunt.delete()
    assert state() == before


def test_what_was_mended_since_holds_the_import(officer: User) -> None:
    bring(officer, pupil(1))
    run = bring(officer, pupil(1, **{"现住址★": "别处"}), name="b.xlsx")
    Guardian.objects.update(phone="10000000009")
    Pupil.objects.update(address="又别处")
    with pytest.raises(DomainError, match="changed since"):
        undo_import(run, by=officer, at=AT)


def test_who_imports_for_the_school_no_more_takes_nothing_back(officer: User) -> None:
    run = bring(officer, pupil(1))
    officer.posts.update(until=AT.date())
    with pytest.raises(DomainError, match="do not import any more"):
        undo_import(run, by=User.objects.get(pk=officer.pk), at=AT)


def test_a_pupil_who_went_to_another_school_is_out_of_reach_of_an_undo(officer: User) -> None:
    bring(officer, pupil(1))
    run = bring(officer, pupil(1, **{"成员1联系电话★": "10000000001"}), name="b.xlsx")
    enrolment = Enrolment.objects.get()
    with one_act():
        school = add_unit(
            parent=enrolment.school.above("township"), kind="school", name="他校", by=None, at=AT
        )
        grade = add_unit(parent=school, kind="grade", name="六年级", by=None, at=AT)
        unit = add_unit(parent=grade, kind="class", name="六年级1班", by=None, at=AT)
    Enrolment.objects.update(until=AT.date())
    Enrolment.objects.create(pupil=enrolment.pupil, class_unit=unit, school=school, since=AT.date())
    with pytest.raises(DomainError, match="changed since"):
        undo_import(run, by=officer, at=AT)
    clerk = person("clerk", Role.SCHOOL_CASE_OFFICER, enrolment.school)
    with pytest.raises(DomainError, match="do not import any more"):
        undo_import(run, by=clerk, at=AT)


def test_an_upload_is_seen_while_its_office_is_one_s_own(officer: User) -> None:
    bring(officer, pupil(1))
    school = Enrolment.objects.get().school
    clerk = person("clerk", Role.SCHOOL_CASE_OFFICER, school)
    run = begin(kind="roster", files=[roster(pupil(1))], township=TOWNSHIP, by=clerk, at=AT)
    assert may_see(run, clerk) and not may_see(run, officer)
    clerk.posts.update(unit=Unit.objects.get(kind="township"))
    assert may_see(run, User.objects.get(pk=clerk.pk)), "an office above holds it"
    clerk.posts.update(
        unit=add_unit(parent=school.above("township"), kind="school", name="他校", by=None, at=AT)
    )
    assert not may_see(run, User.objects.get(pk=clerk.pk))


def test_who_left_another_school_comes_by_a_transfer_and_no_roster(officer: User) -> None:
    bring(officer, pupil(1))
    enrolment = Enrolment.objects.get()
    other = add_unit(
        parent=enrolment.school.above("township"), kind="school", name="他校", by=None, at=AT
    )
    clerk = person("clerk", Role.SCHOOL_CASE_OFFICER, other)
    Enrolment.objects.update(until=AT.date())
    row = pupil(1, **{"学校名称": "他校", "学校标识码★": ""})
    run = begin(kind="roster", files=[roster(row)], township=TOWNSHIP, by=clerk, at=AT)
    assert apply(run=run, by=clerk, at=AT).refused == 1
    assert not Enrolment.objects.filter(until=None).exists()

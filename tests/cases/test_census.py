"""The census of a term: every class says where each pupil is, the missing become findings, those above see how far it is (004, B12, B14)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from casework.cases.census import (
    begin,
    censuses_of,
    count,
    due_for,
    end,
    lines_of,
    progress,
    sign_school,
)
from casework.cases.models import Census, Counted, SignOff, Whereabouts
from casework.core.clock import local_date, moved_to
from casework.core.errors import DomainError
from casework.detection.models import Finding
from casework.org.models import Unit
from casework.students.models import Absence, Enrolment, Pupil, StatusMovement
from tests.world import OPENED, World, client_of, fresh, open_case

pytestmark = pytest.mark.django_db
TODAY = local_date(OPENED)
SAID: dict[str, Any] = {
    "kind": "census", "title": "2026年秋季学期摸排", "tasks": "", "opens_on": TODAY, "due_on": TODAY + timedelta(days=10)
}  # fmt: skip


@pytest.fixture
def census(world: World) -> Census:
    return begin(SAID, unit=world.county, by=fresh(world.county_officer), at=OPENED)


def counted(world: World, census: Census, **other: tuple[str, str]) -> SignOff:
    """The teacher of the class; `other` by the name of the fixture's pupil."""
    class_unit = world.units["class"]
    said = {each.pupil.pk: ({"state": "here"}, "") for each in lines_of(census, class_unit, OPENED)}
    said |= {
        getattr(world, name).pk: ({"state": state}, note) for name, (state, note) in other.items()
    }
    return count(census, class_unit, said, by=fresh(world.teacher), at=OPENED)


def classes_with_pupils(world: World) -> list[Unit]:
    rows = Enrolment.objects.filter(school=world.school, until=None).values("class_unit")
    return list(Unit.objects.filter(pk__in=rows))


def test_all_are_in_class_but_those_of_whom_it_is_said(world: World, census: Census) -> None:
    done = counted(world, census, yun=("leave", ""))
    here = len(lines_of(census, world.units["class"], OPENED))
    assert done.counts == {"here": here - 1, "leave": 1}
    answers = dict(Counted.objects.values_list("pupil", "answers"))
    assert len(answers) == here and answers[world.yun.pk] == {"state": "leave"}


def test_a_missing_child_becomes_a_finding_once(world: World, census: Census) -> None:
    counted(world, census, lan=("missing", "开学后没来过"))
    counted(world, census, lan=("missing", "还是没来"))
    finding = Finding.objects.get()
    assert (finding.rule, finding.pupil, finding.note) == ("check", world.lan, "开学后没来过")


def test_who_left_the_class_and_is_in_none_must_be_answered_for(
    world: World, census: Census
) -> None:
    Enrolment.objects.filter(pupil=world.lan).update(until=TODAY - timedelta(days=60))
    line = next(
        each for each in lines_of(census, world.units["class"], OPENED) if each.pupil == world.lan
    )
    assert (line.here, line.answers) == (False, {})
    with pytest.raises(DomainError, match="罗小兰: an answer is missing"):
        counted(world, census, lan=("", ""))
    with pytest.raises(DomainError, match="in words"):
        counted(world, census, lan=("elsewhere", " "))
    counted(world, census, lan=("elsewhere", "县一小在读证明"))
    assert not Finding.objects.exists()


def test_who_went_to_another_class_is_counted_there(world: World, census: Census) -> None:
    Enrolment.objects.filter(pupil=world.lan).update(until=TODAY)
    Enrolment.objects.create(
        pupil=world.lan, class_unit=world.class_two, school=world.school, since=TODAY
    )
    assert world.lan not in {each.pupil for each in lines_of(census, world.units["class"], OPENED)}
    assert world.lan in {each.pupil for each in lines_of(census, world.class_two, OPENED)}


def test_the_principal_signs_when_every_class_is_counted(world: World, census: Census) -> None:
    counted(world, census)
    with pytest.raises(DomainError, match="not counted yet"):
        sign_school(census, world.school, by=fresh(world.principal), at=OPENED)
    for class_unit in classes_with_pupils(world):
        said = {
            each.pupil.pk: ({"state": "here"}, "") for each in lines_of(census, class_unit, OPENED)
        }
        count(census, class_unit, said, by=fresh(world.officer), at=OPENED)
    with pytest.raises(DomainError, match="by its principal"):
        sign_school(census, world.school, by=fresh(world.officer), at=OPENED)
    signed = sign_school(census, world.school, by=fresh(world.principal), at=OPENED)
    assert (
        signed.counts["here"] == Enrolment.objects.filter(school=world.school, until=None).count()
    )
    with pytest.raises(DomainError, match="signed already"):
        counted(world, census)


def test_progress_of_schools(world: World, census: Census) -> None:
    counted(world, census, lan=("missing", "x"))
    ours, theirs = progress(census, [world.school, world.units["far_school"]], OPENED)
    assert (ours.counted, ours.classes) == (1, len(classes_with_pupils(world)))
    assert ours.counts["missing"] == 1 and ours.signed is None
    assert theirs.counted == 0 and theirs.classes > 0


def test_what_is_due_for_a_teacher(world: World, census: Census) -> None:
    assert [(c.pk, left) for c, left in due_for(fresh(world.teacher), OPENED)] == [
        (census.pk, [world.units["class"].pk])
    ]
    counted(world, census)
    assert due_for(fresh(world.teacher), OPENED) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": "x"}, "Choose"),
        ({"due_on": TODAY - timedelta(days=1)}, "ends after"),
        ({"due_on": TODAY + timedelta(days=300)}, "four months"),
        (
            {"opens_on": TODAY - timedelta(days=9), "due_on": TODAY - timedelta(days=1)},
            "passed already",
        ),
    ],
)
def test_a_census_that_cannot_be_is_refused(world: World, more: dict[str, Any], words: str) -> None:
    with pytest.raises(DomainError, match=words):
        begin(SAID | more, unit=world.county, by=fresh(world.county_officer), at=OPENED)


def test_one_is_open_at_a_time_and_ends(world: World, census: Census) -> None:
    with pytest.raises(DomainError, match="is open for the unit"):
        begin(SAID, unit=world.county, by=fresh(world.county_officer), at=OPENED)
    with pytest.raises(DomainError, match="by the office"):
        end(census, by=fresh(world.officer), at=OPENED)
    end(census, by=fresh(world.county_officer), at=OPENED)
    with pytest.raises(DomainError, match="is over"):
        counted(world, census)


def test_a_school_s_own_census_is_its_own(world: World) -> None:
    own = begin(SAID, unit=world.school, by=fresh(world.officer), at=OPENED)
    assert own in censuses_of(fresh(world.teacher)) and own in censuses_of(
        fresh(world.county_officer)
    )
    assert own not in censuses_of(fresh(world.far_officer))
    with pytest.raises(DomainError, match="does not reach"):
        far = world.units["far_class"]
        said = {each.pupil.pk: ({"state": "here"}, "") for each in lines_of(own, far, OPENED)}
        count(own, far, said, by=fresh(world.far_teacher), at=OPENED)


def left(pupil: Pupil, days: int = 5, unit: Unit | None = None) -> None:
    """The pupil left its class, or `unit`, that many days ago."""
    rows = Enrolment.objects.filter(pupil=pupil)
    rows = rows.filter(class_unit=unit) if unit else rows.filter(until=None)
    rows.update(until=TODAY - timedelta(days=days))


def test_a_class_whose_pupils_all_left_is_still_to_be_counted(world: World, census: Census) -> None:
    counted(world, census)
    for class_unit in classes_with_pupils(world):
        said = {
            each.pupil.pk: ({"state": "here"}, "") for each in lines_of(census, class_unit, OPENED)
        }
        count(census, class_unit, said, by=fresh(world.officer), at=OPENED)
    Enrolment.objects.filter(pupil=world.lan).delete()
    Enrolment.objects.create(
        pupil=world.lan, class_unit=world.class_two, school=world.school,
        since=TODAY - timedelta(days=40), until=TODAY - timedelta(days=5),
    )  # fmt: skip
    Counted.objects.filter(pupil=world.lan).delete()
    with pytest.raises(DomainError, match="1 classes are not counted"):
        sign_school(census, world.school, by=fresh(world.principal), at=OPENED)
    (ours,) = progress(census, [world.school], OPENED)
    assert ours.counted == ours.classes - 1


def test_who_comes_after_the_counting_opens_the_class_again(world: World, census: Census) -> None:
    counted(world, census)
    assert due_for(fresh(world.teacher), OPENED) == []
    Enrolment.objects.filter(pupil=world.far_hua).update(
        class_unit=world.units["class"], school=world.school
    )
    assert [len(left) for _census, left in due_for(fresh(world.teacher), OPENED)] == [1]


def test_who_left_since_the_counting_is_not_taken_to_be_in_class(
    world: World, census: Census
) -> None:
    counted(world, census)
    left(world.lan)
    line = next(e for e in lines_of(census, world.units["class"], OPENED) if e.pupil == world.lan)
    assert (line.here, line.answers) == (False, {})
    with pytest.raises(DomainError, match="in no class now"):
        counted(world, census)


def test_who_is_suspended_is_proposed_as_such(world: World, census: Census) -> None:
    StatusMovement.objects.create(
        pupil=world.lan, kind="suspension", day=TODAY - timedelta(days=9), state="approved", recorded_at=OPENED
    )  # fmt: skip
    line = next(e for e in lines_of(census, world.units["class"], OPENED) if e.pupil == world.lan)
    assert line.answers == {"state": "suspended"}


def test_a_child_is_counted_once_by_the_class_it_was_in_last(world: World, census: Census) -> None:
    left(world.lan, 60)
    Enrolment.objects.create(
        pupil=world.lan, class_unit=world.class_two, school=world.school,
        since=TODAY - timedelta(days=60), until=TODAY - timedelta(days=5),
    )  # fmt: skip
    assert world.lan not in {e.pupil for e in lines_of(census, world.units["class"], OPENED)}
    lines = lines_of(census, world.class_two, OPENED)
    assert world.lan in {e.pupil for e in lines}


def test_who_changes_class_between_two_countings_is_one_child(world: World, census: Census) -> None:
    counted(world, census)
    everybody = Enrolment.objects.filter(school=world.school, until=None).count()
    Enrolment.objects.filter(pupil=world.lan).update(class_unit=world.class_two)
    for class_unit in classes_with_pupils(world):
        if class_unit != world.units["class"]:
            said = {
                e.pupil.pk: ({"state": "here"}, "") for e in lines_of(census, class_unit, OPENED)
            }
            count(census, class_unit, said, by=fresh(world.officer), at=OPENED)
    (ours,) = progress(census, [world.school], OPENED)
    assert ours.counts == {"here": everybody}


def test_a_teacher_sees_the_school_and_no_more(world: World, census: Census) -> None:
    place = reverse("cases:census", args=[census.pk])
    with moved_to(OPENED):
        for unit, status in (
            (world.school, 200),
            (world.county, 404),
            (world.units["far_school"], 404),
        ):
            assert client_of(world.teacher).get(f"{place}?unit={unit.pk}").status_code == status


def test_only_a_principal_of_the_school_signs_it(world: World, census: Census) -> None:
    for who, unit in (("county_officer", world.school), ("principal", world.town)):
        with pytest.raises(DomainError, match="by its principal"):
            sign_school(census, unit, by=fresh(world.people[who]), at=OPENED)


def test_a_school_that_is_signed_stays_signed_whoever_comes(world: World, census: Census) -> None:
    for class_unit in classes_with_pupils(world):
        said = {e.pupil.pk: ({"state": "here"}, "") for e in lines_of(census, class_unit, OPENED)}
        count(census, class_unit, said, by=fresh(world.officer), at=OPENED)
    sign_school(census, world.school, by=fresh(world.principal), at=OPENED)
    Enrolment.objects.filter(pupil=world.far_hua).update(
        class_unit=world.units["class"], school=world.school
    )
    assert due_for(fresh(world.teacher), OPENED) == []
    (ours,) = progress(census, [world.school], OPENED)
    assert ours.counted == ours.classes and ours.signed


def test_who_was_absent_or_has_a_case_is_not_taken_to_be_in_class(
    world: World, census: Census
) -> None:
    Absence.objects.create(
        pupil=world.yun, day=TODAY - timedelta(days=2), mark="absent", source="表", row=1
    )
    open_case(world, world.lan)
    lines = {e.pupil: e for e in lines_of(census, world.units["class"], OPENED)}
    assert [(lines[each].answers, lines[each].why) for each in (world.yun, world.lan)] == [
        ({}, "absent these days"),
        ({}, "open case"),
    ]
    assert lines[world.qi].answers == {"state": "here"}


# ---- pages ----


def test_a_teacher_comes_to_the_sheet_by_its_links(world: World, census: Census) -> None:
    sheet = reverse("cases:count_class", args=[census.pk, world.units["class"].pk])
    with moved_to(OPENED):
        teacher = client_of(world.teacher)
        assert sheet in teacher.get(reverse("cases:rolls"), follow=True).content.decode()
        shown = teacher.get(reverse("cases:census", args=[census.pk])).content.decode()
        assert sheet in shown and "Sign for the school" not in shown


def test_opening_counting_and_signing_on_pages(world: World) -> None:
    with moved_to(OPENED):
        county, teacher = client_of(world.county_officer), client_of(world.teacher)
        typed = {key: str(said) for key, said in SAID.items()}
        assert county.post(reverse("cases:censuses"), typed | {"title": ""}).status_code == 422
        answer = county.post(reverse("cases:censuses"), typed)
        census = Census.objects.get()
        assert answer["Location"] == reverse("cases:census", args=[census.pk])
        place = reverse("cases:count_class", args=[census.pk, world.units["class"].pk])
        said = {
            f"state{e.pupil.pk}": "here" for e in lines_of(census, world.units["class"], OPENED)
        }
        wrong = teacher.post(place, said | {f"state{world.lan.pk}": "missing"})
        assert wrong.status_code == 409 and "in words" in wrong.content.decode()
        assert teacher.post(place, said).status_code == 302
        page = county.get(reverse("cases:census", args=[census.pk])).content.decode()
        assert "青石镇中学" in page and str(Whereabouts.HERE.label) in page
        rolls = teacher.get(reverse("cases:roll", args=[world.units["class"].pk, TODAY, "morning"]))
        assert SAID["title"] not in rolls.content.decode(), "it is counted"


def test_the_page_of_progress_has_a_fixed_number_of_queries(
    world: World, census: Census, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counted(world, census)
    for who in ("county_officer", "principal", "teacher"):
        client = client_of(world.people[who])
        with moved_to(OPENED), django_assert_max_num_queries(17):
            assert client.get(reverse("cases:census", args=[census.pk])).status_code == 200

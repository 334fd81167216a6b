"""A person's suspicion becomes a finding, for a child on no roster too."""

from datetime import date

import pytest
from django.db import connection

from casework.audit.models import Entry
from casework.core.errors import DomainError
from casework.detection.by_hand import HEARD, add_suspicion, sealed_value
from casework.org.models import Unit, User
from casework.org.people import add_person
from casework.profiles import rules
from casework.students.models import Pupil
from tests.students.books import AT, pupil, roster, take_roster


@pytest.fixture
def teacher(county: Unit) -> User:
    return add_person(username="T1", display_name="何老师", by=None, at=AT)


def test_it_works(county: Unit, teacher: User) -> None:
    take_roster(roster(pupil(1)))
    child, school = Pupil.objects.get(), Unit.objects.get(kind="school")
    finding = add_suspicion(
        pupil=child, child={}, unit=school, reason_text=" 三天没见到人 ", by=teacher, at=AT
    )
    assert (finding.rule, finding.note, finding.pupil) == ("hand", "三天没见到人", child)
    assert finding.due_at is not None and finding.due_at > AT
    entry = Entry.objects.get(verb="suspicion.added")
    assert entry.facts == {"rule": "hand"} and entry.subject == f"finding:{finding.pk}"


def test_the_same_pupil_twice_on_a_day_is_refused(county: Unit, teacher: User) -> None:
    take_roster(roster(pupil(1)))
    child, school = Pupil.objects.get(), Unit.objects.get(kind="school")
    add_suspicion(pupil=child, child={}, unit=school, reason_text="x", by=teacher, at=AT)
    with pytest.raises(DomainError, match="today"):
        add_suspicion(pupil=child, child={}, unit=school, reason_text="x", by=teacher, at=AT)


def test_a_child_on_no_roster_keeps_its_numbers_sealed_PRIV_03(county: Unit, teacher: User) -> None:
    known = {"name": "小明", "phone": "10012345678", "address": "岩头村"}
    finding = add_suspicion(
        pupil=None, child=known, unit=county, reason_text="听说", by=teacher, at=AT, rule=HEARD
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT child FROM detection_finding")
        (stored,) = cursor.fetchone()
    assert "10012345678" not in str(stored)
    assert sealed_value(finding, "phone") == "10012345678"
    assert sealed_value(finding, "id_number") == ""


@pytest.mark.parametrize(
    ("child", "reason"),
    [
        ({}, "x"),
        ({"name": " "}, "x"),
        ({"name": "小明"}, " "),
        ({"name": "小明", "faith": "?"}, "x"),
    ],
)
def test_too_little_or_too_much_is_refused(
    county: Unit, teacher: User, child: dict[str, str], reason: str
) -> None:
    with pytest.raises(DomainError):
        add_suspicion(pupil=None, child=child, unit=county, reason_text=reason, by=teacher, at=AT)


def test_a_profile_without_time_for_the_intake_is_a_refusal(county: Unit, teacher: User) -> None:
    sections = {"detection": rules.baseline()["detection"]}
    rules.publish(county, sections, name="x", valid_from=date(2026, 9, 1), by=None, at=AT)
    with pytest.raises(DomainError, match="section"):
        add_suspicion(
            pupil=None, child={"name": "小明"}, unit=county, reason_text="x", by=teacher, at=AT
        )

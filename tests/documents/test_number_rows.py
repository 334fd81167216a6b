"""The row of numbers of an office: continued after those used before, void ones noted, every kind known again by its own."""

from collections.abc import Callable

import pytest

from casework.audit.models import Entry
from casework.core.errors import DomainError
from casework.documents.checks import problems, record_holds
from casework.documents.models import Document, NumberCounter, NumberNote
from casework.documents.numbers import MOST_AT_ONCE, pass_over
from casework.documents.papers.register import PAPERS
from casework.org.models import Unit, User
from tests.documents.samples import AT

pytestmark = pytest.mark.django_db
Make = Callable[..., Document]


def numbers_wrong() -> list[object]:
    return [each for each in problems() if each["kind"] == "numbers"]


@pytest.mark.parametrize("kind", sorted(PAPERS))
def test_every_kind_of_paper_is_known_by_its_own_number(make: Make, kind: str) -> None:
    """A letter bears the mark of its kind: the page behind its code must not call it damaged."""
    assert record_holds(make(kind))


def test_an_office_goes_on_after_the_numbers_of_its_paper_register(
    make: Make, school: Unit, teacher: User
) -> None:
    """Issue point: start value; the note says who, why and which."""
    pass_over(school, "P11", 17, "启用本系统前已使用", by=teacher, at=AT)
    assert make("P11").sequence == 18
    note = NumberNote.objects.get()
    assert (note.first, note.last, note.by_name) == (1, 17, teacher.display_name)
    assert numbers_wrong() == []
    assert Entry.objects.filter(verb="numbers.passed_over").count() == 1


def test_a_void_number_between_two_letters_is_noted(
    make: Make, school: Unit, teacher: User
) -> None:
    make("P11")
    pass_over(school, "P11", 2, "打印作废", by=teacher, at=AT)
    assert make("P11").sequence == 3 and numbers_wrong() == []
    NumberCounter.objects.update(last=7)
    assert numbers_wrong() != []


@pytest.mark.parametrize(
    ("up_to", "reason", "field"),
    [
        (1, "作废", "up_to"),
        (MOST_AT_ONCE + 2, "作废", "up_to"),
        (5, " ", "reason"),
    ],
)
def test_a_number_given_already_or_without_a_reason_is_refused(
    make: Make, school: Unit, teacher: User, up_to: int, reason: str, field: str
) -> None:
    make("P11")
    with pytest.raises(DomainError) as refused:
        pass_over(school, "P11", up_to, reason, by=teacher, at=AT)
    assert set(refused.value.fields) == {field}
    assert make("P11").sequence == 2

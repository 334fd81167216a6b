"""Units as commands name them: by code, or by a name that only one has."""

import pytest
from django.utils import translation

from casework.core.errors import DomainError
from casework.org.units import unit_called
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_code_or_a_name(world: World) -> None:
    assert unit_called("990026") == world.county
    assert unit_called("青石镇中学") == world.school


@pytest.mark.parametrize(
    ("said", "words"),
    [("", "No unit has"), ("无此单位", "No unit has"), ("八年级1班", "More than one unit")],
)
def test_none_or_several_is_a_refusal(world: World, said: str, words: str) -> None:
    with translation.override("en"), pytest.raises(DomainError, match=words):
        unit_called(said)

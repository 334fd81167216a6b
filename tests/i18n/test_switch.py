"""The language switch leads back to the page it was tapped on."""

import pytest
from django.urls import reverse

from tests.world import World, client_of

pytestmark = pytest.mark.django_db


def test_the_switch_keeps_what_the_page_shows(world: World) -> None:
    page = client_of(world.officer).get(reverse("cases:intake"), {"show": "later"})
    assert 'name="next" value="/findings/?show=later"' in page.content.decode()


def test_on_the_answer_to_a_form_it_leads_to_the_page_of_the_form(world: World) -> None:
    """The address of a form that was refused may know no GET."""
    refused = client_of(world.officer).post(
        reverse("cases:decide", args=[0]), headers={"referer": "http://testserver/findings/"}
    )
    assert refused.status_code == 404
    assert 'name="next" value="http://testserver/findings/"' in refused.content.decode()

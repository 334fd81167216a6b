"""Checks read one moment while people work (SEAL-04): an act between two of their queries is no damage."""

import threading

import pytest
from django.db import connection

from casework.audit import trail
from casework.audit.models import Entry
from casework.core.snapshot import snapshot
from casework.core.transaction import one_act
from tests.world import OPENED

pytestmark = pytest.mark.django_db(transaction=True)


def act() -> None:
    with one_act():
        trail.record("x", by=None, at=OPENED)


def elsewhere() -> None:
    """The act of another person, on a connection of its own."""

    def work() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.postgres
def test_an_act_that_commits_meanwhile_is_wholly_unseen() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    act()
    with snapshot():
        before = Entry.objects.count()
        elsewhere()
        assert Entry.objects.count() == before
        assert list(trail.problems()) == []
    assert Entry.objects.count() == before + 1


def test_it_ends_with_the_block_whatever_happens_in_it() -> None:
    act()
    with pytest.raises(InterruptedError), snapshot():
        assert Entry.objects.count() == 1
        raise InterruptedError
    act()
    assert Entry.objects.count() == 2


def test_an_open_transaction_keeps_its_view() -> None:
    with one_act():
        with snapshot():
            assert Entry.objects.count() == 0
        trail.record("x", by=None, at=OPENED)
    assert Entry.objects.count() == 1

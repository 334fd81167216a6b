"""What meets in the database waits its turn: no deadlock, nothing torn, nothing told twice."""

from collections.abc import Callable

import pytest

from tests.faults.databases import FULL, Database

ROUNDS = 200 if FULL else 8


@pytest.mark.faults
def test_a_claim_and_a_return_at_once_never_lock_each_other(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    """REL-01: the turn is claimed and cancelled at the same moment, again and again (lock order of design.md §3)."""
    found = database.run("races", "claims_against_returns", ROUNDS)
    for name in ("rounds", "claimed_first"):
        record_property(name, found[name])
    record_property("deadlocks_and_errors", len(found["odd"]))
    assert found["odd"] == [] and found["torn"] == [] and found["duplicates"] == []
    assert found["check_cases"] == [] and found["verify_documents"] == []


def test_two_sweeps_at_once_tell_everybody_once(database: Database) -> None:
    """REL-13: a rung fires in one of the two sweeps; who is told of it is told once."""
    found = database.run("races", "two_sweeps", 3)
    assert found["odd"] == []
    assert found["fired"] == found["rows"] > 20
    assert found["told_twice"] == 0
    assert found["check_cases"] == []


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_sweep_outlives_the_restart_of_its_database(database: Database) -> None:
    """Sessions end in mid-sweep, at another write each time: the next sweep makes it good, each rung once."""
    found = database.run("sweeps", 30 if FULL else 8)
    assert found["cut"] >= 5 and found["rungs"] > 10
    assert -1 not in found["writes"]
    assert found["rungs_twice"] == found["told_twice"] == 0
    assert found["check_cases"] == []

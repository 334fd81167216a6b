"""The web server may die at any moment: what it answered is there, what was sent again was done once."""

from collections.abc import Callable

import pytest

from tests.faults.databases import FULL, Database

KILLS = 50 if FULL else 3


@pytest.mark.faults
def test_a_killed_server_loses_nothing_that_it_answered(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    """REL-04: people send the same form again until they are answered; nothing is lost, nothing done twice."""
    found = database.run("clients", KILLS)
    for name in ("kills", "requests", "answered", "sent_again", "p99_ms"):
        record_property(name, found[name])
    record_property("lost", len(found["lost"]) + len(found["lost_keys"]))
    record_property("duplicates", len(found["duplicates"]))
    assert found["odd"] == [], found["server_said"]
    assert found["lost"] == [] and found["lost_keys"] == [] and found["duplicates"] == []
    assert found["torn"] == [] and found["check_cases"] == [] and found["verify_documents"] == []
    assert found["answered"] > KILLS

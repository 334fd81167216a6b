"""A worker may die at any moment: what it answered is there, what it had begun is whole or not at all."""

from collections.abc import Callable

import pytest

from tests.faults.databases import FULL, Database

KILLS = 100 if FULL else 10


@pytest.mark.faults
def test_a_killed_worker_leaves_everything_or_nothing(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    """REL-03: step, audit, paper, holder, term and notice commit together; files are whole."""
    found = database.run("workers", KILLS)
    for name in ("kills", "kills_in_the_act", "answered", "sealed"):
        record_property(name, found[name])
    record_property("lost", len(found["lost"]))
    record_property("duplicates", len(found["duplicates"]))
    assert found["errors"] == [] and found["lost"] == [] and found["duplicates"] == []
    assert found["torn"] == [] and found["check_cases"] == [] and found["verify_documents"] == []
    assert found["answered"] >= KILLS / 4 and found["kills_in_the_act"] > KILLS / 4

"""Whoever makes an evidence file may die at any moment: the file is whole or not there, and the next maker makes it."""

from collections.abc import Callable

import pytest

from tests.faults.databases import FULL, Database

KILLS = 50 if FULL else 3


@pytest.mark.faults
def test_a_killed_maker_leaves_no_torn_evidence_file(
    database: Database, record_property: Callable[[str, object], None]
) -> None:
    """REL-03, REL-09"""
    found = database.run("builders", KILLS)
    for name in ("kills", "papers", "swept"):
        record_property(name, found[name])
    assert found["torn"] == [] and found["problems"] == [] and found["parts_left"] == 0
    assert found["done"] and found["papers"] > 0 and found["kills"] > 0

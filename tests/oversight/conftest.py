"""The world of tests/world.py, for the tests that need a story; others draw their own county."""

from tests.world import world

__all__ = ["world"]

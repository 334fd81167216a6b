"""The pages about the project are looked at last: any other failure is the more useful one to read first."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == "test_docs.py")

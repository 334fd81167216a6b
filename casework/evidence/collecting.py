"""Python's search for cycles, less often while thousands of short-lived rows and pages go by."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

USUAL, SELDOM = gc.get_threshold(), (20_000, 20, 20)


@contextmanager
def collected_less() -> Iterator[None]:
    """It found next to nothing there and took a tenth of the time; what is no cycle goes at once as ever."""
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*USUAL)

"""Work done in order behind the caller's back: files are copied by a second thread while the next page is made."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from django.utils import translation

AHEAD = 16  # calls that may wait, so that little is held in memory


class Behind:
    """Calls of one other thread, one after another. What a call raises comes out of a later one, or of the end.

    The calls see the caller's language; they must not touch the database, whose connection is the caller's.
    """

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(
            1, "behind", initializer=translation.activate, initargs=(translation.get_language(),)
        )
        self.waiting: deque[Future[object]] = deque()

    def __enter__(self) -> "Behind":
        return self

    def __call__(self, work: Callable[..., object], *args: object) -> None:
        """Have `work(*args)` done after all that was asked for before."""
        self.waiting.append(self.thread.submit(work, *args))
        self._settle(AHEAD)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._settle(0)
        finally:
            self.thread.shutdown(cancel_futures=True)

    def _settle(self, left: int) -> None:
        while len(self.waiting) > left:
            self.waiting.popleft().result()

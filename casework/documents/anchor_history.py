"""What the anchors tell of the past: which of them the rows of today still give, and between which days something was changed."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from casework.core.clock import local_date
from casework.documents.anchors import root_of
from casework.documents.models import Anchor

NIGHTS = 8  # how many days a change may go unseen before only the months tell


@dataclass(frozen=True)
class Changed:
    """Rows were as anchored until `right`; the anchor of `wrong` was made over the change (None: none was yet)."""

    right: datetime
    wrong: datetime | None


def watched() -> Iterator[Anchor]:
    """The anchors that are taken anew: of each of the last days its last one, before them the last of each month. Newest first.

    The nights overlap: what is changed after a night's check is covered by the next anchor, but not by those before it.
    """
    seen: set[tuple[int, ...]] = set()
    for anchor in Anchor.objects.order_by("-pk").iterator():
        day = local_date(anchor.at)
        slots = {(day.year, day.month), (day.year, day.month, day.day)}
        days = sum(len(each) == 3 for each in seen)
        if slots - seen and (days < NIGHTS or (day.year, day.month) not in seen):
            seen |= slots
            yield anchor


def broken() -> list[Anchor]:
    """Those watched that the rows of today no longer give, newest first.

    Whoever changes an old row and lets the next anchor be made over it breaks all anchors between the row and the change.
    """
    return [anchor for anchor in watched() if not _holds(anchor)]


def changed_after(anchor: Anchor) -> Changed:
    """When rows were changed, by the newest watched anchor that is broken: those after it are halved until the first that holds is found."""
    later = list(Anchor.objects.filter(pk__gte=anchor.pk).order_by("pk"))
    first = bisect_left(later, 1, lo=1, key=lambda each: int(_holds(each)))
    return Changed(later[first - 1].at, later[first].at if first < len(later) else None)


def _holds(anchor: Anchor) -> bool:
    return root_of(anchor) == anchor.root

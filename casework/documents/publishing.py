"""Anchors outside the house: whoever could rewrite the database cannot rewrite what was mailed, lies on another machine or was seen by the public."""

import os
from collections.abc import Callable
from pathlib import Path

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from casework.core.clock import LOCAL
from casework.documents.models import Anchor
from casework.notices.sending import NotSent, mail

FILE = "anchors.txt"
log = structlog.get_logger(__name__)


def publish(anchor: Anchor) -> list[str]:
    """Send an anchor wherever the settings say; what failed is returned, and the health page shows it until a night goes well.

    `ANCHOR_FOLDER`: a line at the end of `anchors.txt` there, on the disk at once. `ANCHOR_MAIL`: a message to each address.
    """
    failed = []
    for place, send in _places(anchor):
        try:
            send()
        except (OSError, NotSent) as error:
            log.warning("anchor.not_sent", error=type(error).__name__)
            failed.append(place)
    return failed


def _places(anchor: Anchor) -> list[tuple[str, Callable[[], None]]]:
    subject, text = _("Casework anchor of %(day)s") % {"day": _moment(anchor)[:10]}, _letter(anchor)
    mails: list[tuple[str, Callable[[], None]]] = [
        (each, lambda each=each: mail(each, subject, text))  # type: ignore[misc]
        for each in settings.ANCHOR_MAIL
    ]
    if not settings.ANCHOR_FOLDER:
        return mails
    return [(settings.ANCHOR_FOLDER, lambda: _append(Path(settings.ANCHOR_FOLDER), anchor)), *mails]


def _append(folder: Path, anchor: Anchor) -> None:
    """The folder must be there: a share that is not mounted is an error, not a new folder."""
    line = f"{_moment(anchor)} {anchor.root} {anchor.documents}\n"
    handle = os.open(folder / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    with os.fdopen(handle, "w") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _letter(anchor: Anchor) -> str:
    words = _(
        "Anchor: %(root)s\nMoment: %(at)s\nPapers: %(count)s\n\nKeep this message. Whoever holds an evidence file of that time, or later, compares with it."
    )
    return words % {
        "root": anchor.root,
        "at": _moment(anchor),
        "count": anchor.documents,
    }


def _moment(anchor: Anchor) -> str:
    return anchor.at.astimezone(LOCAL).isoformat(timespec="seconds")

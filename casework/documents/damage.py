"""What `verify_documents` found, in plain words: what is wrong, since when, and what to do about it."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.core.templatetags.look import full_moment
from casework.documents import anchor_history
from casework.documents.models import Anchor

_RESTORE = gettext_lazy("Restore it from a backup.")
_ROW = gettext_lazy("Somebody wrote to the database past the system.")
WORDS: dict[str, tuple[Promise, Promise | str]] = {
    "record": (gettext_lazy("The record of paper %(number)s is not what was recorded."), _ROW),
    "emptied": (gettext_lazy("The record of paper %(number)s is gone, and no destruction list names it."), _ROW),
    "not_gone": (gettext_lazy("Paper %(number)s was destroyed, but its file is still there."), gettext_lazy("Wait for the nightly sweep, or find out who put it back.")),
    "unlisted": (gettext_lazy("Paper %(number)s was destroyed, but no list %(listed)s with two signatures names it."), _ROW),
    "file_unlisted": (gettext_lazy("A file (%(file)s) was destroyed, but no list %(listed)s with two signatures, or no entry of the audit trail, took it."), _ROW),
    "link": (gettext_lazy("Before paper %(number)s a paper was removed, put in or changed."), _ROW),
    "head": (gettext_lazy("The last papers of the chain %(chain)s were removed or changed."), _ROW),
    "numbers": (gettext_lazy("In the numbers of form %(paper)s of unit %(unit)s in %(year)s one is missing or too many."), _ROW),
    "file": (gettext_lazy("The file of paper %(number)s was altered on the disk; it was last written at %(since)s."), _RESTORE),
    "missing": (gettext_lazy("The file of paper %(number)s is missing on the disk."), _RESTORE),
    "embedded": (gettext_lazy("The file of paper %(number)s carries another record than its own."), _RESTORE),
    "seal": (gettext_lazy("The seal of paper %(number)s does not hold."), gettext_lazy("Is the certificate the one it was sealed with?")),
    "certificate": (gettext_lazy("A certificate (%(fingerprint)s) stands among those that sealed here, and the audit trail does not name it."), _ROW),
    "attachment": (gettext_lazy("A file handed in (no. %(attachment)s, %(chain)s) is missing or not as it came."), _RESTORE),
    "attachment_row": (gettext_lazy("What stands of a file handed in (no. %(attachment)s, %(chain)s) is not what was entered, or it was removed or put in."), _ROW),
    "addendum": (gettext_lazy("That an addendum corrects paper %(number)s was put in or removed."), _ROW),
    "moved": (gettext_lazy("The file of paper %(number)s was made for another paper."), _ROW),
    "photo": (gettext_lazy("The photo %(photo)s is missing or not as it was taken in."), _RESTORE),
    "anchor": (gettext_lazy("The rows of today do not give anchor no. %(anchor)s."), _ROW),
    "anchor_link": (gettext_lazy("Anchor no. %(anchor)s does not follow the one before: one was removed or changed."), _ROW),
    "anchor_entry": (gettext_lazy("The audit trail names another value for anchor no. %(anchor)s."), _ROW),
    "printed_anchor": (gettext_lazy("The printed anchor %(anchor)s is not one of this database, or its rows no longer give it."), _ROW),
    "looks": (gettext_lazy("Notes of who looked at what, before anchor no. %(anchor)s, were removed or changed."), _ROW),
    "audit": (gettext_lazy("Entry no. %(number)s of the audit trail of %(chain)s was changed, or the one before it removed."), _ROW),
    "audit_head": (gettext_lazy("The last entries of the audit trail of %(chain)s were removed or changed."), _ROW),
    "trigger": (
        gettext_lazy("The lock %(name)s of the database is missing: what is written once could be changed."),
        gettext_lazy("Run “manage.py migrate”; if it was there before, find out who removed it."),
    ),
}  # fmt: skip


def told(problems: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A sentence or two a problem; at the end, if old rows were changed, between which anchors that was."""
    broken = []
    for problem in problems:
        what, remedy = WORDS[problem["kind"]]
        yield f"{what % problem} {remedy}"
        if problem["kind"] == "anchor":
            broken.append(problem["anchor"])
    if broken:
        yield _since(max(broken))


def _since(newest: int) -> str:
    changed = anchor_history.changed_after(Anchor.objects.get(pk=newest))
    words = {
        "right": full_moment(changed.right),
        "wrong": changed.wrong and full_moment(changed.wrong),
    }
    if changed.wrong:
        return (
            _(
                "Rows were changed between %(right)s and %(wrong)s, the last anchor before and the first after it."
            )
            % words
        )
    return _("Rows were changed after %(right)s, the moment of the last anchor.") % words

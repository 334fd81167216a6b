"""What every import that is taken back as a whole has in common: one act, once, and its line in the audit."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from casework.audit import trail
from casework.core.errors import DomainError
from casework.core.transaction import one_act
from casework.org.models import Latch, User
from casework.students.models import ImportRun


@contextmanager
def taking_back(run: ImportRun, *, by: User, at: datetime, **counts: int) -> Iterator[ImportRun]:
    """The locked run, to be put back inside; `counts` go into the audit. DomainError: taken back already."""
    with one_act():
        Latch.hold("import")
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        if run.undone_at:
            raise DomainError(_("This import was taken back already."))
        yield run
        run.undone_at = at
        run.save(update_fields=["undone_at"])
        trail.record(
            "import.undone", by=by, at=at, unit_id=run.unit_id, subject=f"import:{run.pk}", **counts
        )

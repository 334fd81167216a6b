"""Signs of life of recurring work, read by the health page."""

from datetime import datetime

from casework.oversight.models import Beat


def beat(name: str, *, at: datetime, **facts: int | str) -> None:
    """The work `name` was done at `at`; `facts` are figures and codes. No act on a case: not in the audit trail."""
    Beat.objects.update_or_create(name=name, defaults={"at": at, "facts": facts})


def last(name: str) -> Beat | None:
    """The last beat of a work, or None if it was never done."""
    return Beat.objects.filter(name=name).first()

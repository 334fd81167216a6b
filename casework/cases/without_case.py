"""Papers that no step makes: a general visit, a call about an absence, a report of harm, what is written on a form page."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import override

from casework.cases.facts import paper_language
from casework.cases.facts.common import Values
from casework.documents.issue import issue
from casework.documents.models import Document
from casework.org.models import Unit, User
from casework.profiles.rules import rules_for


def issue_outside(
    chain: str,
    kind: str,
    values: Callable[[], Values],
    *,
    unit: Unit,
    subject: str,
    by: User,
    at: datetime,
) -> Document:
    """Issue a paper that no step makes (inside one_act), in the language of the unit's policy profile: `values` is asked in it."""
    language = paper_language(rules_for(unit, at), unit)
    with override(language):
        said = values()
    return issue(
        chain=chain, kind=kind, values=said, unit=unit, subject=subject, at=at, by=by, language=language
    )  # fmt: skip

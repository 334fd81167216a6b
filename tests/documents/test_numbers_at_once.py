"""Many issue at once: no number twice, none left out, every chain whole."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from casework.core import triggers
from casework.core.transaction import one_act
from casework.documents import checks
from casework.documents.issue import issue
from casework.documents.models import Document
from casework.documents.papers.register import PAPERS
from casework.org.models import Unit, User
from tests.documents.samples import AT, values_for

WORKERS, PAPERS_EACH = 8, 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_numbers_are_gap_free_under_concurrency(school: Unit, teacher: User) -> None:
    """REL-19: eight workers, half of them in one case, one act in five taken back."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    if triggers.missing(connection):
        triggers.install(connection)
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for number in range(PAPERS_EACH):
                _issue(f"case:{worker % 4}", school, teacher, fails=number == 2)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    _all_at_once(work)
    assert failures == []
    numbers = Document.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, WORKERS * (PAPERS_EACH - 1) + 1))
    assert list(checks.problems()) == []


def _issue(chain: str, school: Unit, teacher: User, *, fails: bool) -> None:
    values = values_for(PAPERS["P35"], "usual")
    try:
        with one_act():
            issue(
                chain=chain,
                kind="P35",
                values=values,
                unit=school,
                subject="step:1",
                at=AT,
                by=teacher,
            )
            if fails:
                raise InterruptedError
    except InterruptedError:
        return


def _all_at_once(work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

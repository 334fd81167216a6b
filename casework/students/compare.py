"""Comparing a list with the rolls: each row with its pupil, and who is on one side only (features 7, 15).

What people decided is asked first: `SamePerson` about two records, `Explanation` about a difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from casework.audit import trail
from casework.core.clock import local_date, school_year
from casework.core.rows import update_values
from casework.core.transaction import one_act
from casework.org.models import User
from casework.students.likeness import Who, match
from casework.students.models import (
    Enrolment,
    Explanation,
    Guardian,
    How,
    ListKind,
    ListRow,
    OtherList,
    Pupil,
    SamePerson,
)
from casework.students.sounds import sound

FIRST_AGE, LAST_AGE = 6, 15  # at 31 August (domain.md 2.4, R43)
# lists that name every child of their unit: who is missing from one is a difference, too
COMPLETE = (ListKind.HOUSEHOLD, ListKind.STATUS)


def compare(other: OtherList, *, by: User | None, at: datetime) -> None:
    """Match every row of a list with the pupils on the rolls today (inside one_act); `by` None: the night's work."""
    rows, pupils = list(_listed(other)), list(_enrolled(local_date(at)))
    keys = dict(other.rows.values_list("pk", "key"))
    found = match(rows, pupils, _said(other, keys))
    update_values(
        ListRow,
        ["pupil", "how", "possible"],
        [(each.pupil, How(each.how), list(each.possible), each.row) for each in found],
    )
    OtherList.objects.filter(pk=other.pk).update(compared_at=at)
    trail.record(
        "list.compared",
        by=by,
        at=at,
        unit_id=other.unit_id,
        subject=f"list:{other.pk}",
        **Counter(str(each.how) for each in found),
    )


def compare_all(*, at: datetime) -> int:
    """Every list in force once more, each in an act of its own: the rolls have changed since; how many."""
    lists = list(OtherList.objects.filter(replaced_at=None).order_by("pk"))
    for each in lists:
        with one_act():
            compare(each, by=None, at=at)
    return len(lists)


def _listed(other: OtherList, **narrowed: Any) -> Iterator[Who]:
    rows = (
        other.rows.filter(**narrowed)
        .order_by("line", "pk")
        .values_list("pk", "name", "sex", "born", "guardian", "village", "id_index", "status_index")
    )
    for pk, name, sex, born, guardian, village, id_index, status_index in rows:
        yield Who(pk, name, sex, born, guardian, str(village or ""), id_index, status_index)


def _enrolled(day: date, **narrowed: Any) -> Iterator[Who]:
    """Every pupil of the county who is in a class that day: a child of one township may be in a school of another."""
    running = Enrolment.objects.running_on(day)
    here = Pupil.objects.filter(pk__in=running.values("pupil")).filter(**narrowed)
    first = Guardian.objects.filter(rank=1, pupil__in=here.values("pk"))
    guardians = dict(first.values_list("pupil", "name"))
    rows = here.values_list("pk", "name", "sex", "born", "village", "id_index", "status_index")
    for pk, name, sex, born, village, id_index, status_index in rows:
        yield Who(
            pk, name, sex, born, guardians.get(pk, ""), str(village or ""), id_index, status_index
        )


def _said(other: OtherList, keys: dict[int, str]) -> dict[tuple[int, int], bool]:
    """What people said of these rows of a list and any pupil, at its unit or above; the newest word about a pair counts."""
    rows_of: dict[str, list[int]] = {}
    for row, key in keys.items():
        rows_of.setdefault(key, []).append(row)
    newest: dict[tuple[str, int], bool | None] = {}
    here = SamePerson.objects.filter(unit__path__in=other.unit.paths_up())
    words = here.order_by("pk").values_list("key", "pupil", "same")
    for key, pupil, same in words.iterator():
        if key in rows_of:
            newest[(key, pupil)] = same
    return {
        (row, pupil): same
        for (key, pupil), same in newest.items()
        if same is not None
        for row in rows_of[key]
    }


def ask(other: OtherList) -> QuerySet[ListRow]:
    """The rows of which a person says whether they are one of the pupils beside them."""
    return other.rows.filter(how=How.ASK)


def joined(other: OtherList) -> QuerySet[ListRow]:
    """The rows that a person said are one of the pupils."""
    return other.rows.filter(how=How.PERSON)


def only_listed(other: OtherList, at: datetime, *, explained: bool = False) -> QuerySet[ListRow]:
    """The rows that are no pupil's; of a household register those of school age only."""
    rows = other.rows.filter(how=How.NONE)
    if other.kind == ListKind.HOUSEHOLD:
        rows = rows.filter(Q(born=None) | Q(born__range=school_age(local_date(at))))
    known = _explained(other, key="key")
    return rows.filter(known if explained else ~known)


def only_on_roll(other: OtherList, at: datetime, *, explained: bool = False) -> QuerySet[Pupil]:
    """The pupils on the rolls of the list's unit whom no row is; none where the list does not claim to name everybody."""
    if other.kind not in COMPLETE:
        return Pupil.objects.none()
    running = Enrolment.objects.running_on(local_date(at))
    if other.kind == ListKind.HOUSEHOLD:
        here = Q(village__path__startswith=other.unit.path, pk__in=running.values("pupil"))
    else:
        inside = running.filter(school__path__startswith=other.unit.path)
        here = Q(pk__in=inside.values("pupil"))
    known = _explained(other, pupil="pk")
    matched = other.rows.exclude(pupil=None).values("pupil")
    rows = Pupil.objects.filter(here, known if explained else ~known)
    return rows.exclude(pk__in=matched).exclude(pk__in=possible_pupils(other))


def possible_pupils(other: OtherList) -> set[int]:
    """Those who may be a row of the list: they wait for the decision about it."""
    return {pk for keys in ask(other).values_list("possible", flat=True) for pk in keys}


def school_age(today: date) -> tuple[date, date]:
    """The first and the last birth date of those who are of school age in this school year."""
    ends = school_year(today)
    return date(ends.year - LAST_AGE - 1, 9, 1), date(ends.year - FIRST_AGE, 8, 31)


def _explained(other: OtherList, **about: str) -> Exists:
    """Whether the newest explanation of a row says anything; `about`: which of its fields is which of the row's."""
    outermost = {field: OuterRef(OuterRef(name)) for field, name in about.items()}
    said = Explanation._default_manager.filter(
        kind=other.kind, unit__path__in=other.unit.paths_up(), **outermost
    )
    newest = said.order_by("-pk")
    in_force = Explanation._default_manager.filter(pk=Subquery(newest.values("pk")[:1]))
    return Exists(in_force.exclude(reason=""))


def explanations_of(other: OtherList, **about: Iterable[Any]) -> list[Explanation]:
    """The newest explanation of each of these (`key__in` or `pupil__in`), without those taken back."""
    rows = Explanation._default_manager.filter(
        kind=other.kind, unit__path__in=other.unit.paths_up(), **about
    ).select_related("by")
    newest = {(each.key, each.pupil_id): each for each in rows.order_by("pk")}
    return [each for each in newest.values() if each.reason]


def match_again(row: ListRow, at: datetime) -> None:
    """Match one row anew after a word about it was taken back, with the pupils who are anything like it."""
    heard = sound(row.name)
    alike = Q(name=row.name) | Q(sound=heard or "-") | Q(born=row.born)
    alike |= Q(id_index=row.id_index or "-") | Q(status_index=row.status_index or "-")
    near = set(Pupil.objects.filter(alike).values_list("pk", flat=True))
    (who,) = _listed(row.other_list, pk=row.pk)
    pupils = list(_enrolled(local_date(at), pk__in=near))
    (found,) = match([who], pupils, _said(row.other_list, {row.pk: row.key}))
    row.pupil_id, row.how, row.possible = found.pupil, How(found.how), list(found.possible)
    row.save(update_fields=["pupil", "how", "possible"])

"""Whether two records are one child: by number, else by what they say alike. Pure; every point has a reason that people read.

A pair is the same without asking only by its numbers, or where name, birth date and guardian are all the same and
nothing contradicts; whatever else is alike enough is put to a person (domain.md 1.9; four checks, three comparisons).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from casework.students.sounds import sound

ASK = 60  # points from which a person is asked
SHOWN = 5  # pupils a row is put beside at most


class Who(NamedTuple):
    """What a record says of a child; numbers as blind indexes, empty where unknown."""

    ref: int
    name: str
    sex: str
    born: date | None
    guardian: str
    place: str
    id_index: str
    status_index: str


class Match(NamedTuple):
    """A row with the pupil it is (`how`: number, same or person), or those it may be."""

    row: int
    pupil: int | None
    how: str
    possible: tuple[int, ...] = ()


class Likeness(NamedTuple):
    """Points from 0 to 100, and what gave or took them, as codes of `REASONS`."""

    points: int
    reasons: tuple[str, ...]


POINTS = {
    "same_name": 45, "name_sounds_alike": 35, "name_nearly": 25,
    "same_birth": 30, "birth_swapped": 18, "birth_one_digit": 18, "birth_unknown": 8,
    "same_guardian": 15, "guardian_sounds_alike": 12, "guardian_unknown": 4,
    "same_place": 10,
    "other_sex": -25, "other_number": -30,
}  # fmt: skip


def likeness(one: Who, two: Who) -> Likeness:
    """How alike two records are."""
    found = [
        *_name(one.name, two.name),
        *_birth(one.born, two.born),
        *_guardian(one.guardian, two.guardian),
        *(["same_place"] if one.place and one.place == two.place else []),
        *_against(one, two),
    ]
    return Likeness(max(0, min(100, sum(POINTS[each] for each in found))), tuple(found))


def _name(one: str, two: str) -> list[str]:
    if one == two:
        return ["same_name"]
    if sound(one) and sound(one) == sound(two):
        return ["name_sounds_alike"]
    nearly = min(len(one), len(two)) > 2 and Levenshtein.distance(one, two) == 1
    return ["name_nearly"] if nearly else []


def _birth(one: date | None, two: date | None) -> list[str]:
    if one is None or two is None:
        return ["birth_unknown"]
    if one == two:
        return ["same_birth"]
    if (one.year, one.month, one.day) == (two.year, two.day, two.month):
        return ["birth_swapped"]
    digits = zip(f"{one:%Y%m%d}", f"{two:%Y%m%d}", strict=True)
    return ["birth_one_digit"] if sum(a != b for a, b in digits) == 1 else []


def _guardian(one: str, two: str) -> list[str]:
    if not one or not two:
        return ["guardian_unknown"]
    if one == two:
        return ["same_guardian"]
    return ["guardian_sounds_alike"] if sound(one) and sound(one) == sound(two) else []


def _against(one: Who, two: Who) -> Iterator[str]:
    if one.sex and two.sex and one.sex != two.sex:
        yield "other_sex"
    pairs = ((one.id_index, two.id_index), (one.status_index, two.status_index))
    if any(mine and theirs and mine != theirs for mine, theirs in pairs):
        yield "other_number"


def is_certain(found: Likeness) -> bool:
    """Whether nobody needs to be asked."""
    needed = {"same_name", "same_birth", "same_guardian"}
    return needed <= set(found.reasons) and not {"other_sex", "other_number"} & set(found.reasons)


Said = Mapping[tuple[int, int], bool]  # a row and a pupil: what people said of them


def match(rows: Sequence[Who], pupils: Sequence[Who], said: Said) -> list[Match]:
    """Each row with its pupil, first by what people `said`, then by number, then by likeness; in the order of the rows.

    A pupil is taken once: who was matched by number is nobody else. Two who fit equally are put to a person.
    """
    found = _by_word(rows, said)
    taken = {each.pupil for each in found.values()}
    for each in _by_number([row for row in rows if row.ref not in found], pupils, taken):
        found[each.row] = each
        taken.add(each.pupil)
    left = [row for row in rows if row.ref not in found]
    for each in _by_likeness(left, [who for who in pupils if who.ref not in taken], said):
        found[each.row] = each
    return [found[row.ref] for row in rows]


def _by_word(rows: Sequence[Who], said: Said) -> dict[int, Match]:
    here = {row.ref for row in rows}
    same = ((row, pupil) for (row, pupil), is_same in said.items() if is_same and row in here)
    return {row: Match(row, pupil, "person") for row, pupil in same}


def _by_number(
    rows: Iterable[Who], pupils: Iterable[Who], taken: set[int | None]
) -> Iterator[Match]:
    known: dict[str, int] = {}
    for who in pupils:
        known.update({index: who.ref for index in (who.id_index, who.status_index) if index})
    used = set(taken)
    for row in rows:
        pupil = known.get(row.id_index) or known.get(row.status_index)
        if pupil is not None and pupil not in used:
            used.add(pupil)
            yield Match(row.ref, pupil, "number")


def _by_likeness(rows: Sequence[Who], pupils: Sequence[Who], said: Said) -> Iterator[Match]:
    blocks: dict[tuple[str, ...], list[Who]] = defaultdict(list)
    for who in pupils:
        for key in _blocks(who):
            blocks[key].append(who)
    sure: dict[int, list[Match]] = defaultdict(list)
    for row in rows:
        made = _best(row, _near(row, blocks), said)
        if made.pupil is not None:
            sure[made.pupil].append(made)
        else:
            yield made
    for pupil, matches in sure.items():  # two rows that are surely one pupil: a person looks
        alone = len(matches) == 1
        yield from (each if alone else Match(each.row, None, "ask", (pupil,)) for each in matches)


def _blocks(who: Who) -> Iterator[tuple[str, ...]]:
    """Under which keys a record is compared at all: two that share none are not alike enough to be asked about."""
    heard, born = sound(who.name), who.born.isoformat() if who.born else ""
    yield "name", who.name
    if heard:
        yield "sound", heard, born[:4]
    if born:
        yield "birth", born, who.name[:1]
        yield "birth", born, who.guardian


def _near(row: Who, blocks: Mapping[tuple[str, ...], list[Who]]) -> dict[int, Who]:
    return {who.ref: who for key in _blocks(row) for who in blocks.get(key, ())}


def _best(row: Who, near: Mapping[int, Who], said: Said) -> Match:
    scored = [
        (found, ref)
        for ref, who in near.items()
        if (found := likeness(row, who)).points >= ASK and said.get((row.ref, ref)) is not False
    ]
    scored.sort(key=lambda each: (-each[0].points, each[1]))
    certain = [ref for found, ref in scored if is_certain(found)]
    if len(certain) == 1:
        return Match(row.ref, certain[0], "same")
    possible = tuple(ref for _found, ref in scored[:SHOWN])
    return Match(row.ref, None, "ask" if possible else "none", possible)

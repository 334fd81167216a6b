"""What an import answers: counts, and every bad row with its place, what is wrong and what to do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

KEPT = 200
MOST_ASKED, LONGEST_WORD = 40, 40


class Known(Protocol):
    """What a table may hold, as far as a question about its header needs it."""

    @property
    def titles(self) -> list[str]: ...
    def knows(self, title: str) -> bool: ...


class Place(NamedTuple):
    """Where something stands: file and sheet by name, row as the spreadsheet counts it (0: the whole sheet)."""

    file: str
    sheet: str = ""
    row: int = 0


@dataclass
class Problem:
    """One finding about the input; `count` says how often an equal one was met in that column."""

    place: Place
    field: str
    message: str
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """As commands and pages show it."""
        said = {**self.place._asdict(), "field": self.field, "message": self.message}
        return said if self.count == 1 else {**said, "count": self.count}


@dataclass(frozen=True)
class Change:
    """One row that would change the records: what kind of change, whose, and which fields."""

    place: Place
    kind: str
    who: str
    fields: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the preview shows it."""
        said = {**self.place._asdict(), "kind": self.kind, "who": self.who}
        return {**said, "fields": list(self.fields)}


@dataclass(frozen=True)
class Refused:
    """A row that was not taken, as it stood, for the file that is handed back."""

    place: Place
    header: tuple[str, ...]
    cells: tuple[Any, ...]


@dataclass
class Report:
    """`read` is always `applied + unchanged + refused`; a dry run counts what would be applied."""

    read: int = 0
    applied: int = 0
    unchanged: int = 0
    errors: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    refused_rows: dict[Place, Refused] = field(default_factory=dict)
    journal: dict[str, Any] = field(default_factory=dict)  # what an undo needs
    asked: dict[str, list[str]] = field(
        default_factory=dict
    )  # words nobody knows, and what they may mean
    _warnings: dict[tuple[str, str, str, str], Problem] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        return len(self.refused_rows)

    @property
    def warnings(self) -> list[Problem]:
        return list(self._warnings.values())

    @property
    def errors_told(self) -> list[Problem]:
        """The errors as a page tells them: those that are equal but for the row once, with the first row and their number."""
        told: dict[tuple[str, str, str, str], Problem] = {}
        for each in self.errors:
            key = (each.place.file, each.place.sheet, each.field, each.message)
            first = told.setdefault(key, replace(each, count=0))
            first.count += 1
        return list(told.values())

    def error(self, place: Place, field: str, message: str) -> None:
        """Note an error."""
        self.errors.append(Problem(place, field, message))

    def warn(self, place: Place, field: str, message: str) -> None:
        """Note a warning; an equal one of the same column is counted, not repeated."""
        key = (place.file, place.sheet, field, message)
        if key in self._warnings:
            self._warnings[key].count += 1
        else:
            self._warnings[key] = Problem(place, field, message)

    def ask_columns(self, columns: "Known", words: Sequence[str]) -> None:
        """A header was not understood: a person may say what its words mean."""
        self.ask([word for word in words if not columns.knows(word)], columns.titles)

    def ask(self, words: Sequence[str], known: Sequence[str]) -> None:
        """Keep words that nobody knows with the words that they may mean."""
        for word in words:
            if len(self.asked) < MOST_ASKED and len(word) <= LONGEST_WORD:
                self.asked.setdefault(word, list(known))

    def refuse(self, place: Place, header: Sequence[str], cells: Sequence[Any]) -> None:
        """Set a row aside, once however many errors it has."""
        self.refused_rows.setdefault(place, Refused(place, tuple(header), tuple(cells)))

    def outcome(self) -> dict[str, Any]:
        """What is kept of an import and shown on its page: all counts, lists as far as a person reads."""
        said = self.as_json()
        kinds = Counter(change.kind for change in self.changes)
        return {
            **said,
            "errors": [each.as_json() for each in self.errors_told[:KEPT]],
            "error_count": len(self.errors),
            "warnings": said["warnings"][:KEPT],
            "changes": [change.as_json() for change in self.changes[:KEPT]],
            "kinds": dict(kinds),
            "asked": self.asked,
        }

    def as_json(self) -> dict[str, Any]:
        """The answer of a command with `--json`."""
        return {
            "read": self.read,
            "applied": self.applied,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "errors": [each.as_json() for each in self.errors],
            "warnings": [each.as_json() for each in self.warnings],
        }

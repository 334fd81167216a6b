"""The form of a profile: one field a value, as the rules in hand are built; the rungs of the ladder one by one."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.cases.forms import day_field, text_field
from casework.cases.notice_words import rung_words
from casework.cases.rule_words import BETWEEN, key_words, value_words
from casework.profiles.limits import MEASURES, PAUSES, STARTS, STOPS
from casework.profiles.rules import ORDERED, WORDS
from casework.profiles.strictness import DIRECTIONS

LARGEST = 9999
LADDER, NEW, AWAY = "ladder", "new", "away"
Place = tuple[str | int, ...]


class Boxes(forms.MultipleChoiceField):
    """A box for each word that a list may name; what is ticked comes in the order of the words."""

    def __init__(self, words: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(
            widget=forms.CheckboxSelectMultiple(),
            choices=list(words.items()),
            required=False,
            **kwargs,
        )
        self.words = list(words)

    def clean(self, value: Any) -> list[str]:
        ticked = super().clean(value)
        return [word for word in self.words if word in ticked]


class RulesForm(forms.Form):
    """Name and first day of the next version, and every single value of `rules`."""

    name = text_field(_("Name of the version"))
    valid_from = day_field(_("Valid from"))
    running = forms.BooleanField(
        label=_("Clocks that run follow too"),
        required=False,
        help_text=_("otherwise only what begins from that day on"),
    )

    def __init__(self, rules: dict[str, Any], *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        self.places: dict[str, Place] = {}
        self.fields["valid_from"].initial = today
        for place, value in _values(rules):
            if field := _field(place, value, rules):
                self.places[_name(place)] = place
                self.fields[_name(place)] = field
        if LADDER in rules:
            self.fields.update(_more_rungs(rules[LADDER]))

    def sections(self) -> Iterator[tuple[str, list[Any]]]:
        """The fields under the words of their section."""
        for name in self.rules:
            fields = [self[each] for each in self.fields if each.split(BETWEEN)[0] == name]
            if fields:
                yield key_words(name), fields

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get(_new("measure")) and said.get(_new("number")) is None:
            self.add_error(_new("number"), _("required"))
        return said

    def said(self) -> dict[str, Any]:
        """The rules with what was typed in place of what was there; a list that only stands in another order stays."""
        rules = copy.deepcopy(self.rules)
        for name, (*inner, last) in self.places.items():
            place: Any = rules
            for key in inner:
                place = place[key]
            value = self.cleaned_data[name]
            if not isinstance(value, list) or set(value) != set(place[last]):
                place[last] = value
        if LADDER in rules:
            rules[LADDER] = [*self._kept(rules[LADDER]), *self._added(rules[LADDER])]
        return rules

    def _kept(self, rungs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        away = set(self.cleaned_data.get(_name((LADDER, AWAY)), ()))
        return [rung for rung in rungs if rung["code"] not in away]

    def _added(self, rungs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The new rung, called by what it measures."""
        measure = self.cleaned_data.get(_new("measure"))
        if measure:
            number = self.cleaned_data[_new("number")]
            code = _free(f"{CALLED[measure]}_{number}", {rung["code"] for rung in rungs})
            tell = self.cleaned_data[_new("tell")]
            yield {"code": code, measure: number, "tell": tell}


def _free(code: str, taken: set[str]) -> str:
    """The name of a new rung: a rung keeps the name that it got when its number changes."""
    names = (code, *(f"{code}_{n}" for n in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


CALLED = {"share": "soon", "unclaimed_days": "unclaimed", "working_days": "late"}


def _name(place: Place) -> str:
    return BETWEEN.join(map(str, place))


def _new(what: str) -> str:
    return _name((LADDER, NEW, what))


def _values(rules: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value with its place: numbers, words and lists of words; the things of a list one by one."""
    inner: Any = ()
    if isinstance(rules, dict):
        inner = rules.items()
    elif isinstance(rules, list) and any(isinstance(each, dict) for each in rules):
        inner = enumerate(rules)
    else:
        yield place, rules
    for key, value in inner:
        yield from _values(value, (*place, key))


def _field(place: Place, value: Any, rules: dict[str, Any]) -> forms.Field | None:
    """The field of a value; None for the name of a rung, and for a list whose order no row of boxes can say."""
    key, label = str(place[-1]), _label(place, rules)
    if place[0] == LADDER and key == "code":
        return None
    if isinstance(value, list):
        return _boxes(key, label, value, _words(place))
    if isinstance(value, int):
        return forms.IntegerField(label=label, initial=value, min_value=0, max_value=LARGEST)
    if words := _words(place) or [word for word in DIRECTIONS if value in DIRECTIONS]:
        return forms.ChoiceField(
            label=label,
            initial=value,
            required="" not in words,
            choices=[(word, value_words(word)) for word in words],
        )
    return text_field(label, required=False, long=True, initial=value)


def _words(place: Place) -> list[str]:
    """What a value may say there; nothing where it is free."""
    key, section = str(place[-1]), str(place[0])
    own = {"from": STARTS, "to": STOPS, "pauses": PAUSES}.get(key, {}).get(section, set())
    return list(ORDERED.get(key, ())) or sorted(own or WORDS.get(key, set()))


def _label(place: Place, rules: dict[str, Any]) -> str:
    if place[0] == LADDER:
        return BETWEEN.join([rung_words(rules[LADDER][place[1]]), key_words(str(place[-1]))])
    words = key_words(_name(place))
    return BETWEEN.join(words.split(BETWEEN)[1:]) or words


def _boxes(key: str, label: Any, value: list[str], words: list[str]) -> Boxes | None:
    """None where the list stands in an order of its own."""
    if key in ORDERED and value != [word for word in words if word in value]:
        return None
    return Boxes({word: value_words(word) for word in words}, label=label, initial=value)


def _more_rungs(rungs: list[dict[str, Any]]) -> Iterator[tuple[str, forms.Field]]:
    """A rung may go, and one may come."""
    words = {rung["code"]: rung_words(rung) for rung in rungs}
    yield _name((LADDER, AWAY)), Boxes(words, label=_("Rungs that go"))
    measures = [("", "—"), *((name, key_words(name)) for name in MEASURES)]
    yield (
        _new("measure"),
        forms.ChoiceField(label=_("A new rung: by what"), required=False, choices=measures),
    )
    yield (
        _new("number"),
        forms.IntegerField(
            label=_("A new rung: number"), required=False, min_value=0, max_value=LARGEST
        ),
    )
    tell = _boxes("tell", _("A new rung: who is told"), [], _words((LADDER, "tell")))
    assert tell is not None
    yield _new("tell"), tell

"""The form of a profile: one field a value, as the rules in hand are built; lists are changed by file."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.cases.forms import day_field, text_field
from casework.cases.rule_words import BETWEEN, key_words, value_words
from casework.profiles.rules import WORDS
from casework.profiles.shipped import leaves

LARGEST = 9999


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
        self.fields["valid_from"].initial = today
        for path, value in leaves(rules).items():
            if isinstance(value, int | str):
                self.fields[path] = _field(path, value)

    def sections(self) -> Iterator[tuple[str, list[Any]]]:
        """The fields under the words of their section."""
        for name in self.rules:
            fields = [self[path] for path in self.fields if path.split(BETWEEN)[0] == name]
            if fields:
                yield key_words(name), fields

    def said(self) -> dict[str, Any]:
        """The rules with what was typed in place of what was there."""
        rules = copy.deepcopy(self.rules)
        for path, value in self.cleaned_data.items():
            *inner, last = path.split(BETWEEN)
            if inner:
                place = rules
                for key in inner:
                    place = place[key]
                place[last] = value
        return rules


def _field(path: str, value: int | str) -> forms.Field:
    key = path.split(BETWEEN)[-1]
    label = BETWEEN.join(key_words(path).split(BETWEEN)[1:]) or key_words(path)
    if isinstance(value, int):
        return forms.IntegerField(label=label, initial=value, min_value=0, max_value=LARGEST)
    if key in WORDS or value in ("at_least", "at_most"):
        words = sorted(WORDS.get(key, {"at_least", "at_most"}))
        return forms.ChoiceField(
            label=label,
            initial=value,
            required="" not in words,
            choices=[(word, value_words(word)) for word in words],
        )
    return text_field(label, required=False, long=True, initial=value)

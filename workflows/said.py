"""What was typed for a letter or a request, in the words of its form."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.forms import ChoiceField, DateField
from django.utils.translation import gettext as _

from casework.cases.forms import RecordForm
from casework.cases.kinds import Kind
from casework.cases.models import Matter, MatterKind, Step
from casework.core.templatetags.look import day
from workflows.forms import FORMS
from workflows.letter_forms import DraftLetterForm, DraftOrderForm
from workflows.side_forms import (
    AppealDecisionForm,
    ConferenceCallForm,
    GiveHelpForm,
    HarmForm,
    NoticeForm,
    ask_form,
)

RAISED: dict[str, type[RecordForm]] = {
    MatterKind.PROTECTION: HarmForm,
    MatterKind.CONFERENCE: ConferenceCallForm,
    MatterKind.MEASURE: GiveHelpForm,
    MatterKind.SUPERVISION: NoticeForm,
}
Said = list[tuple[Any, Any]]


def facts_of(matter: Matter) -> Said:
    """Labels and answers of what was asked for, drafted or reported."""
    found = said_in(_form_of(matter), matter.facts)
    if matter.kind == MatterKind.HANDOVER:
        found.insert(0, (_("Who is to go on with it"), matter.unit.name))
    if matter.restricted:
        found.insert(0, (matter._meta.verbose_name, matter.full_title))
    return found


def answers_of(step: Step) -> Said:
    """Labels and answers of a finished step."""
    return said_in(form_of(step), step.facts, without=())


def form_of(step: Step) -> type[RecordForm]:
    """The form of a step: that of its kind; an appeal is decided in its own words, an order says its evidence."""
    if step.kind == Kind.DECIDE_REQUEST and step.about.kind == MatterKind.APPEAL:
        return AppealDecisionForm
    if step.kind == Kind.DRAFT_LETTER:
        return _draft_form(step.about)
    return FORMS[step.kind]


def _form_of(matter: Matter) -> type[RecordForm]:
    if matter.kind == MatterKind.LETTER:
        return _draft_form(matter)
    return RAISED.get(matter.kind) or ask_form(matter.code)


def _draft_form(letter: Matter) -> type[RecordForm]:
    return DraftOrderForm if letter.code in ("order", "court") else DraftLetterForm


def said_in(
    form: type[RecordForm], facts: dict[str, Any], without: tuple[str, ...] = ("decision",)
) -> Said:
    """Labels and answers of a form that were kept as `facts`."""
    return [
        (field.label, spoken(field, facts[name]))
        for name, field in form.base_fields.items()
        if name not in without and facts.get(name)
    ]


def flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    """Choices without their groups."""
    for value, words in choices:
        yield from words if isinstance(words, list) else [(value, words)]


def spoken(field: Any, value: Any) -> Any:
    """A stored answer as people read it."""
    if isinstance(field, ChoiceField):
        words = dict(flat(field.choices))
        return (
            "；".join(str(words.get(each, each)) for each in value)
            if isinstance(value, list)
            else words.get(value, value)
        )
    return day(date.fromisoformat(value)) if isinstance(field, DateField) else value

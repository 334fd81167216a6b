"""The forms of records: fields, groups, what is folded; and the forms of visits and contacts."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _

from casework.cases.kinds import CONTACT_RESULTS, Measure, Reason
from casework.cases.letters import LETTERS
from casework.cases.models import SignState, VisitForm
from casework.core.errors import DomainError
from casework.documents import strokes

FIRST, LAST = date(2000, 1, 1), date(2098, 12, 31)


def text_field(
    label: Any, *, required: bool = True, long: bool = False, most: int = 500, **kwargs: Any
) -> forms.CharField:
    """A text field; long ones have rows and a higher limit."""
    widget = forms.Textarea(attrs={"rows": 3}) if long else forms.TextInput()
    return forms.CharField(
        label=label,
        required=required,
        max_length=most if long else min(most, 120),
        widget=widget,
        **kwargs,
    )


def day_field(label: Any, *, required: bool = True, **kwargs: Any) -> forms.DateField:
    """A day of this century: what the calendars can count."""
    return forms.DateField(
        label=label,
        required=required,
        validators=[validators.MinValueValidator(FIRST), validators.MaxValueValidator(LAST)],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        **kwargs,
    )


def clock_time(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class Chips(forms.RadioSelect):
    """One of a few short words: a row of chips in place of a column of cards."""

    in_a_row = True


def one_of(
    label: Any, choices: Any, *, required: bool = True, short: bool = False, **kwargs: Any
) -> forms.ChoiceField:
    """One of several; `short` ones stand in a row."""
    widget = Chips if short else forms.RadioSelect
    return forms.ChoiceField(
        label=label, choices=choices, required=required, widget=widget, **kwargs
    )


class SignaturePad(forms.HiddenInput):
    """Where `sign.js` lets a finger draw; without it there is nothing to see, and people sign on paper.

    `when`: the answers of the field `by` with which it is shown; always without any.
    """

    def __init__(self, label: Any, when: str, by: str) -> None:
        shown = {"data-when": when, "data-by": by}
        super().__init__(attrs={"data-sign": label, "data-clear": _("Sign again"), **shown})


class StrokesField(forms.CharField):
    """A signature: the strokes of `documents.strokes`, an empty list for none."""

    def to_python(self, value: Any) -> Any:
        try:
            return strokes.read(str(value or ""))
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error


def drawn_by(label: Any, when: str = "", by: str = "sign_state") -> StrokesField:
    """A signature that may be drawn on the screen."""
    return StrokesField(label=label, required=False, widget=SignaturePad(label, when, by))


GUARDIAN_SIGNS = _("The guardian signs here")
NOTHING = "—"
SIGNING = ["sign_state", "witness", "sign_guardian", "sign_witness", "sign_worker"]


class RecordForm(forms.Form):
    """Base: the groups in which the page shows the fields, and the conditional requirements.

    `hands`: the fields in which the signers of the paper may draw (`cases.hands`).
    """

    groups: ClassVar[list[tuple[Any, list[str]]]] = []
    fold: ClassVar[list[str]] = []
    takes_photos: ClassVar[bool] = False
    takes_signatures: ClassVar[bool] = False
    hands: ClassVar[list[str]] = []
    needed_if: ClassVar[dict[tuple[str, str], list[str]]] = {}
    either: ClassVar[list[str]] = []
    needless_if: ClassVar[dict[tuple[str, str], list[str]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = (*self.needed_if.values(), *self.needless_if.values(), self.either)
        depending = {name for names in told for name in names}
        for name in depending & set(self.fields):
            self.fields[name].depends = True  # type: ignore[attr-defined]  # the page says so

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for (field, value), needed in self.needed_if.items():
            if data.get(field) == value:
                for name in needed:
                    if not data.get(name) and name not in self.errors:
                        self.add_error(name, _("Please fill this in."))
        for (field, value), needless in self.needless_if.items():
            if data.get(field) == value:
                for name in set(needless) & set(self.errors):
                    del self.errors[name]
                    data[name] = NOTHING
        return data


RESULTS = [
    ("agreed", _("will come back on a promised day: see the child again")),
    ("not_yet", _("not yet: the work of persuasion goes on")),
    ("nobody", _("nobody met: visit again")),
    ("away", _("has left the area: the work of persuasion goes on")),
    ("other", _("other: the work of persuasion goes on")),
]


class SigningForm(RecordForm):
    """How the family signed: on paper, on the screen, or not, with a witness."""

    takes_signatures: ClassVar = True
    sign_state = one_of(_("Guardian's signature"), SignState.choices, initial=SignState.UNSIGNED)
    witness = text_field(_("Witness"), required=False)
    sign_guardian = drawn_by(GUARDIAN_SIGNS, "phone")
    sign_witness = drawn_by(_("The witness signs here"), "refused")
    sign_worker = drawn_by(_("Whoever went there signs here"), "phone refused")
    needed_if: ClassVar = {
        ("sign_state", "refused"): ["witness"],
        ("sign_state", "phone"): ["sign_guardian"],
    }


class ContactForm(SigningForm):
    """What a visit and a talk of persuasion have in common."""

    day = day_field(_("Day"))
    began = clock_time(_("From"))
    ended = clock_time(_("To"))
    form = one_of(_("How"), VisitForm.choices, short=True, initial=VisitForm.DOOR)
    visitors = text_field(_("Visitors"), help_text=_("two at a home visit, with a comma between"))
    present = text_field(_("Who was there"))
    result = one_of(_("Result"), RESULTS)
    promised_day = day_field(_("Promised day"), required=False)
    agreed = text_field(_("Agreed"), required=False, long=True)
    follow_up_plan = text_field(_("What is next"), required=False, long=True)
    remarks = text_field(_("Remarks"), required=False, long=True)
    takes_photos: ClassVar = True
    needed_if: ClassVar = {**SigningForm.needed_if, ("result", "agreed"): ["promised_day"]}
    needless_if: ClassVar = {("result", "nobody"): ["present", "guardian_opinion"]}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        day, promised = data.get("day"), data.get("promised_day")
        if day and promised and promised < day:
            self.add_error("promised_day", _("This is before the visit."))
        return data


PHRASES = [
    ("follow", _("cannot follow the lessons")),
    ("alone", _("parents work away, grandparents look after the child")),
    ("night", _("up late with the phone, cannot get up")),
    ("quarrel", _("trouble with schoolmates")),
    ("help_home", _("is needed at home")),
    ("earn", _("wants to earn money")),
]


class HomeVisitForm(ContactForm):
    either: ClassVar = ["phrases", "why"]
    reason = forms.ChoiceField(label=_("Reason for absence"), choices=Reason.choices)
    phrases = forms.MultipleChoiceField(
        label=_("Often heard"), choices=PHRASES, required=False, widget=forms.CheckboxSelectMultiple
    )
    why = text_field(_("In a few words"), required=False, long=True)
    guardian_opinion = text_field(_("What the guardian says"), long=True)
    pupil_opinion = text_field(_("What the child says"), required=False, long=True)
    findings = text_field(_("What was found on the visit"), required=False, long=True)
    measures = forms.MultipleChoiceField(
        label=_("Help agreed"),
        choices=Measure.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    place = text_field(_("Place"), required=False)
    purpose = text_field(_("Purpose"), required=False)
    family = text_field(_("Family"), required=False, long=True)
    at_school = text_field(_("At school"), required=False, long=True)
    at_home = text_field(_("At home"), required=False, long=True)
    home_education = text_field(_("Upbringing"), required=False, long=True)
    groups: ClassVar = [
        (_("When and how"), ["day", "began", "ended", "form"]),
        (_("Who"), ["visitors", "present"]),
        (
            _("Why the child is not at school"),
            ["reason", "phrases", "why", "guardian_opinion", "measures"],
        ),
        (_("Result"), ["result", "promised_day"]),
        (_("Signature"), SIGNING),
    ]
    fold: ClassVar = [
        "pupil_opinion", "findings", "agreed", "place", "purpose", "family", "at_school", "at_home",
        "home_education", "follow_up_plan", "remarks",
    ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The ticked phrases go word for word before what was typed; one of both is needed."""
        data = super().clean()
        words = dict(PHRASES)
        said = [str(words[code]) for code in data.pop("phrases", [])]
        data["why"] = "；".join([*said, *filter(None, [data.get("why", "")])])
        if not data["why"]:
            self.add_error("why", _("Tick a phrase or say it in your words."))
        return data


class GeneralVisitForm(HomeVisitForm):
    """A visit without a case (普访): the same form; its result moves nothing."""

    result = one_of(
        _("Result"),
        [("other", _("talked with the family")), ("nobody", _("nobody met"))],
        initial="other",
    )
    reason = forms.ChoiceField(choices=Reason.choices, required=False, widget=forms.HiddenInput)
    phrases = None  # type: ignore[assignment]  # Django's way to drop a field of the base
    visitors = text_field(_("Visitors"))
    why = text_field(_("What was talked about"), long=True)
    groups: ClassVar = [
        (_("When and how"), ["day", "began", "ended", "form"]),
        (_("Who"), ["visitors", "present"]),
        (_("The talk"), ["why", "guardian_opinion", "result"]),
        (_("Signature"), SIGNING),
    ]
    fold: ClassVar = [*HomeVisitForm.fold, "measures", "promised_day"]


class PassOverForm(forms.Form):
    """Numbers of letters that are not given here."""

    kind = forms.ChoiceField(
        label=_("Letter"), choices=[(each.paper, each.title) for each in LETTERS.values()]
    )
    up_to = forms.IntegerField(label=_("Up to which number"), min_value=1, max_value=99999)
    reason = text_field(_("Why they are not given here"))


class AbsenceCallForm(RecordForm):
    """The call to the family of a child that is absent without leave (P02)."""

    when = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    way = one_of(
        _("How"),
        [
            ("phone", _("by phone")),
            ("message", _("by message")),
            ("video", _("by video")),
            ("meeting", _("in person")),
        ],
        short=True,
        initial="phone",
    )
    reached = one_of(
        _("Reached?"),
        [
            ("reached", _("yes")),
            ("no_answer", _("no answer")),
            ("switched_off", _("switched off")),
            ("wrong_number", _("wrong number")),
        ],
        short=True,
    )
    person = text_field(_("Person reached"), required=False)
    content = text_field(_("What was said"), required=False, long=True)
    result = one_of(_("Outcome"), list(CONTACT_RESULTS.items()))
    next_step = text_field(_("What is next"), required=False, long=True)
    groups: ClassVar = [
        (_("The call"), ["when", "way", "reached", "person", "content"]),
        (_("Outcome"), ["result", "next_step"]),
    ]
    needed_if: ClassVar = {("reached", "reached"): ["person", "content"]}

    def clean(self) -> dict[str, Any]:
        """Nobody reached is nobody reached, in both answers."""
        data = super().clean()
        reached, result = data.get("reached"), data.get("result")
        if reached and result and (reached == "reached") == (result == "nobody"):
            self.add_error("result", _("This does not fit whether somebody was reached."))
        return data


class VillageContactForm(RecordForm):
    """The village's record of a visit or contact: few fields, joins the open step and its paper."""

    day = day_field(_("Day"))
    began = clock_time(_("From"))
    ended = clock_time(_("To"))
    form = one_of(_("How"), VisitForm.choices, short=True, initial=VisitForm.DOOR)
    visitors = text_field(_("Visitors"))
    present = text_field(_("Who was there"))
    why = text_field(_("What was said"), long=True)
    sign_state = one_of(
        _("Guardian's signature"),
        [each for each in SignState.choices if each[0] != SignState.PHONE],
        initial=SignState.UNSIGNED,
    )
    witness = text_field(_("Witness"), required=False)
    needed_if: ClassVar = {("sign_state", "refused"): ["witness"]}
    groups: ClassVar = [
        (_("When and how"), ["day", "began", "ended", "form"]),
        (_("The talk"), ["visitors", "present", "why"]),
        (_("Signature"), ["sign_state", "witness"]),
    ]
    takes_photos: ClassVar = True

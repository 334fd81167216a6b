"""The forms of side roads: what is asked for with which proof, how it is decided, looked at again, answered."""

from functools import lru_cache
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.cases.forms import RecordForm, day_field, one_of, text_field
from casework.cases.kinds import CONTROLS, Measure
from casework.cases.protection import SIGNS
from casework.cases.side_roads import ROADS
from casework.org.departments import DEPARTMENTS
from casework.org.forms import UnitField
from casework.org.models import Post, Unit, UnitKind

FIELDS: dict[str, Any] = {
    "starts": lambda: day_field(_("From")),
    "ends": lambda: day_field(_("Until")),
    "reason": lambda: text_field(_("Reason"), long=True),
    "due_on": lambda: day_field(_("Due to enter school on")),
    "assessment": lambda: text_field(_("Assessment of the child"), long=True),
    "long_goal": lambda: text_field(_("Long goal"), long=True),
    "short_goal": lambda: text_field(_("Short goal"), long=True),
    "plan": lambda: text_field(_("Plan: lessons, days, who teaches"), long=True),
    "place": lambda: text_field(_("Where: school and place")),
    "contact": lambda: text_field(_("Contact there, with phone")),
    "class_there": lambda: text_field(_("Class there"), required=False),
    "transfer_number": lambda: text_field(_("Number of the status transfer"), required=False),
    "proof": lambda: text_field(_("Proof")),
    "proof_number": lambda: text_field(_("Number of the proof"), required=False),
    "proof_day": lambda: day_field(_("Day of the proof")),
    "proof_by": lambda: text_field(_("Issued by")),
    "attempts": lambda: text_field(
        _("Attempts: when, how, with whom"), long=True, help_text=_("three different ways")
    ),
    "other_case": lambda: text_field(_("Number of the other case")),
    "receiver": lambda: UnitField(
        label=_("Who is to go on with it"),
        empty_label=_("choose"),
        queryset=Unit.objects.filter(kind__in=[UnitKind.SCHOOL, UnitKind.TOWNSHIP]).order_by(
            "path"
        ),
    ),
    "department": lambda: forms.ChoiceField(
        label=_("Department"), choices=[("", _("choose")), *DEPARTMENTS]
    ),
    "demand": lambda: text_field(_("What is asked for"), long=True),
    "reply_by": lambda: day_field(_("Answer by")),
    "appellant": lambda: text_field(_("Who appeals")),
    "received_on": lambda: day_field(_("Received on")),
    "against": lambda: text_field(_("Against which measure: of whom, when, its number"), long=True),
    "paper": lambda: text_field(_("Number of the paper")),
    "wrong": lambda: text_field(_("What is wrong on it"), long=True),
    "right": lambda: text_field(_("What is right"), long=True),
}


@lru_cache(maxsize=64)
def ask_form(code: str) -> type[RecordForm]:
    """The form that asks for a side road: the fields that its line in the table names."""
    names = ROADS[code].fields
    fields = {name: FIELDS[name]() for name in names}
    proofs = [name for name in names if name.startswith("proof")]
    rest = [name for name in names if name not in proofs]
    groups = [(_("The request"), rest), (_("Proof"), proofs)]
    made = {**fields, "groups": [g for g in groups if g[1]], "takes_photos": True}
    return type("AskForm", (RecordForm,), made)


def _decision(number: int) -> tuple[Any, Any, Any]:
    """A line of the decisions: what, who, until when; the first is needed."""
    needed = number == 1
    return (
        text_field(_("Decided"), required=needed, long=True),
        text_field(_("By whom"), required=needed),
        day_field(_("Until"), required=needed),
    )


class PostField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A person in a post, told with the post and the unit."""

    def label_from_instance(self, post: Post) -> str:
        return f"{post.user.display_name}（{post.get_role_display()}，{post.unit.name}）"


class DecideRequestForm(RecordForm):
    decision = one_of(_("Decision"), [("approved", _("agree")), ("refused", _("refuse"))])
    opinion = text_field(_("Opinion"), long=True)
    groups: ClassVar = [(_("Decision"), ["decision", "opinion"])]


class AppealDecisionForm(DecideRequestForm):
    """The decision on an appeal: what becomes of the measure."""

    decision = one_of(
        _("Decision on the appeal"),
        [
            ("approved", _("upheld: the measure is changed or taken back")),
            ("refused", _("not upheld: the measure stands")),
        ],
    )
    heard = text_field(_("Whom you heard, and what they said"), long=True)
    opinion = text_field(_("Reasons, and what happens now"), long=True)
    remedy = text_field(
        _("What may be done against this decision, where and until when"), long=True
    )
    groups: ClassVar = [(_("Decision"), ["heard", "decision", "opinion", "remedy"])]


class BranchReviewForm(RecordForm):
    result = one_of(
        _("How is it?"),
        [
            ("goes_on", _("it goes on: look again later")),
            ("settled", _("the proof is complete: propose to close")),
            ("failed", _("not so, or not any more: back to the main road")),
        ],
    )
    checked_on = day_field(_("Day"))
    found = text_field(_("How things stand"), long=True)
    proof = text_field(_("Proof received"), required=False)
    proof_number = text_field(_("Number of the proof"), required=False)
    groups: ClassVar = [(_("The look"), ["result", "checked_on", "found", "proof", "proof_number"])]
    takes_photos: ClassVar = True
    needed_if: ClassVar = {("result", "settled"): ["proof"]}


class AnswerReferralForm(RecordForm):
    result = one_of(
        _("Answer"),
        [
            ("answered", _("answered")),
            ("reminded", _("no answer yet: reminded")),
            ("withdrawn", _("withdrawn, with the reason")),
        ],
    )
    received_on = day_field(_("Received on"))
    found = text_field(_("What was answered or done"), long=True)
    operator = text_field(_("Answered by"), required=False)
    groups: ClassVar = [(_("Answer"), ["result", "received_on", "found", "operator"])]


class AcceptAppealForm(RecordForm):
    decision = one_of(
        _("Is the appeal accepted?"),
        [
            ("accepted", _("accept: a decision follows")),
            ("refused", _("do not accept, with the reason")),
        ],
    )
    opinion = text_field(_("Opinion"), long=True)
    groups: ClassVar = [(_("Decision"), ["decision", "opinion"])]


class ReplyReferralForm(RecordForm):
    received_on = day_field(_("Received on"))
    found = text_field(_("What was found and done"), long=True)
    operator = text_field(_("Who acted"))
    groups: ClassVar = [(_("Answer"), ["received_on", "found", "operator"])]


class ConferenceCallForm(RecordForm):
    held_on = day_field(_("Day of the conference"))
    place = text_field(_("Place"))
    invited = text_field(_("Who is invited"), long=True)
    reason = text_field(_("What it is about"), long=True)
    groups: ClassVar = [(_("Case conference"), ["held_on", "place", "invited", "reason"])]


class MinutesForm(RecordForm):
    held_on = day_field(_("Held on"))
    place = text_field(_("Place"))
    chair = text_field(_("Chair"))
    present = text_field(_("People there"), long=True)
    absent = text_field(_("Who was not"), required=False)
    talk = text_field(_("Course of the talk"), long=True, most=2000)
    decision_1, owner_1, until_1 = _decision(1)
    decision_2, owner_2, until_2 = _decision(2)
    decision_3, owner_3, until_3 = _decision(3)
    groups: ClassVar = [
        (_("Meeting"), ["held_on", "place", "chair", "present"]),
        (_("Talk"), ["talk"]),
        (_("Decisions"), ["decision_1", "owner_1", "until_1"]),
    ]
    fold: ClassVar = [
        "absent",
        *(f"{name}_{n}" for n in (2, 3) for name in ("decision", "owner", "until")),
    ]


class GiveHelpForm(RecordForm):
    measure = forms.ChoiceField(
        label=_("Measure"),
        choices=[
            ("", _("choose")),
            *(
                (control, [(code, Measure(code).label) for code in codes])
                for control, codes in CONTROLS.items()
            ),
        ],
    )
    owner = PostField(label=_("Who does it"), queryset=Post.objects.none(), empty_label=_("choose"))
    until = day_field(_("Until"))
    aim = text_field(_("What is to be reached"), long=True)
    groups: ClassVar = [(_("Help for the child"), ["measure", "owner", "until", "aim"])]


class HelpForm(RecordForm):
    result = one_of(
        _("Is it done?"), [("done", _("done")), ("dropped", _("not done, with the reason"))]
    )
    done_on = day_field(_("Day"))
    found = text_field(_("What was done, and what came of it"), long=True)
    groups: ClassVar = [(_("Help"), ["result", "done_on", "found"])]


class HarmForm(RecordForm):
    signs = forms.MultipleChoiceField(
        label=_("What makes you think so?"), choices=SIGNS, widget=forms.CheckboxSelectMultiple
    )
    danger = one_of(
        _("Is the child in danger now?"),
        [("yes", _("yes: I call 110 now")), ("no", _("not at this moment"))],
        short=True,
    )
    seen = text_field(_("What you saw and heard, in the child's own words"), long=True, most=1000)
    told = text_field(_("Whom you told already: police, procuratorate, when"), required=False)
    groups: ClassVar = [(_("Suspected harm"), ["signs", "danger", "seen"])]
    fold: ClassVar = ["told"]


class ProtectForm(RecordForm):
    result = one_of(
        _("Who knows of it?"),
        [("reported", _("I told the police")), ("known", _("the police knew already"))],
    )
    reported_on = day_field(_("Day"))
    operator = text_field(_("Who told the police"))
    told = text_field(_("Who took the report: name and office"))
    reference = text_field(_("Number of the report"), required=False)
    found = text_field(_("What was done to keep the child safe"), long=True)
    groups: ClassVar = [
        (_("Report"), ["result", "reported_on", "operator", "told", "reference"]),
        (_("Protection"), ["found"]),
    ]


class RepairForm(RecordForm):
    decision = one_of(
        _("Decision"),
        [
            ("restarted", _("begin again with the work of its stage")),
            ("runs", _("it runs again: nothing to do")),
        ],
    )
    found = text_field(_("What was found"), long=True)
    groups: ClassVar = [(_("Decision"), ["decision", "found"])]


class NoticeForm(RecordForm):
    demand = text_field(_("What has to be done"), long=True)
    reply_by = day_field(_("Answer by"))
    groups: ClassVar = [(_("Supervision notice"), ["demand", "reply_by"])]


class AnswerNoticeForm(RecordForm):
    found = text_field(_("What was done, and why it was late"), long=True)
    groups: ClassVar = [(_("Answer"), ["found"])]


class TeachAtHomeForm(RecordForm):
    taught_on = day_field(_("Day"))
    lessons = forms.IntegerField(label=_("Lessons"), min_value=1, max_value=8)
    content = text_field(_("What was taught"), long=True)
    reaction = text_field(_("How the child took it"), long=True)
    present = text_field(_("Who was there"), required=False)
    next_day = day_field(_("Next visit"), required=False)
    takes_photos: ClassVar = False
    groups: ClassVar = [(_("Teaching at home"), ["taught_on", "lessons", "content", "reaction"])]
    fold: ClassVar = ["present", "next_day"]

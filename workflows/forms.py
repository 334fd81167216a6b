"""The forms of the steps: one short class a kind."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.cases.forms import (
    GUARDIAN_SIGNS,
    SIGNING,
    ContactForm,
    HomeVisitForm,
    RecordForm,
    day_field,
    drawn_by,
    one_of,
    text_field,
)
from casework.cases.kinds import Kind, Measure, Reason
from workflows.letter_forms import (
    AnswerLetterForm,
    DraftLetterForm,
    ServeLetterForm,
    SignLetterForm,
)
from workflows.side_forms import (
    AcceptAppealForm,
    AnswerNoticeForm,
    AnswerReferralForm,
    BranchReviewForm,
    DecideRequestForm,
    HelpForm,
    MinutesForm,
    ProtectForm,
    RepairForm,
    ReplyReferralForm,
    TeachAtHomeForm,
)

SOURCES = [
    ("attendance", _("attendance")),
    ("teacher", _("a teacher")),
    ("village", _("the village")),
    ("roster", _("comparison of rosters")),
    ("other", _("other")),
]


class RegisterForm(RecordForm):
    source = one_of(_("How it was found"), SOURCES, short=True)
    last_day = day_field(_("Last day at school"), required=False)
    first_absent = day_field(_("First absent day"))
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices, initial="OTHER")
    contacted_at = forms.DateTimeField(
        label=_("First contact with the family, time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    contacted_person = text_field(_("Person reached"))
    contact_result = text_field(_("What was said"), long=True)
    known = text_field(_("What is known"), required=False, long=True)
    groups: ClassVar = [
        (_("How it was found"), ["source", "last_day", "first_absent", "reason"]),
        (_("First contact, the same day"), ["contacted_at", "contacted_person", "contact_result"]),
    ]
    fold: ClassVar = ["known"]


FOUND = [
    ("local", _("at home or nearby: a home visit is next")),
    ("working", _("gone away to work: persuasion is next")),
    ("with_parents", _("away with the parents: persuasion is next")),
    ("elsewhere", _("at another school, not proved yet: persuasion is next")),
    ("unknown", _("unknown: the principal is asked to report at once")),
]


class VerifyForm(RecordForm):
    source_1 = text_field(_("Who was asked"))
    person_1 = text_field(_("Name and phone"), required=False)
    asked_1 = day_field(_("On"))
    answer_1 = text_field(_("Answer"), long=True)
    source_2 = text_field(_("A second source"), required=False)
    person_2 = text_field(_("Name and phone"), required=False)
    asked_2 = day_field(_("On"), required=False)
    answer_2 = text_field(_("Answer"), required=False, long=True)
    platform_status = text_field(_("Status on the national platform"))
    found = one_of(_("Where is the child?"), FOUND)
    place = text_field(_("Place"), required=False)
    finding = text_field(_("Finding"), long=True)
    second = text_field(_("Second verifier"))
    hand_first = drawn_by(_("The first verifier signs here"))
    hand_second = drawn_by(_("The second verifier signs here"))
    hands: ClassVar = ["hand_first", "hand_second"]
    groups: ClassVar = [
        (_("Who was asked"), ["source_1", "person_1", "asked_1", "answer_1"]),
        (_("Finding"), ["platform_status", "found", "place", "finding", "second"]),
    ]
    fold: ClassVar = ["source_2", "person_2", "asked_2", "answer_2"]


class PersuasionForm(ContactForm):
    why = text_field(_("What was said"), long=True)
    measures = forms.MultipleChoiceField(
        label=_("Help offered"), choices=Measure.choices, widget=forms.CheckboxSelectMultiple
    )
    groups: ClassVar = [
        (_("When and how"), ["day", "began", "ended", "form"]),
        (_("Who"), ["visitors", "present"]),
        (_("The talk"), ["why", "measures"]),
        (_("Result"), ["result", "promised_day"]),
        (_("Signature"), SIGNING),
    ]
    fold: ClassVar = ["agreed", "follow_up_plan", "remarks"]


class SendReportForm(RecordForm):
    decision = one_of(
        _("Decision"),
        [("send", _("report in writing to township and county now")), ("wait", _("not yet"))],
    )
    last_day = day_field(_("Last day at school"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices)
    whereabouts = text_field(_("Where the child is"), required=False)
    guardian_attitude = text_field(_("Attitude of the guardian"), required=False, long=True)
    measures = forms.MultipleChoiceField(
        label=_("Help given by the school"),
        choices=Measure.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    plan = text_field(_("Help plan"), required=False, long=True)
    plan_by = text_field(_("Responsible for the plan"), required=False)
    plan_until = day_field(_("Until"), required=False)
    request = text_field(_("Request to the township"), required=False, long=True)
    request_county = text_field(_("Request to the county"), required=False, long=True)
    wait_until = day_field(_("Wait until"), required=False)
    reason_to_wait = text_field(_("Why not yet"), required=False, long=True)
    groups: ClassVar = [
        (_("Decision"), ["decision"]),
        (_("The report"), ["last_day", "reason", "whereabouts", "guardian_attitude", "request"]),
        (_("Help plan"), ["measures", "plan", "plan_by", "plan_until"]),
        (_("If not yet"), ["wait_until", "reason_to_wait"]),
    ]
    fold: ClassVar = ["request_county"]
    needed_if: ClassVar = {
        ("decision", "send"): ["last_day", "whereabouts", "measures", "plan", "plan_by", "request"],
        ("decision", "wait"): ["wait_until", "reason_to_wait"],
    }


class AcceptForm(RecordForm):
    decision = one_of(
        _("Decision"),
        [
            ("accepted", _("accept the report")),
            ("returned", _("send it back, once, with the reason")),
        ],
    )
    received_on = day_field(_("Received on"))
    number = text_field(_("Registration number"), required=False)
    reason = text_field(_("Reason"), required=False, long=True)
    next_step = text_field(_("What is next"), required=False, long=True)
    groups: ClassVar = [
        (_("Decision"), ["decision", "received_on", "number", "reason", "next_step"])
    ]
    needed_if: ClassVar = {
        ("decision", "accepted"): ["number"],
        ("decision", "returned"): ["reason"],
    }


class ConfirmReturnForm(RecordForm):
    decision = one_of(
        _("Is the child back?"),
        [("confirmed", _("yes, seen in class")), ("not_back", _("no"))],
    )
    seen_on = day_field(_("Seen in class on"), required=False)
    class_placed = text_field(_("Class"), required=False)
    brought_by = text_field(_("Brought by"), required=False)
    condition = text_field(_("How the child is"), required=False, long=True)
    tutor = text_field(_("Tutor"), required=False)
    helper = text_field(_("Helper"), required=False)
    support_plan = text_field(_("Support plan"), required=False, long=True)
    note = text_field(_("What was found instead"), required=False, long=True)
    hand_guardian = drawn_by(GUARDIAN_SIGNS)
    hand_class_teacher = drawn_by(_("The class teacher signs here"))
    hand_principal = drawn_by(_("The principal signs here"))
    hands: ClassVar = ["hand_guardian", "hand_class_teacher", "hand_principal"]
    groups: ClassVar = [
        (_("Is the child back?"), ["decision", "seen_on", "class_placed"]),
        (_("Support"), ["helper", "support_plan"]),
        (_("If not back"), ["note"]),
    ]
    fold: ClassVar = ["brought_by", "condition", "tutor"]
    needed_if: ClassVar = {
        ("decision", "confirmed"): ["seen_on", "class_placed", "helper", "support_plan"],
        ("decision", "not_back"): ["note"],
    }


class FollowUpForm(RecordForm):
    checked_on = day_field(_("Day"))
    way = one_of(
        _("How"),
        [
            ("talk", _("talk")),
            ("class", _("seen in class")),
            ("home", _("home visit")),
            ("phone", _("phone")),
        ],
        short=True,
    )
    attendance = text_field(_("Attendance since the return"))
    result = one_of(
        _("Result"),
        [
            ("stable", _("settled")),
            ("wavering", _("wavering")),
            ("absent_again", _("absent again")),
        ],
        short=True,
    )
    learning = text_field(_("Learning"), required=False, long=True)
    mood = text_field(_("Mood"), required=False, long=True)
    family = text_field(_("Family"), required=False, long=True)
    problem = text_field(_("Problem"), required=False, long=True)
    action = text_field(_("Action"), required=False, long=True)
    remarks = text_field(_("Remarks"), required=False, long=True)
    takes_photos: ClassVar = True
    hand_helper = drawn_by(_("Whoever checked signs here"))
    hands: ClassVar = ["hand_helper"]
    groups: ClassVar = [(_("Check"), ["checked_on", "way", "attendance", "result"])]
    fold: ClassVar = ["learning", "mood", "family", "problem", "action", "remarks"]
    needed_if: ClassVar = {
        ("result", "wavering"): ["action"],
        ("result", "absent_again"): ["action"],
    }


class ProposeClosureForm(RecordForm):
    statement = text_field(_("Why the case can be closed"), long=True)
    proof = text_field(_("Proof"))
    proof_number = text_field(_("Number of the proof"), required=False)
    proof_day = day_field(_("Day of the proof"), required=False)
    opinion_school = text_field(_("Opinion of the school"), long=True)
    opinion_township = text_field(_("Opinion of the township"), required=False, long=True)
    takes_photos: ClassVar = True
    groups: ClassVar = [(_("Proposal"), ["statement", "proof", "opinion_school"])]
    fold: ClassVar = ["proof_number", "proof_day", "opinion_township"]


class ApproveClosureForm(RecordForm):
    decision = one_of(
        _("Decision"),
        [
            ("approved", _("close the case")),
            ("sent_back", _("send back to the school")),
            ("proof_fails", _("side branch only: the proof does not hold, the road goes on")),
        ],
    )
    opinion = text_field(_("Opinion of the county"), long=True)
    groups: ClassVar = [(_("Decision"), ["decision", "opinion"])]


class PlatformMarkForm(RecordForm):
    marked_on = day_field(_("Day"))
    operator = text_field(_("Operator"))
    mark = text_field(_("Mark"))
    reference = text_field(_("Number or page"), required=False)
    takes_photos: ClassVar = True
    groups: ClassVar = [(_("Mark on the national platform"), ["marked_on", "operator", "mark"])]
    fold: ClassVar = ["reference"]


FORMS: dict[str, type[RecordForm]] = {
    Kind.REGISTER: RegisterForm,
    Kind.VERIFY: VerifyForm,
    Kind.HOME_VISIT: HomeVisitForm,
    Kind.PERSUASION: PersuasionForm,
    Kind.PERSUASION_LED: PersuasionForm,
    Kind.DRAFT_LETTER: DraftLetterForm,
    Kind.SIGN_LETTER: SignLetterForm,
    Kind.SERVE_LETTER: ServeLetterForm,
    Kind.ANSWER_LETTER: AnswerLetterForm,
    Kind.BRANCH_REVIEW: BranchReviewForm,
    Kind.DECIDE_REQUEST: DecideRequestForm,
    Kind.ANSWER_REFERRAL: AnswerReferralForm,
    Kind.TEACH_AT_HOME: TeachAtHomeForm,
    Kind.ANSWER_NOTICE: AnswerNoticeForm,
    Kind.ACCEPT_APPEAL: AcceptAppealForm,
    Kind.REPLY_REFERRAL: ReplyReferralForm,
    Kind.CONFERENCE: MinutesForm,
    Kind.HELP: HelpForm,
    Kind.PROTECT: ProtectForm,
    Kind.REPAIR: RepairForm,
    Kind.FOLLOW_UP: FollowUpForm,
    Kind.PROPOSE_CLOSURE: ProposeClosureForm,
    Kind.APPROVE_CLOSURE: ApproveClosureForm,
    Kind.PLATFORM_MARK: PlatformMarkForm,
    Kind.SEND_REPORT: SendReportForm,
    Kind.ACCEPT_TOWNSHIP: AcceptForm,
    Kind.ACCEPT_COUNTY: AcceptForm,
    Kind.CONFIRM_RETURN: ConfirmReturnForm,
}

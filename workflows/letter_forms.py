"""The forms of a letter's four steps: drafted, signed off, served, looked at again."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.cases.forms import RecordForm, day_field, drawn_by, one_of, text_field
from casework.cases.visits import names_in

METHODS = [
    ("direct", _("handed over in person")),
    ("refused", _("refused to take or sign, before witnesses")),
    ("left", _("left at the home, before witnesses")),
    ("mail", _("by mail")),
    ("entrusted", _("by another township, asked to")),
    ("public", _("by public notice: nothing else was possible")),
]


BELONGS = {  # a field, and the ways of service that it belongs to
    "witness": ("refused", "left"),
    "tracking": ("mail",),
    "posted_at": ("public",),
    "entrusted_to": ("entrusted",),
    "hand_recipient": ("direct",),
    "hand_witness": ("refused", "left"),
}


class DraftLetterForm(RecordForm):
    """Everything that the letter will say; it is frozen only when it is signed off."""

    decision = one_of(
        _("Decision"),
        [("drafted", _("write the letter")), ("talk_first", _("no letter yet: talk first"))],
        initial="drafted",
    )
    addressee = text_field(_("Addressee"), required=False, help_text=_("the guardian by name"))
    facts = text_field(_("Facts"), required=False, long=True, most=1500)
    legal_basis = text_field(_("Legal basis"), required=False, long=True)
    demand = text_field(_("What is demanded"), required=False, long=True)
    term = forms.IntegerField(
        label=_("Days given, counted from the service"), min_value=1, max_value=180, required=False
    )
    consequence = text_field(_("What follows otherwise"), required=False, long=True)
    contact = text_field(_("Contact"), required=False)
    contact_phone = text_field(_("Phone"), required=False)
    reviewed = text_field(_("Looked at by the justice office (name)"), required=False)
    co_issuer = text_field(_("Together with (the village committee)"), required=False)
    reason = text_field(_("Why no letter yet"), required=False, long=True)
    groups: ClassVar = [
        (_("Decision"), ["decision"]),
        (_("The letter"), ["addressee", "facts", "legal_basis", "demand", "term", "consequence"]),
        (_("Contact and checks"), ["contact", "contact_phone", "reviewed", "co_issuer"]),
        (_("If no letter yet"), ["reason"]),
    ]
    needed_if: ClassVar = {
        ("decision", "drafted"): [
            "addressee", "facts", "legal_basis", "demand", "term", "consequence", "contact",
        ],
        ("decision", "talk_first"): ["reason"],
    }  # fmt: skip


class DraftOrderForm(DraftLetterForm):
    """An order, and an application to the court, say what proves their facts."""

    evidence = text_field(_("Evidence"), required=False, long=True, most=1500)
    groups: ClassVar = [
        *DraftLetterForm.groups[:2],
        (_("Evidence"), ["evidence"]),
        *DraftLetterForm.groups[2:],
    ]
    needed_if: ClassVar = {
        **DraftLetterForm.needed_if,
        ("decision", "drafted"): [*DraftLetterForm.needed_if["decision", "drafted"], "evidence"],
    }


class SignLetterForm(RecordForm):
    decision = one_of(
        _("Decision"),
        [
            ("signed", _("sign off: the number is taken, the letter can no longer be changed")),
            ("sent_back", _("send back to be written anew")),
        ],
    )
    reason = text_field(_("Reason"), required=False, long=True)
    groups: ClassVar = [(_("Decision"), ["decision", "reason"])]
    needed_if: ClassVar = {("decision", "sent_back"): ["reason"]}


class ServeLetterForm(RecordForm):
    served = one_of(
        _("Was it served?"),
        [
            ("yes", _("yes")),
            ("sent", _("sent off: the receipt is awaited")),
            ("no", _("no: try in another way")),
        ],
    )
    method = one_of(_("Way of service"), METHODS)
    served_on = day_field(_("Served or sent off on"), required=False)
    place = text_field(_("Place"), required=False)
    recipient = text_field(_("Received by"), required=False)
    relation = text_field(_("Relation to the guardian"), required=False)
    servers = text_field(_("Servers"), help_text=_("two, with a comma between"))
    witness = text_field(_("Witnesses"), required=False)
    tracking = text_field(_("Tracking number"), required=False)
    posted_at = text_field(_("Where the notice was posted"), required=False)
    entrusted_to = text_field(_("Authority that was asked"), required=False)
    note = text_field(_("Why it was not served"), required=False, long=True)
    hand_recipient = drawn_by(_("Whoever receives the letter signs here"), "direct", "method")
    hand_witness = drawn_by(_("The witnesses sign here"), "refused left", "method")
    hand_servers = drawn_by(_("Both servers sign here"))
    hands: ClassVar = ["hand_recipient", "hand_witness", "hand_servers"]
    takes_photos: ClassVar = False
    groups: ClassVar = [
        (_("Service"), ["served", "method", "served_on", "place", "recipient", "servers"]),
        (_("By way of service"), ["witness", "tracking", "posted_at", "entrusted_to"]),
        (_("If it was not served"), ["note"]),
    ]
    fold: ClassVar = ["relation"]
    needed_if: ClassVar = {
        ("served", "yes"): ["served_on", "place"],
        ("served", "sent"): ["served_on"],
        ("served", "no"): ["note"],
        ("method", "direct"): ["recipient"],
        ("method", "refused"): ["witness"],
        ("method", "left"): ["witness"],
        ("method", "mail"): ["tracking"],
        ("method", "public"): ["posted_at"],
        ("method", "entrusted"): ["entrusted_to"],
    }

    def clean(self) -> dict[str, Any]:
        """Two people serve a letter, neither is the witness; what belongs to another way of service is dropped (domain.md P13)."""
        data = super().clean()
        servers = names_in(data.get("servers", ""))
        if "servers" in data and len(servers) < 2:
            self.add_error("servers", _("two names, with a comma between"))
        if servers & names_in(data.get("witness", "")):
            self.add_error("witness", _("A witness is none of the servers."))
        for name, methods in BELONGS.items():
            if data.get("method") not in methods:
                data[name] = ""
        return data


class AnswerLetterForm(RecordForm):
    decision = one_of(
        _("Decision"),
        [
            ("next", _("not obeyed: on to the next letter")),
            ("wait", _("wait a little longer")),
        ],
    )
    found = text_field(
        _("How things stand"),
        long=True,
        help_text=_("If the child is back, report the return on the case page instead."),
    )
    wait_until = day_field(_("Wait until"), required=False)
    groups: ClassVar = [(_("Decision"), ["decision", "found", "wait_until"])]
    needed_if: ClassVar = {("decision", "wait"): ["wait_until"]}

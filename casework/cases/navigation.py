"""What stands in the navigation of every page: where a person can go, and counts capped so that no page grows with the queue."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from casework.org.models import User
from casework.org.roles import MAY_IMPORT, Can

ENTRIES = [
    ("cases:inbox", "inbox", _("To do"), (Can.WORK_STEPS,)),
    ("cases:queue", "hand-stop", _("To claim"), (Can.WORK_STEPS,)),
    # a phone shows five: what is late comes before the work of a class
    ("oversight:board", "chart-bar", _("Board"), (Can.SEE_BOARD,)),
    ("cases:rolls", "list-check", _("Roll call"), (Can.CALL_ROLL,)),
    ("cases:duties", "eye", _("Plans"), (Can.CALL_ROLL,)),
    ("cases:censuses", "users", _("Sheets"), (Can.CALL_ROLL, Can.SEE_BOARD)),
    ("cases:absent", "phone", _("Absent"), (Can.CALL_ABSENT,)),
    ("cases:letters", "send", _("Letters"), (Can.LETTERS,)),
    ("cases:referrals", "route", _("Referrals"), (Can.ANSWER_REFERRALS,)),
    ("cases:village", "home", _("My village"), (Can.SEE_VILLAGE_CASES,)),
    ("cases:intake", "user-question", _("Findings"), (Can.DECIDE_FINDINGS,)),
    ("cases:cases", "folder", _("Cases"), (Can.SEE_CASES,)),
    ("registers:offices", "file-text", _("Registers"), (Can.REGISTERS, Can.SEE_BOARD)),
    ("registers:status", "users", _("Status"), (Can.MOVE_STATUS, Can.APPROVE_STATUS)),
    ("evidence:bundles", "shield-check", _("Evidence"), (Can.EVIDENCE,)),
    ("evidence:inspecting", "shield-check", _("Inspection"), (Can.INSPECT,)),
    ("cases:lists", "list-check", _("Compare"), (Can.COMPARE,)),
    ("students:import", "upload", _("Import"), MAY_IMPORT),
    ("org:people", "users", _("People"), (Can.MANAGE_PEOPLE, Can.RESET_CODES)),
    ("org:units", "building", _("Units"), (Can.MANAGE_PEOPLE,)),
    ("cases:rules", "list-check", _("Rules"), (Can.MANAGE_RULES,)),
    ("cases:terms", "calendar", _("Terms"), (Can.MANAGE_PEOPLE,)),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The entries that the person's posts open, and whether this is the demo."""
    user = getattr(request, "user", None)
    entries = []
    if isinstance(user, User) and not user.must_set_password:
        entries = [
            (name, icon, label)
            for name, icon, label, needs in ENTRIES
            if any(user.can(c) for c in needs)
        ]
    match = getattr(request, "resolver_match", None)
    return {"entries": entries, "here": match.view_name if match else "", "DEMO": settings.DEMO}

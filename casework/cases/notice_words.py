"""What a notice says, by its code: for the notice centre, for mails and for the morning's message."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from casework.profiles.limits import MEASURES

RUNG = "rung_"  # how the codes of the ladder's notices begin
NOTICE_WORDS = {
    "yours": _("A step is in your hands now"),
    "nudge": _("You are reminded of a step"),
    "request_approved": _("What you asked for was agreed to"),
    "request_refused": _("What you asked for was refused"),
    "harm": _("A restricted report came in: act on it today"),
    "harm_now": _("A restricted report says that a child is in danger: act at once"),
    "harm_late": _("A restricted report is not answered yet: its day is over"),
    "harm_above": _("A restricted report was not answered on its day: ask the principal"),
    "harm_answered": _("A restricted report of yours was acted on"),
    "glass": _("Somebody opened a case out of his reach, with a reason: see its trail"),
    "referral_answered": _("A department answered your referral"),
    "notice_answered": _("Your supervision notice was answered"),
    "time_asked": _("Somebody asks for more time: decide"),
    "time_granted": _("You have more time for a step"),
    "time_refused": _("More time was refused"),
    "rules_proposed": _("Somebody proposes other rules: look at them and decide"),
    "rules_published": _("The rules that you proposed were published"),
    "rules_refused": _("The rules that you proposed were refused"),
    "evidence_asked": _("Somebody asks for a large evidence file: look at it and decide"),
    "evidence_approved": _("The evidence file that you asked for was agreed to"),
    "evidence_refused": _("The evidence file that you asked for was refused"),
    "restated": _("Days of your steps moved: the calendar or the rules changed"),
    "tip": _("A tip came in: look at it within 24 hours"),
    "movement_asked": _("A movement of status waits for your approval"),
    "movement_approved": _("The movement of status that you asked for was approved"),
    "movement_refused": _("The movement of status that you asked for was refused"),
    "leave_asked": _("A leave slip of many days waits for you"),
    "leave_granted": _("The leave slip that you noted was granted"),
    "leave_refused": _("The leave slip that you noted was refused"),
    "duty": _("A warning or plan waits for you"),
    "duty_late": _("A step of a warning or plan is late"),
    "idle": _("A step that you took lies still: tomorrow it goes back to the queue"),
}


def words_of(code: str, facts: dict[str, Any]) -> str:
    """The sentence of a notice; that of a rung says what was reached."""
    if code.startswith(RUNG):
        return capfirst(rung_words(facts))
    return str(NOTICE_WORDS.get(code, code))


def rung_words(rung: dict[str, Any]) -> str:
    """When a rung of the ladder is reached."""
    measure = next((name for name in MEASURES if name in rung), "")
    number = rung.get(measure, 0)
    if not measure:  # told before notices kept it
        said = gettext("its deadline asks for attention")
    elif measure == "share":
        said = gettext("%(n)s percent of its time are gone")
    elif measure == "unclaimed_days":
        said = ngettext(
            "nobody has taken it for %(n)s working day",
            "nobody has taken it for %(n)s working days",
            number,
        )
    elif number:
        said = ngettext(
            "at least %(n)s working day late", "at least %(n)s working days late", number
        )
    else:
        said = gettext("its day is over")
    return said % {"n": number}

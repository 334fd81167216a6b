"""The hand-over slip of an evidence file: the values to compare with, kept apart from the file, signed by both sides."""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework.core.templatetags.look import full_day, full_moment
from casework.documents.seal import seal_in_use
from casework.evidence.bundle import name_of
from casework.evidence.models import Bundle
from casework.evidence.printed import printed_now
from casework.evidence.verify import grouped


def slip_of(bundle: Bundle, at: datetime) -> bytes:
    """The slip as PDF, in the language of whoever prints it. DomainError if it cannot be printed now."""
    seal = seal_in_use()
    values = [(_("Anchor"), grouped(bundle.anchor)), (_("Lists"), grouped(bundle.sha256))]
    if seal:
        values.append((_("Seal certificate"), grouped(seal.fingerprint)))
    context: dict[str, object] = {
        "title": _("Hand-over slip"),
        "lines": _lines(bundle),
        "values": values,
        "signs": [_("Handed over by"), _("Received by"), _("Date")],
        "note": _(
            "Unpack the file, open index.html, and compare with the values above. Keep this slip apart from the file."
        ),
    }
    language = get_language() or "zh-hans"
    return printed_now(
        "slip.html", context, language=language, made_of={"bundle": bundle.pk}, at=at
    )


def _lines(bundle: Bundle) -> list[tuple[str, str]]:
    unit, first, last = bundle.unit, bundle.first, bundle.last
    whose = bundle.case.number if bundle.case else ""
    if unit and first and last:
        whose = f"{unit.name} {full_day(first)} – {full_day(last)}"
    name = name_of(bundle, bundle.anchored_at or bundle.at)
    about = [(_("What it is needed for"), bundle.reason)]
    return [
        (_("Evidence file"), name if bundle.is_redacted else f"{whose}\n{name}"),
        (_("Made for"), bundle.get_purpose_display()),
        (_("For whom"), bundle.receiver or "—"),
        *([] if bundle.is_redacted else about),
        (_("Made by"), bundle.by_name),
        (_("Anchor of"), full_moment(bundle.anchored_at) if bundle.anchored_at else ""),
        (_("Cases"), str(bundle.cases)),
        (_("Papers"), str(bundle.total)),
    ]

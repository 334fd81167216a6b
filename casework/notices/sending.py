"""Sending what was told: e-mail by SMTP, chat and SMS by addresses of the settings. A message carries numbers and links, no child's data."""

from urllib.parse import quote

import apprise
import structlog
from django.conf import settings
from django.core.mail import EmailMessage

log = structlog.get_logger(__name__)


class NotSent(Exception):
    """The other side did not take the message; it is tried again."""


def mail(address: str, subject: str, text: str) -> None:
    """One e-mail. NotSent when no mail server is set or it refuses."""
    if not settings.EMAIL_HOST:
        raise NotSent
    try:
        EmailMessage(subject=subject, body=text, to=[address]).send()
    except OSError as error:  # SMTPException is one
        log.warning("mail.not_sent", error=type(error).__name__)
        raise NotSent from error


def chat(address: str, subject: str, text: str) -> None:
    """A message to a group chat: `address` as apprise writes it (wecombot://, dingtalk://, feishu://). NotSent when it is refused."""
    there = apprise.Apprise()
    if not there.add(address) or not there.notify(title=subject, body=text):
        raise NotSent


def sms(phone: str, text: str) -> None:
    """A short message by the gateway of the settings (`SMS_URL` with {phone}). NotSent when none is set or it is refused."""
    if not settings.SMS_URL:
        raise NotSent
    chat(settings.SMS_URL.replace("{phone}", quote(phone)), "", text)

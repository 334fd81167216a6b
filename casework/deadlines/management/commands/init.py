"""`manage.py init`: makes a county ready for its lists."""

import os
import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework.core import clock
from casework.core.errors import DomainError
from casework.deadlines.setting_up import County, make_county


class Command(BaseCommand):
    help = "Makes a county ready: unit, baseline profile, official calendar, assumed terms, first administrator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--county", required=True)
        parser.add_argument("--code", required=True, help="area code, six digits")
        parser.add_argument("--admin", required=True, help="user name of the first administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_county(
                name=options["county"],
                code=options["code"],
                admin=options["admin"],
                password=_password(),
                at=clock.now(),
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self._tell(made)

    def _tell(self, made: County) -> None:
        self.stdout.write(
            f"{made.unit.name} ({made.unit.code}): profile “baseline”, official calendar"
        )
        for term in made.terms:
            self.stdout.write(
                f"term {term.code}: {term.first_day} – {term.last_day} (assumed, please check)"
            )
        self.stdout.write(f"administrator: {made.admin.username}")


def _password() -> str:
    """From ADMIN_PASSWORD, or asked; a weak one is refused."""
    password = os.environ.get("ADMIN_PASSWORD")
    if not password and not sys.stdin.isatty():
        raise CommandError("ADMIN_PASSWORD is not set, and there is nobody to ask", returncode=2)
    password = password or getpass("Password of the administrator: ")
    try:
        validate_password(password)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return password

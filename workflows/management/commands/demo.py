"""`manage.py demo`: the demo county into an empty database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework.core.errors import DomainError
from casework.org.demo import LOGINS, PASSWORD
from workflows.demo import make
from workflows.duties import schedule


class Command(BaseCommand):
    help = "Loads the demo county (invented people, area 990026) into an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--logins", action="store_true", help="only print the demo's logins")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["logins"]:
            self._make()
        self._tell(f"password of all demo logins: {PASSWORD}")
        for login in LOGINS:
            self._tell(f"  {login.username}: {login.who}")

    def _make(self) -> None:
        try:
            make(self._tell)
        except DomainError as error:
            raise CommandError(str(error)) from error
        schedule()

    def _tell(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

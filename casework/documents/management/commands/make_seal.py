"""`make_seal`: the organisation's key and certificate, self-made, where SEAL_KEY says."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework.core import clock
from casework.core.transaction import one_act
from casework.documents import certificates
from casework.documents.seal import certificate, make_demo_certificate


class Command(BaseCommand):
    help = "Make a self-signed seal certificate. An existing key is never overwritten."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="Casework", help="the organisation on the seal")
        parser.add_argument("--keep", action="store_true", help="be content if there is one")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.SEAL_KEY)
        if path.exists() and options["keep"]:
            with one_act():  # an older version sealed with it and kept no note of it
                certificates.remember(certificate(), at=clock.real_now())
            return
        try:
            make_demo_certificate(
                path, name=options["name"], passphrase=settings.SEAL_PASSPHRASE, at=clock.real_now()
            )
        except FileExistsError as error:
            raise CommandError(f"{path} is there already: move it away first") from error
        self.stdout.write(str(path))

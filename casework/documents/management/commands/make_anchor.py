"""`make_anchor`: the day's anchor over all chains, printed; hand it out or keep it elsewhere."""

from typing import Any

from django.core.management.base import BaseCommand

from casework.core import clock
from casework.documents.anchors import make_anchor


class Command(BaseCommand):
    help = "Make an anchor over all papers and the audit trail and print it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(make_anchor(at=clock.now()).root)

"""`manage.py duties`: tells the worker what runs by the clock."""

from typing import Any

from django.core.management.base import BaseCommand

from workflows.duties import DUTIES, schedule


class Command(BaseCommand):
    help = "Schedules the sweep, the nightly detection, the anchor and the checks; again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        schedule()
        for job, cron in DUTIES.items():
            self.stdout.write(f"{cron}  {job}")

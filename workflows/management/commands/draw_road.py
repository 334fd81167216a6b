"""`manage.py draw_road FILE.svg`: the picture of the road for the README, drawn from the flow."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import override

from workflows.picture import picture


class Command(BaseCommand):
    help = "Draws the road of a case from the flow as SVG."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--language", default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        with override(options["language"]):
            options["file"].write_text(picture(), "utf-8")

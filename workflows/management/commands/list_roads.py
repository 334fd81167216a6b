"""`manage.py list_roads FILE.md`: the table of all roads for the docs, made from the code and the shipped profile."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import override

from workflows.table import page


class Command(BaseCommand):
    help = "Writes the table of all roads as Markdown."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        with override("en"):
            options["file"].write_text(page(), "utf-8")

"""The Chinese catalogue as it is committed, and what the code and templates ask for today."""

import gettext
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.world import world

__all__ = ["world"]

BASE: Path = settings.BASE
PO = BASE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ROOMS = ("casework", "workflows", "templates")


def messages(po: Path, folder: Path) -> dict[str, str]:
    """What gettext finds for each message; an empty or fuzzy one is not found."""
    made = folder / f"{po.stem}.mo"
    subprocess.run(["msgfmt", "-o", str(made), str(po)], check=True)
    with made.open("rb") as file:
        catalogue: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key if isinstance(key, str) else key[0]: said for key, said in catalogue.items() if key}


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """English to Chinese."""
    return messages(PO, tmp_path_factory.mktemp("catalogue"))


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every message of the code and the templates, by the project's own makemessages in a copy of both."""
    copy = tmp_path_factory.mktemp("code")
    for room in ROOMS:
        shutil.copytree(BASE / room, copy / room, ignore=_unread)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        patch.setattr(settings, "LOCALE_PATHS", [str(copy / "locale")])
        call_command("makemessages", locale=["zh_Hans"], verbosity=0)
    po, echo = next(copy.glob("locale/*/LC_MESSAGES/django.po")), copy / "asked.po"
    subprocess.run(["msgen", "-o", str(echo), str(po)], check=True)
    return set(messages(echo, copy))


def _unread(folder: str, names: list[str]) -> set[str]:
    """Fonts and compiled files hold no messages."""
    return {
        name
        for name in names
        if name == "__pycache__"
        or ((Path(folder) / name).is_file() and not name.endswith((".py", ".html")))
    }

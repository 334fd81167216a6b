"""The environment of every test run, set before Django reads its settings (pytest loads this first: `-p`)."""

import os
import subprocess
import tempfile
from pathlib import Path

os.environ["CASEWORK_ENV"] = os.devnull
os.environ.setdefault("SECRET_KEY", "tests-only-0123456789abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("FIELD_KEYS", "tests-only-field-0123456789abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("JOBS", "none")
os.environ["MEDIA_ROOT"] = tempfile.mkdtemp(prefix="casework-tests-")
# the folder of collected static files is missed with a warning, and warnings are errors
Path(__file__).parent.parent.joinpath("var", "static").mkdir(parents=True, exist_ok=True)


def compile_translations() -> None:
    """Make each .mo that is older than its .po, in one move: another run may be reading it."""
    for text in Path(__file__).resolve().parent.parent.glob("locale/*/LC_MESSAGES/*.po"):
        made = text.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime < text.stat().st_mtime:
            fresh = made.with_suffix(f".{os.getpid()}")
            subprocess.run(["msgfmt", "--check-format", "-o", str(fresh), str(text)], check=True)
            fresh.replace(made)


compile_translations()

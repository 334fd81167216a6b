"""The settings of a public server pass Django's own deployment checks."""

import os
import subprocess
import sys

import pytest

from tests.project.tracked import BASE


@pytest.mark.parametrize(("https", "verdict"), [("1", 0), ("0", 1)])
def test_the_deploy_check_is_clean_behind_https_and_only_there(https: str, verdict: int) -> None:
    """WEB-01: check --deploy --fail-level WARNING: warnings = 0."""
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    env = os.environ | {
        "HTTPS": https,
        "ALLOWED_HOSTS": "casework.example",
        "SECRET_KEY": "tests-only-0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
    }
    done = subprocess.run(command, cwd=BASE, env=env, capture_output=True, text=True)
    assert done.returncode == verdict, done.stderr

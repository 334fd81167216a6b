"""The web server's entry point in a clone that never collected its static files: `TESTING` picks the plain storage."""

import pytest  # noqa: F401

from casework.wsgi import application  # noqa: F401

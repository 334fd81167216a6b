"""The oldest versions of libraries that this product may run with (relsec SUP-04)."""

from importlib.metadata import PackageNotFoundError, version

from django.core.exceptions import ImproperlyConfigured
from django.utils.version import get_version_tuple

OLDEST = {
    "weasyprint": (70, 0),  # before, a page could get past our fetcher (CVE-2026-55073)
    "defusedxml": (0, 7),  # openpyxl refuses XML entities only when it is there
    "pillow": (12, 3),  # before, a photo could write beyond its memory
}


def refuse_unsafe_versions() -> None:
    """ImproperlyConfigured when a library is missing or too old: nothing starts then, neither web nor worker."""
    if found := [name for name, oldest in OLDEST.items() if _present(name) < oldest]:
        raise ImproperlyConfigured(
            f"missing or unsafe versions of: {', '.join(found)}. Run bin/setup."
        )


def _present(name: str) -> tuple[int, ...]:
    """The installed version as numbers; of a missing library ()."""
    try:
        return tuple(get_version_tuple(version(name)))
    except PackageNotFoundError:
        return ()

"""What was copied in from elsewhere is what was fetched: nobody edited it by hand (SUP-01)."""

import hashlib
import xml.etree.ElementTree as ET
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent.parent
VENDOR = BASE / "static" / "vendor"


def test_every_vendored_file_has_the_hash_of_the_manifest() -> None:
    lines = [line.split("  ") for line in (VENDOR / "SHA256").read_text().splitlines()]
    listed = {name: digest for digest, name in lines}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "SHA256"
    }
    assert found == listed


def test_the_sprite_holds_exactly_the_icons_of_the_list() -> None:
    symbols = {each.get("id") for each in ET.parse(VENDOR / "icons.svg").getroot()}
    assert symbols == set((BASE / "tools" / "icons.txt").read_text().split())

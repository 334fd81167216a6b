"""Copies the front-end files into the repository: packages by the exact pins of package-lock.json,
one sprite of the icons named in icons.txt, and the SHA256 list that a test compares.

Run with npm at hand: python tools/vendor.py
"""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENDOR = BASE / "static" / "vendor"
SVG = "http://www.w3.org/2000/svg"
ICONS = Path(__file__).with_name("icons.txt")
COPIES = [
    ("bootstrap", "dist/css/bootstrap.min.css", VENDOR / "bootstrap.min.css"),
    ("bootstrap", "LICENSE", VENDOR / "LICENSE.bootstrap"),
    ("@tabler/icons", "LICENSE", VENDOR / "LICENSE.tabler-icons"),
    ("axe-core", "axe.min.js", BASE / "tests" / "data" / "axe.min.js"),
]


class Package:
    """A npm package, fetched once and compared with the hash in package-lock.json."""

    def __init__(self, name: str, locked: dict[str, str], folder: Path) -> None:
        spec = f"{name}@{locked['version']}"
        out = subprocess.run(
            ["npm", "pack", "--json", spec], cwd=folder, check=True, capture_output=True
        )
        path = folder / json.loads(out.stdout)[0]["filename"].replace("@", "").replace("/", "-")
        digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != locked["integrity"]:
            raise SystemExit(f"{spec}: the fetched file differs from package-lock.json")
        self._archive = tarfile.open(path)  # noqa: SIM115  read until the tool ends

    def read(self, member: str) -> bytes:
        file = self._archive.extractfile(f"package/{member}")
        if file is None:
            raise SystemExit(f"{member} is no file of the package")
        return file.read()


def symbol(name: str, svg: bytes) -> ET.Element:
    """One icon as a symbol: shapes only, stroke and colour are the stylesheet's business."""
    made = ET.Element("symbol", id=name, viewBox="0 0 24 24")
    for shape in ET.fromstring(svg):
        if shape.get("stroke") != "none":  # the first path of each icon is its empty frame
            shape.tag = shape.tag.removeprefix(f"{{{SVG}}}")
            shape.tail = None
            made.append(shape)
    return made


def sprite(icons: Package) -> bytes:
    """All icons in one file, used as <svg><use href="…/icons.svg#clock"/></svg>."""
    root = ET.Element("svg", xmlns=SVG)
    for name in ICONS.read_text().split():
        root.append(symbol(name, icons.read(f"icons/outline/{name}.svg")))
    ET.indent(root, "")
    return ET.tostring(root) + b"\n"


def without_map(file: bytes) -> bytes:
    """The file without its pointer to a source map, which collectstatic would miss."""
    return re.sub(rb"\n?/\*# sourceMappingURL=\S+ \*/\n?$", b"\n", file)


def manifest() -> str:
    """`sha256sum -c` reads it: hash, two blanks, file name."""
    files = sorted(path for path in VENDOR.iterdir() if path.name != "SHA256")
    return "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in files)


def main() -> None:
    locked = json.loads((BASE / "package-lock.json").read_text())["packages"]
    VENDOR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        names = {name for name, _, _ in COPIES}
        packages = {
            name: Package(name, locked[f"node_modules/{name}"], Path(folder)) for name in names
        }
        for name, member, target in COPIES:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(without_map(packages[name].read(member)))
        (VENDOR / "icons.svg").write_bytes(sprite(packages["@tabler/icons"]))
    (VENDOR / "SHA256").write_text(manifest())


if __name__ == "__main__":
    main()

"""Prints how long functions and files are, and fails above the hard stops: 60 lines a function, 400 a file."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

BASE = Path(__file__).resolve().parent.parent
FOLDERS = ["casework", "workflows", "tests", "tools", "bench"]
LONGEST_FUNCTION, LONGEST_FILE = 60, 400


def python_files() -> Iterator[Path]:
    """All modules but migrations, which Django writes."""
    for folder in FOLDERS:
        for path in sorted((BASE / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name with place, and lines with signature and docstring, of each function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            yield f"{path.relative_to(BASE)}:{node.lineno} {node.name}", length


def report(what: str, sizes: list[tuple[str, int]], limit: int) -> bool:
    """Print the figures of one kind; whether all keep the limit."""
    lengths = [length for _, length in sizes]
    name, longest = max(sizes, key=lambda each: each[1])
    p90 = quantiles(lengths, n=10)[-1]
    print(
        f"{what}: {len(sizes)}, lines median {median(lengths):g}, p90 {p90:g}, max {longest} ({name})"
    )
    over = [f"{name}: {length} lines, at most {limit}" for name, length in sizes if length > limit]
    print(*over, sep="\n", end="\n" if over else "")
    return not over


def main() -> None:
    files = list(python_files())
    product = [
        path for path in files if path.relative_to(BASE).parts[0] in ("casework", "workflows")
    ]
    good = [
        report("functions", [f for path in product for f in functions(path)], LONGEST_FUNCTION),
        report(
            "functions with tests and tools",
            [f for p in files for f in functions(p)],
            LONGEST_FUNCTION,
        ),
        report(
            "files",
            [(str(p.relative_to(BASE)), len(p.read_text().splitlines())) for p in files],
            LONGEST_FILE,
        ),
    ]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()

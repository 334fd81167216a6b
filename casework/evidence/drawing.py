"""A random sample that anybody can draw again from a published seed and the full list (domain.md 6.2)."""

from hashlib import sha256


def draw(seed: str, population: int, size: int) -> list[int]:
    """The serial numbers drawn from 1 to `population`, in the order in which they were drawn."""

    def lot(serial: int) -> str:
        return sha256(f"{seed}:{serial}".encode()).hexdigest()

    return sorted(range(1, population + 1), key=lot)[:size]

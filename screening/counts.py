"""Counts in sentences: ``1 picture``, ``2 pictures``."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """``count`` with its noun; ``plural`` where it is not the noun with an s."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"

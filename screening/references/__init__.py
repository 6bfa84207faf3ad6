"""Reference sets: the protected material, who holds its rights, and who may use it."""

from screening.references.collection import References
from screening.references.reference_set import (
    Character,
    Licence,
    Name,
    ReferenceSet,
    Status,
)

__all__ = ["Character", "Licence", "Name", "ReferenceSet", "References", "Status"]

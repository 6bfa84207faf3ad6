"""What one pass over a pack may still read: members, and bytes that come out of archives."""

from screening.packs.refusal import MemberRefused
from screening.settings import Limits

RATIO_FREE_BYTES = 1024 * 1024
"""Unpacked bytes that no compression ratio is asked of: a megabyte harms nobody, and captions,
flat drawings and blank pictures stored as BMP pack 1000:1."""


class Budget:
    """Counts down over one pass, nested archives included.

    ``waiting_seconds_left`` are for processes that read a part of the pack; starting one takes half
    a second, and a pack may have a file for 20,000 of them.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.members_left = limits.max_members
        self.waiting_seconds_left = limits.max_pack_seconds
        self._bytes_left = limits.max_unpacked_bytes
        self._bytes_spent = False

    def unpack(self, size_bytes: int) -> None:
        """Counts bytes that came out of an archive; raises MemberRefused over the limit."""
        self._bytes_left -= size_bytes
        if self._bytes_left < 0:
            self._bytes_spent = True
            raise MemberRefused(self._bytes_reason())

    def spent(self) -> str | None:
        """Why no further member of an archive is read, or None."""
        if self._bytes_spent:
            return self._bytes_reason()
        if self.members_left <= 0:
            return self.members_reason()
        return None

    def members_reason(self) -> str:
        return f"a pack may have at most {self.limits.max_members:,} members (max_members)"

    def _bytes_reason(self) -> str:
        limit = self.limits.max_unpacked_bytes
        return f"the archives of a pack may unpack to at most {limit:,} bytes (max_unpacked_bytes)"


class Meter:
    """Watches one compressed stream: ratio of bytes made to bytes taken, and the budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._packed_bytes = 0
        self._unpacked_bytes = 0

    def took(self, packed_bytes: int) -> None:
        self._packed_bytes += packed_bytes

    def made(self, unpacked_bytes: int) -> None:
        """Raises MemberRefused when the stream unpacks to more than the limits allow."""
        self._unpacked_bytes += unpacked_bytes
        check_ratio(self._packed_bytes, self._unpacked_bytes, self._budget.limits)
        self._budget.unpack(unpacked_bytes)


def check_ratio(packed_bytes: int, unpacked_bytes: int, limits: Limits) -> None:
    """Raises MemberRefused where so many bytes out of so few are a decompression bomb."""
    allowed_bytes = max(RATIO_FREE_BYTES, limits.max_compression_ratio * packed_bytes)
    if unpacked_bytes > allowed_bytes:
        raise MemberRefused(
            f"it unpacks to more than {limits.max_compression_ratio} times its size "
            "(max_compression_ratio): a decompression bomb"
        )

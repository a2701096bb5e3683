"""How much one answer may cost: bytes, seconds, redirects and tries."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one question to one site.

    ``wire_bytes`` are counted as they arrive, ``decoded_bytes`` after decompression; ``ratio`` is the most that one
    wire byte may become, looked at only after the first MiB. ``total_seconds`` bounds one try from connecting to the
    last byte, however slowly it drips; ``connect_seconds`` and ``read_seconds`` bound each silence within it. A
    ``Retry-After`` beyond ``retry_after_seconds`` ends the tries at once.
    """

    wire_bytes: int = 64 * MIB
    decoded_bytes: int = 512 * MIB
    ratio: int = 200
    header_bytes: int = 64 * 1024
    total_seconds: float = 60.0
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    redirects: int = 5
    attempts: int = 4
    retry_after_seconds: float = 300.0

"""Names and bytes of the store's own: ids, keys, and what a page said."""

import struct
import zlib
from hashlib import blake2b

import msgspec

from harvest.known import PageMemo, Shape

_encoder = msgspec.msgpack.Encoder()
_memo = msgspec.msgpack.Decoder(PageMemo)
_shape = msgspec.json.Decoder(Shape)


def posting_id(source: str, ref: str) -> str:
    """A posting's id: sixteen letters and digits that follow from its source and reference alone."""
    digest = int.from_bytes(blake2b(f"{source}\n{ref}".encode(), digest_size=10).digest())
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(letters[(digest >> shift) & 31] for shift in range(75, -1, -5))


def pack_memo(memo: PageMemo) -> bytes:
    """What a page said, as bytes."""
    return zlib.compress(_encoder.encode(memo), 1)


def unpack_memo(packed: bytes) -> PageMemo:
    """What a page said."""
    return _memo.decode(zlib.decompress(packed))


def pack_shape(shape: Shape) -> str:
    """What items looked like, as JSON."""
    return msgspec.json.encode(shape).decode()


def unpack_shape(packed: str) -> Shape | None:
    """What items looked like, nothing where it was never kept."""
    return _shape.decode(packed) if packed != "{}" else None


def unpack_keys(packed: bytes) -> tuple[int, ...]:
    """The hashed keys."""
    return struct.unpack(f"<{len(packed) // 8}q", packed)

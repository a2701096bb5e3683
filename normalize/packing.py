"""A posting as bytes, and back: what crosses between processes, and what the store keeps."""

import zlib

import msgspec
from msgspec.structs import replace

from normalize.records import KeptPosting, Posting

_encoder = msgspec.msgpack.Encoder()
_posting = msgspec.msgpack.Decoder(Posting)

LONG = 4096
"""From so many bytes on a posting is compressed: below, it costs more than the disk it saves."""


def pack(posting: Posting) -> bytes:
    """The posting as bytes; long ones compressed to about half."""
    plain = _encoder.encode(posting)
    return b"z" + zlib.compress(plain, 1) if len(plain) > LONG else b"-" + plain


def unpack(packed: bytes) -> Posting:
    """The posting that was packed."""
    return _posting.decode(zlib.decompress(packed[1:]) if packed[:1] == b"z" else packed[1:])


def opened(kept: KeptPosting) -> KeptPosting:
    """The kept posting with its posting to look at."""
    return replace(kept, posting=unpack(kept.posting)) if isinstance(kept.posting, bytes) else kept

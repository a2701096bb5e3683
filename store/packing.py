"""A posting as bytes, and back: the one place where a record becomes a row's blob."""

import zlib
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b

import msgspec

from harvest.records import PageMemo
from normalize.records import Posting

_encoder = msgspec.msgpack.Encoder()
_posting = msgspec.msgpack.Decoder(Posting)
_body = msgspec.msgpack.Decoder(tuple[dict[str, str], dict[str, str]])
_memo = msgspec.msgpack.Decoder(PageMemo)

_NOTHING: Mapping[str, str] = {}


def posting_id(source: str, ref: str) -> str:
    """A posting's id: sixteen letters and digits that follow from its source and reference alone."""
    digest = int.from_bytes(blake2b(f"{source}\n{ref}".encode(), digest_size=10).digest())
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(letters[(digest >> shift) & 31] for shift in range(75, -1, -5))


def pack(posting: Posting) -> tuple[bytes, bytes]:
    """The facts, and the texts compressed."""
    facts = _encoder.encode(replace(posting, html=_NOTHING, plain=_NOTHING))
    return facts, zlib.compress(_encoder.encode((dict(posting.html), dict(posting.plain))), 1)


def unpack(facts: bytes, body: bytes) -> Posting:
    """The posting that was packed. An empty body gives one without texts."""
    posting = _posting.decode(facts)
    if not body:
        return posting
    html, plain = _body.decode(zlib.decompress(body))
    return replace(posting, html=html, plain=plain)


def pack_memo(memo: PageMemo) -> bytes:
    """What a page said, as bytes."""
    return zlib.compress(_encoder.encode(memo), 1)


def unpack_memo(packed: bytes) -> PageMemo:
    """What a page said."""
    return _memo.decode(zlib.decompress(packed))


def hashed(key: str) -> int:
    """A blocking key as 64 signed bits, the same in every process and on every day."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True)

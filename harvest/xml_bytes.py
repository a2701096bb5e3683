"""The bytes of an XML document, made fit for a lenient parser: what it would choke on is mended or told beforehand."""

import re
from collections.abc import Iterator
from typing import IO

MOST_BEGUN = 500
"""For each tag that begins the parser looks for the next end of one, however far it is: 200 kB of <a took it 40 seconds."""

_STEP = 64 * 1024
_LONGEST = 30
_OPEN_END = re.compile(rb"(?:&#\w{1,11};)?&(?:#\w{0,11})?\Z|&#\w{1,11};\Z")
_HALF = rb"&#(?:[xX]0{0,4}[dD][89a-fA-F][0-9a-fA-F]{2}|0{0,4}5(?:529[6-9]|5[3-9]\d\d|6\d{3}|7[0-2]\d\d|73[0-3]\d|734[0-3]));"
_HALVES = re.compile(rb"(?:%b){1,2}" % _HALF)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The document piece by piece, none of which ends within a reference or between two that may be halves of a letter."""
    held = b""
    while piece := file.read(_STEP):
        piece = held + piece
        open_end = _OPEN_END.search(piece[-_LONGEST:])
        held = open_end[0] if open_end else b""
        yield _whole_references(piece[: len(piece) - len(held)])
    yield _whole_references(held)


def tags_begun(chunk: bytes, before: int) -> tuple[int, int]:
    """The most tags that begin in the chunk without an end between them, and how many have begun at its end; ``before`` had
    when it began."""
    counts = [part.count(b"<") for part in chunk.split(b">")]
    counts[0] += before
    return max(counts), counts[-1]


def _whole_references(chunk: bytes) -> bytes:
    """References to halves of a letter, as ``&#55357;&#56832;`` for an emoji, as the letter, and a lone one as a mark: the
    parser lets them through, and gives nothing of a text that has one."""
    if b"&#" not in chunk:
        return chunk
    return _HALVES.sub(lambda hit: b"&#%d;" % _letter(hit[0]), chunk)


def _letter(references: bytes) -> int:
    halves = [int(one[1:], 16) if one[:1] in b"xX" else int(one) for one in re.findall(rb"&#(\w+);", references)]
    if len(halves) == 2 and halves[0] < 0xDC00 <= halves[1]:
        return 0x10000 + (halves[0] - 0xD800) * 0x400 + halves[1] - 0xDC00
    return 0xFFFD

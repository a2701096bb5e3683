"""Whether mark-up would take a parser minutes, told before one sees it: those of HTML are slow on what is no honest page."""

import re
from collections import Counter

MOST_WORK = 8_000_000
"""An honest page of 20,000 tags has a tenth of it; at most this much takes a parser half a second."""
_SHORT = 16_000
"""Characters of a text that is quick whatever stands in it, if it has at most so many tags:"""
_FEW = 600

_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*)((?:[^>=]++|=\s*+(?:"[^"]*"|'[^']*')?)*+)""")
_SEPARATOR = re.compile(r"""[\s/]+|["'](?=[^\s/>])""")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_ALONE = frozenset({"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "link",
                    "meta", "param", "source", "track", "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td",
                    "th", "tbody", "thead", "tfoot", "caption", "colgroup", "rb", "rt", "rtc", "rp", "html", "head",
                    "body"})  # fmt: skip
"""Elements that hold none, and those that end where the next of them begins: they go no deeper by themselves."""
_ONCE = frozenset({"a", "button", "nobr", "form", "select", "h1", "h2", "h3", "h4", "h5", "h6"})
"""Elements that end where another of the same begins, unless something between them counts."""
_CARRIED = frozenset({"b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"})
"""Elements that are opened again in each block that begins before they end, each with its attributes."""


def is_too_much(text: str) -> bool:
    """Whether tags are so deep within each other, or attributes so many, that taking ``text`` apart could take minutes.

    What it costs grows with how many elements are open at each tag (ten times as much for those that are carried into the next
    block), and with the square of the attributes of one tag. Scripts and comments are counted as if they were none: to
    tell them apart as a parser does, one would have to be one.
    """
    if len(text) < _SHORT and text.count("<") <= _FEW:
        return False
    work = depth = 0
    opened: Counter[str] = Counter()
    for tag in _TAG.finditer(text):
        closing, name, rest = tag.groups()
        if len(rest) > 1_000:
            work += len(_SEPARATOR.findall(_QUOTED.sub("x", rest))) ** 2 // 6
        work += depth
        if work > MOST_WORK:
            return True
        name = name.lower()
        if name in _ALONE:
            continue
        weight = 10 if name in _CARRIED else 1
        if closing:
            if opened[name]:
                opened[name] -= 1
                depth -= weight
        elif not (name in _ONCE and opened[name]):
            opened[name] += 1
            depth += weight
    return False

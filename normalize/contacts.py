"""Telephone numbers and e-mail addresses in what a source says: never a field of ours, and never quoted."""

import re

from harvest import secret

_EMAIL = re.compile(r"(?i)[\w.+-]{1,64}(?:@|\(at\)|\[at\])[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(
    r"(?i)(?:\b(?:puh|p|tel|tfn|gsm|phone)\b[.:]{0,2}\s{0,2}\(?(?=[+0])|\+(?=358))[+\d][\d ()-]{5,20}\d"
)
_LIKE_EMAIL = re.compile(r"(?i)[\w.+-]{1,64}(?: ?(?:\(at\)|\[at\]|\(a\)|\(ät\)) ?(?=[\w-]+\.\w)|@|%40)[\w.-]{0,200}")
"""Also one whose end was cut off."""
_LIKE_PHONE = re.compile(
    r"(?<![\w/=.,:+-])(?:00358[ -]?(?:\(0\))?[1-9]|\(?0(?:4\d|50|[1-9]\d?(?=\)?[ -])))\)?(?:[ -]?\d){5,9}(?![\w/=]|-\d|[.,:]\d)"
)
"""Also one without a word before it: a mobile's, or one with its area apart. Not a date, a code, or part of an address."""


def without_contacts(said: str) -> str:
    """A field's value without them: empty when it was nothing else. A number counts only where a word or its country
    names it, since a field may well hold another number."""
    if "@" in said or "(at)" in said or "[at]" in said:
        said = _EMAIL.sub("", said).strip(" ,;:()<>")
    if "0" in said and sum(map(str.isdigit, said)) >= 7:
        said = _PHONE.sub("", said).strip(" ,;:()")
    return said


def masked(said: str) -> str:
    """What is quoted, with ``[e-mail]`` and ``[phone]`` in their places, and without the keys that addresses hold. Here
    what looks like a contact counts too: a quotation loses little by it. Two values that differ in these only come out
    alike."""
    said = secret.masked(said)
    if "@" in said or "%40" in said or "(" in said or "[" in said:
        said = _LIKE_EMAIL.sub("[e-mail]", said)
    if "0" in said and sum(map(str.isdigit, said)) >= 7:
        said = _LIKE_PHONE.sub("[phone]", _PHONE.sub("[phone]", said))
    return said

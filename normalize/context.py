"""What stands around a name in a text, worked out when a rule asks for it."""

from typing import TYPE_CHECKING

from normalize import surroundings as words
from normalize.gazetteer.records import Form
from normalize.gazetteer.tables import gazetteer

NEAR = 60
"""So many characters on both sides are looked at for words beside a name; the sentence may reach further."""
FAR = 220
ABROAD, NOTHING = frozenset(["abroad"]), frozenset[str]()
LONGEST_JOINT = 20
"""Between two names of a list stands no more than a comma, a word and some space."""
HEADING = 90
"""A line no longer than this, without a full stop, is a heading or an entry of a list."""


if TYPE_CHECKING:
    from functools import cached_property as once
else:

    class once:  # noqa: N801
        """A property that is worked out once. Python's own takes a lock for it before 3.12, at twice the price."""

        def __init__(self, work):
            self.work = work

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, one, owner=None):
            said = one.__dict__[self.name] = self.work(one)
            return said


class Context:
    """A name in a text: the form, what its name may mean beside (``classes``), and its surroundings."""

    def __init__(self, text: str, start: int, end: int, form: Form, shouting: bool = False, language: str = "") -> None:
        self.text, self.start, self.end, self.form = text, start, end, form
        self.shouting, self.language = shouting, language
        self.classes = gazetteer().classes_of(form.name) if form.codes else ABROAD if form.bucket else NOTHING
        self.before, self.after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
        self.left: Context | None = None
        self.right: Context | None = None
        """The names before and after it in the text."""

    @once
    def previous(self) -> str:
        """The word before, with nothing but a space between."""
        if self.before[-1:] not in (" ", "\u00a0"):
            return ""
        parts = self.before.rsplit(None, 1)
        word = parts[-1].lstrip("\"'”“»(") if parts else ""
        return word if words.WORD.fullmatch(word) else ""

    @once
    def following(self) -> str:
        """The word after, with nothing but a space between."""
        found = words.NEXT_WORD.match(self.after)
        return found.group(1) if found else ""

    @once
    def begins(self) -> bool:
        """Whether it is the first word of its sentence or line."""
        before = self.before.rstrip(" \u00a0\"'”“»’(*–-•·")
        return not before or before[-1] in ".!?:\n\r\t" or (before != self.before and before[-1] in "|")

    @once
    def line(self) -> str:
        """Its line."""
        first = self.text.rfind("\n", 0, self.start) + 1
        last = self.text.find("\n", self.end)
        return self.text[first : last if last >= 0 else len(self.text)]

    @once
    def sentence(self) -> str:
        """Its sentence as far as it is near, in small letters."""
        text, start, end = self.text, self.start, self.end
        before = text[max(0, start - FAR) : start]
        first = max(before.rfind(". "), before.rfind("! "), before.rfind("? "), before.rfind("\n")) + 1
        stop = words.SENTENCE_END.search(text, end, end + FAR)
        return (before[first:] + text[start : stop.start() if stop else end + FAR]).lower()

    @once
    def in_heading(self) -> bool:
        """Whether it stands in a heading or an entry of a list, which are no sentences."""
        line = self.line.strip()
        return (
            len(line) <= HEADING and (not line.endswith((".", "!", "?")) or line.count(" ") < 3) and " . " not in line
        )

    @once
    def own(self) -> bool:
        """Whether it is a part of its own: between line ends, commas, dashes, brackets, or *and* beside another name."""
        before = self.before.rstrip(" \u00a0*")
        begins = not before or before[-1] in words.PART_ENDS or self.listed_left
        return begins and (bool(words.PART_AFTER.match(self.after)) or self.listed_right)

    @once
    def ends_line(self) -> bool:
        """Whether nothing follows it in its line."""
        return not words.REST_OF_LINE.match(self.after)

    @once
    def listed_left(self) -> bool:
        """Whether another name stands before it in a list."""
        left = self.left
        if left is None or self.start - left.end > LONGEST_JOINT:
            return False
        return bool(words.JOINT.fullmatch(self.text, left.end, self.start))

    @once
    def listed_right(self) -> bool:
        """Whether another name follows it in a list."""
        return self.right is not None and self.right.listed_left

    @once
    def company_of_towns(self) -> bool:
        """Whether it stands in a list with a name that means nothing else, or in a list of three or more that are not all
        first names."""
        left, right, seen, first = self, self, 0, self.is_first_name
        while left.listed_left and left.left is not None:
            left, seen = left.left, seen + 1
            if not left.classes:
                return True
            first = first and left.is_first_name
        while right.listed_right and right.right is not None:
            right, seen = right.right, seen + 1
            if not right.classes:
                return True
            first = first and right.is_first_name
        return seen >= 2 and not first

    @once
    def is_first_name(self) -> bool:
        """Whether people are called so by their first names."""
        return "firstname" in self.classes or "given" in self.classes

    @once
    def introduced(self) -> str:
        """What stands before it and ends in a colon or the like, or before the list that it is in."""
        first = self
        while first.listed_left and first.left is not None:
            first = first.left
        before = first.before.rstrip()
        return before if before[-1:] in words.LABEL_ENDS else ""

    @once
    def has_label(self) -> bool:
        """Whether a label such as *Paikkakunta:* introduces it."""
        return bool(self.introduced) and bool(words.LABEL.search(self.introduced))

    @once
    def labelled(self) -> bool:
        """The same, or words about work with a colon: *Keikkoja tarjolla:*."""
        if not self.introduced:
            return False
        if self.has_label or not self.introduced.endswith(":"):
            return self.has_label
        said = self.introduced[self.introduced.rfind("\n") + 1 :].lower()
        return words.WORK.within(said) and not words.CONTACT.within(said)

    @once
    def town_word(self) -> bool:
        """Whether a word for a town follows: *kaupunki*, *kunnan*, *seudulla*, *stad*."""
        return bool(words.TOWN.match(self.following)) or (
            self.form.case == "nom"
            and self.previous in ("of", "kaupunki", "staden", "kommunen")
            and bool(words.TOWN_OF.search(self.before))
        )

    @once
    def vouched(self) -> bool:
        """Whether something beside it says that it is a place."""
        return self.town_word or self.labelled or self.company_of_towns or self.own_in_heading

    @once
    def own_in_heading(self) -> bool:
        """Whether it ends a heading as a part of its own, and the heading tells of no person."""
        return self.own and self.ends_line and self.in_heading and not words.CONTACT.within(self.line.lower())

    @once
    def preposition(self) -> bool:
        """Whether a Swedish or English preposition of place stands before it."""
        before = self.previous.lower()
        if before in words.WHOLE:
            found = words.WORD_BEFORE_LAST.search(self.before)
            before = found.group(1).lower() if found else ""
        return before in words.PREPOSITIONS

    @once
    def local(self) -> bool:
        """Whether its case or its preposition says where or whither."""
        if self.form.local:
            return self.form.right
        return self.form.case == "nom" and self.preposition

    @once
    def at_work(self) -> bool:
        """Whether its sentence tells where the work is, and not of an interview, a head office or the like."""
        return words.WORK.within(self.sentence) and not words.ELSEWHERE.within(self.sentence)

    @once
    def first_name_before(self) -> bool:
        """Whether a first name or an initial stands before it, and no word for a house of that name before that."""
        before = self.previous
        if not before or not (words.INITIAL.fullmatch(before) or gazetteer().is_first_name(before)):
            return False
        house = words.WORD_BEFORE_LAST.search(self.before)
        return not (house and words.HOUSE.match(house.group(1)))

"""What stands around a name and what it says: one visible table of rules, the first that applies decides.

A rule refuses the name, or gives it its weight as evidence of where the work is: from 0.55 it says so plainly, from 0.4 it
is named in a case that says where, below 0.1 it never decides. Each rule has examples, the name in brackets;
the tests read them."""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from normalize import surroundings as words
from normalize.gazetteer.records import Form
from normalize.gazetteer.tables import gazetteer

NEAR = 60
"""So many characters on both sides are looked at for words beside a name; the sentence may reach further."""
FAR = 220
HEADING = 90
"""A line no longer than this, without a full stop, is a heading or an entry of a list."""


class Context:
    """A name in a text: the form, what its name may mean beside (``classes``), and its surroundings."""

    def __init__(self, text: str, start: int, end: int, form: Form, shouting: bool) -> None:
        self.text, self.start, self.end, self.form, self.shouting = text, start, end, form, shouting
        self.classes = gazetteer().classes(form.codes[0]) if form.codes else frozenset[str]()
        self.before, self.after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
        self.left: Context | None = None
        self.right: Context | None = None
        """The names before and after it in the text."""

    @cached_property
    def previous(self) -> str:
        """The word before, with nothing but a space between."""
        said = self.before[-1:]
        if said not in (" ", "\u00a0"):
            return ""
        found = words.LAST_WORD.search(self.before[-30:])
        return found.group(1) if found else ""

    @cached_property
    def following(self) -> str:
        """The word after, with nothing but a space between."""
        found = words.NEXT_WORD.match(self.after)
        return found.group(1) if found else ""

    @cached_property
    def begins(self) -> bool:
        """Whether it is the first word of its sentence or line."""
        before = self.before.rstrip(" \u00a0\"'”“»’(*–-•·")
        return not before or before[-1] in ".!?:\n\r\t" or (before != self.before and before[-1] in "|")

    @cached_property
    def line(self) -> str:
        """Its line."""
        first = self.text.rfind("\n", 0, self.start) + 1
        last = self.text.find("\n", self.end)
        return self.text[first : last if last >= 0 else len(self.text)]

    @cached_property
    def sentence(self) -> str:
        """Its sentence as far as it is near, in small letters."""
        floor = max(0, self.start - FAR)
        first = max(floor, *(self.text.rfind(mark, floor, self.start) + 1 for mark in words.SENTENCE_ENDS))
        ends = [at for mark in words.SENTENCE_ENDS if (at := self.text.find(mark, self.end, self.end + FAR)) >= 0]
        return self.text[first : min(ends, default=self.end + FAR)].lower()

    @cached_property
    def in_heading(self) -> bool:
        """Whether it stands in a heading or an entry of a list, which are no sentences."""
        line = self.line.strip()
        return (
            len(line) <= HEADING and (not line.endswith((".", "!", "?")) or line.count(" ") < 4) and " . " not in line
        )

    @cached_property
    def own(self) -> bool:
        """Whether it is a part of its own: between line ends, commas, dashes, brackets, or *and* beside another name."""
        begins = bool(words.PART_BEFORE.search(self.before)) or self.listed_left
        return begins and (bool(words.PART_AFTER.match(self.after)) or self.listed_right)

    @cached_property
    def ends_line(self) -> bool:
        """Whether nothing follows it in its line."""
        return not words.REST_OF_LINE.match(self.after)

    @cached_property
    def listed_left(self) -> bool:
        """Whether another name stands before it in a list."""
        return self.left is not None and bool(words.JOINT.fullmatch(self.text[self.left.end : self.start]))

    @cached_property
    def listed_right(self) -> bool:
        """Whether another name follows it in a list."""
        return self.right is not None and bool(words.JOINT.fullmatch(self.text[self.end : self.right.start]))

    @cached_property
    def company_of_towns(self) -> bool:
        """Whether it stands in a list with a name that means nothing else, or in a list of three or more."""
        left, right, seen = self, self, 0
        while left.listed_left and left.left is not None:
            left, seen = left.left, seen + 1
            if not left.classes:
                return True
        while right.listed_right and right.right is not None:
            right, seen = right.right, seen + 1
            if not right.classes:
                return True
        return seen >= 2

    @cached_property
    def labelled(self) -> bool:
        """Whether a label such as *Paikkakunta:* stands before it, or before the list it is in."""
        first = self
        while first.listed_left and first.left is not None:
            first = first.left
        return bool(words.LABEL.search(first.before))

    @cached_property
    def town_word(self) -> bool:
        """Whether a word for a town follows: *kaupunki*, *kunnan*, *seudulla*, *stad*."""
        return bool(words.TOWN.match(self.following)) or bool(words.TOWN_OF.search(self.before))

    @cached_property
    def vouched(self) -> bool:
        """Whether something beside it says that it is a place."""
        return self.town_word or self.labelled or self.company_of_towns or self.own_in_heading

    @cached_property
    def own_in_heading(self) -> bool:
        """Whether it ends a heading as a part of its own, and the heading tells of no person."""
        return self.own and self.ends_line and self.in_heading and not words.CONTACT.search(self.line)

    @cached_property
    def preposition(self) -> bool:
        """Whether a Swedish or English preposition of place stands before it."""
        return self.previous in words.PREPOSITIONS

    @cached_property
    def local(self) -> bool:
        """Whether its case or its preposition says where or whither."""
        if self.form.local:
            return self.form.right
        return self.form.case == "nom" and self.preposition

    @cached_property
    def at_work(self) -> bool:
        """Whether its sentence tells where the work is, and not of an interview, a head office or the like."""
        return bool(words.WORK.search(self.sentence)) and not words.ELSEWHERE.search(self.sentence)

    @cached_property
    def first_name_before(self) -> bool:
        """Whether a first name or an initial stands before it, and no word for a house of that name before that."""
        before = self.previous
        if not before or not (words.INITIAL.fullmatch(before) or gazetteer().is_first_name(before)):
            return False
        house = words.WORD_BEFORE_LAST.search(self.before)
        return not (house and words.HOUSE.match(house.group(1)))


Test = Callable[[Context], bool]


class Rule(NamedTuple):
    """``when`` it applies to a name, ``classes`` of names it is for (all if empty), and its ``weight``; none refuses the
    name, and ``says`` is why."""

    name: str
    classes: frozenset[str]
    when: Test
    weight: float
    says: str
    examples: tuple[str, ...]


def _rule(name: str, classes: str, when: Test, weight: float, says: str, *examples: str) -> Rule:
    return Rule(name, frozenset(classes.split()), when, weight, says, examples)


FIRST = "firstname"
ANY = "person word company firstname given"

RULES: tuple[Rule, ...] = (
    _rule("street", "", lambda c: bool(words.STREET.match(c.after)), 0, "a street",
          "Käyntiosoite on [Porvoon] katu 4.", "Osoite: Vanha [Turun] tie 12"),
    _rule("shouting", ANY, lambda c: c.shouting and not c.labelled and not c.town_word, 0,
          "all in capitals, and the name has another meaning", "LÄHIHOITAJA, [SALO]"),
    _rule("thing called so", "", lambda c: bool(words.CALLED_SO.match(c.after)), 0, "something else of that name",
          "Käytössä on [Imatra]-niminen järjestelmä."),
    _rule("company name", "", lambda c: c.form.case == "nom" and bool(words.COMPANY_FORM.match(c.following)), 0,
          "a company of that name", "Tuotteet valmistaa [Raisio] Oyj."),
    _rule("newspaper", "", lambda c: bool(words.NEWSPAPER.match(c.following)), 0.05, "",
          "Ilmoitus on julkaistu [Helsingin] Sanomissa."),
    _rule("authority", "", lambda c: bool(words.AUTHORITY.match(c.following)), 0.05, "",
          "Ilmoituksen jätti [Uudenmaan] TE-toimisto.", "[Etelä-Savon] ELY-keskus tiedottaa."),
    _rule("after a first name", "person firstname given", lambda c: c.first_name_before
          and not (c.form.right and c.form.case in ("ine", "ela", "ill")) and not c.preposition, 0,
          "a surname after a first name", "Lisätietoja antaa Matti [Salo].", "Soita esihenkilö Anna [Lahdelle]."),
    _rule("after a first name", "", lambda c: c.form.case == "nom" and c.first_name_before and not c.town_word
          and not c.in_heading, 0, "a surname after a first name", "Lisätietoja antaa Pekka [Kokkola] puhelimitse."),
    _rule("double name", "person firstname given", lambda c: _is_double_name(c), 0, "a part of a person's name",
          "Kiitos kuuluu Eeva [Salo]-Virtaselle ja muille.", "Yhteyshenkilönä on Maija Koskinen-[Lahti]."),
    _rule("title of a person", "person firstname given", lambda c: c.form.case == "nom"
          and bool(words.PERSON_TITLE.fullmatch(c.previous)) and not c.own_in_heading
          and not (c.in_heading and c.ends_line and not words.CONTACT.search(c.line)), 0, "a surname after a title",
          "Lisätietoja antaa palvelupäällikkö [Salo]."),
    _rule("verb of a person", "person firstname given", lambda c: c.form.case == "nom"
          and bool(words.PERSON_VERB.match(c.following)), 0, "a person does what the verb says",
          "Työ on vaihtelevaa, [Salo] kertoo."),
    _rule("telephone", "person firstname given", lambda c: bool(words.TELEPHONE.match(c.after)) and not c.labelled, 0,
          "a person with a telephone number", "Lisätietoja: [Lahti], puh. 040 123"),
    _rule("contact", "person firstname given", lambda c: c.form.case == "nom" and c.own
          and bool(words.CONTACT.search(c.before)), 0, "a person to ask", "Lisätietoja antaa [Lahti]."),
    _rule("surname in -nen", "plural", lambda c: c.form.case == "nom" and "person" in c.classes
          and c.form.name.endswith("nen") and not c.vouched and not (c.own and c.in_heading), 0,
          "a surname, and nothing says that the place is meant", "[Nousiainen] luennoi aiheesta."),
    _rule("wrong local case", ANY, lambda c: c.form.local and not c.form.right and bool(c.form.codes), 0,
          "the name does not use this series of local cases", "Työskentelin [Nokiassa] kymmenen vuotta.",
          "Annoin neuleen [Sallalle]."),
    _rule("company", "company", lambda c: not (c.town_word or c.labelled or c.company_of_towns or _is_at(c)
          or (c.form.case == "gen" and bool(words.PUBLIC.match(c.following.lower())))), 0,
          "also a company, and nothing says that the town is meant", "Kumppanimme on [Nokia].",
          "Kokemusta [Nokialta] arvostetaan."),
    _rule("first name", FIRST, lambda c: not (c.local or c.vouched or _has_part(c)), 0,
          "also a first name, and nothing says that the place is meant", "Tiimissäsi ovat [Salla] ja Jonna.",
          "Pääset [Simon] opastukseen."),
    _rule("given name", "given", lambda c: (c.form.case == "nom" and not (c.vouched or c.own or c.local))
          or (c.form.case == "gen" and bool(words.WITH_PERSON.match(c.following))), 0,
          "also a first name, and nothing says that the place is meant", "[Kaarina] opastaa sinut työhön.",
          "Työskentelet [Kaarinan] kanssa."),
    _rule("old name and a word", "word", lambda c: c.form.old and not (c.vouched or (c.local and not c.begins)
          or (c.form.case == "gen" and not c.begins and bool(words.CAPITAL.match(c.following)))), 0,
          "an old name that is also a word, and nothing says that the place is meant", "[Pohjasta] roikkuvat johdot."),
    _rule("word that begins a sentence", "word", lambda c: c.begins and not (c.local or c.vouched or _has_part(c)), 0,
          "also a word, and it begins a sentence", "[Kannus] vettä kuuluu hintaan.", "[Varkaus] ilmoitettiin heti."),
    _rule("town word", "", lambda c: c.town_word, 0.55, "", "[Vantaan] kaupunki hakee.", "Työskentelet [Oulun] seudulla.",
          "[Esbo] stad söker en lärare."),
    _rule("label", "", lambda c: c.labelled, 0.65, "", "Paikkakunta: [Salo]", "Työpaikka: Turku, [Kaarina]"),
    _rule("workplace", "", lambda c: c.form.case == "gen" and bool(words.WORKPLACE.match(c.following))
          and not words.ELSEWHERE.search(c.sentence), 0.65, "", "Haemme kokkia [Espoon] toimipisteeseen."),
    _rule("place of work", "", lambda c: (c.local or _has_part(c)) and c.at_work, 0.65, "",
          "Työpaikka sijaitsee [Mikkelissä].", "Haemme siivoojaa [Vantaalle].", "Arbetsplatsen finns i [Vasa]."),
    _rule("part of its own", "", lambda c: c.form.case == "nom" and c.own and c.in_heading, 0.6, "",
          "Sairaanhoitaja, [Mikkeli]"),
    _rule("heading", "", lambda c: c.local and c.in_heading, 0.6, "", "Lähihoitaja [Vantaalle]"),
    _rule("local case", "", lambda c: c.local, 0.45, "", "Asiakkaitamme on [Tampereella]."),
    _rule("named part", "", lambda c: c.form.case == "gen" and _has_part(c), 0.45, "", "[Helsingin] Pasilassa on vilinää."),
    _rule("genitive", "", lambda c: c.form.case == "gen", 0.25, "", "Teemme yhteistyötä [Turun] yliopiston kanssa."),
    _rule("name", "", lambda _: True, 0.25, "", "Kaupungeista kiinnostavat [Espoo] ja Kuopio."),
)  # fmt: skip


def _is_double_name(context: Context) -> bool:
    """Whether a hyphen ties it to a capital word that is no place and no point of the compass."""
    if context.before.endswith("-") and (found := words.HYPHENATED_BEFORE.search(context.before)):
        first = found.group(1)
        return not words.COMPASS.fullmatch(first) and not gazetteer().forms(first)
    found = words.HYPHENATED_AFTER.match(context.after)
    return bool(found) and not gazetteer().forms(found.group(1)) if found else False


def _is_at(context: Context) -> bool:
    """For a town that is also a company: its own local case where the work is told of, or at the end of a heading."""
    if not context.form.right:
        return False
    if context.form.case in ("all", "ade", "ine", "ill") and context.in_heading and context.ends_line:
        return True
    return bool(words.SITUATED.search(context.sentence))


def _has_part(context: Context) -> bool:
    """Whether a genitive is followed by a part of the municipality with a capital: *Vantaan Tikkurilassa*."""
    if context.form.case != "gen" or not words.CAPITAL.match(context.following):
        return False
    return gazetteer().has_part(context.form.codes[0], context.following) if context.form.codes else False


def judged(context: Context) -> Rule:
    """The rule that decides about a name."""
    for rule in RULES_FOR[context.classes] if context.classes in RULES_FOR else _rules_for(context.classes):
        if rule.when(context):
            return rule
    raise AssertionError("the last rule applies to every name")


def _rules_for(classes: frozenset[str]) -> tuple[Rule, ...]:
    found = RULES_FOR[classes] = tuple(rule for rule in RULES if not rule.classes or rule.classes & classes)
    return found


RULES_FOR: dict[frozenset[str], tuple[Rule, ...]] = {}
"""The rules for each kind of name: a name that means nothing else meets few."""

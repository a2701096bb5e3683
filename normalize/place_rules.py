"""When a name in a text is a place, and what it says: one visible table of rules, the first that applies decides.

A rule refuses the name, or gives it its weight as evidence of where the work is: :data:`PLAINLY`, :data:`SAID` and
:data:`TOLD` say what a weight means. Each has examples, the name in brackets; the tests read them."""

from collections.abc import Callable
from typing import NamedTuple

from normalize import surroundings as words
from normalize.context import Context
from normalize.gazetteer.tables import gazetteer

Test = Callable[[Context], bool]

PLAINLY = 0.55
"""From this weight on a name in a text says plainly where the work is, and speaks alone; what the text names otherwise is
heard only without that."""
SAID = 0.4
"""From this weight on a name stands in a case that says where; a lighter one (*Turun yliopisto*) is told, and decides
nothing."""
TOLD = 0.1
"""What weighs less is the name of something else (a newspaper, an authority), whatever stands beside it."""


class Rule(NamedTuple):
    """``when`` it applies to a name, ``classes`` of names and ``cases`` it is for (all if empty), and its ``weight``; none
    refuses the name, and ``says`` is why."""

    name: str
    classes: frozenset[str]
    cases: frozenset[str]
    when: Test
    weight: float
    says: str
    examples: tuple[str, ...]


def _rule(name: str, names: str, when: Test, weight: float, says: str, *examples: str) -> Rule:
    """A row of the table; ``names`` are the classes and, behind a stroke, the cases."""
    classes, _, cases = names.partition("/")
    return Rule(name, frozenset(classes.split()), frozenset(cases.split()), when, weight, says, examples)


FIRST = "firstname"
ANY = "person word company firstname given"

RULES: tuple[Rule, ...] = (
    _rule("street", "/nom gen", lambda c: bool(words.STREET.match(c.after)), 0, "a street",
          "Käyntiosoite on [Porvoon] katu 4.", "Osoite: Vanha [Turun] tie 12"),
    _rule("shouting", ANY, lambda c: c.shouting and not c.labelled and not c.town_word, 0,
          "all in capitals, and the name has another meaning", "LÄHIHOITAJA, [SALO]"),
    _rule("thing called so", "/nom gen", lambda c: bool(words.CALLED_SO.match(c.after)), 0, "something else of that name",
          "Käytössä on [Imatra]-niminen järjestelmä.", "Huollamme [Hamina]-sarjan koneita."),
    _rule("numbered thing", "/nom", lambda c: bool(words.NUMBERED.match(c.after)), 0, "something else of that name",
          "Harjoitus [Hamina] 21 -leirillä sujui."),
    _rule("named thing", "/nom gen", lambda c: _is_named_thing(c), 0,
          "a ship, an animal or another thing of that name", "M/S [Hanko] lähtee rannasta.", "Höyrylaiva [Mikkelin] miehistö.",
          "Hevosemme [Kuopio] odottaa.", "Fartyget [Vasa] seglar."),
    _rule("another of its name", "", lambda c: (c.before.endswith("l. ") and bool(words.PROVINCE_BEFORE.search(c.before)))
          or c.following in words.PROVINCES, 0, "another municipality of that name, once in another province",
          "Rata kulkee U.l. [Pyhäjärven] kautta.", "Kirkko on vihitty [Koski] Hl:n aikana."),
    _rule("part of another name", "/gen", lambda c: c.before[-1:] == "-" and bool(c.form.codes)
          and bool(words.OTHER_COMMUNE.match(c.following)), 0, "a municipality of a longer name",
          "Kylä kuului Pohjois-[Hollolan] kuntaan."),
    _rule("water", "", lambda c: c.form.name.endswith(words.WATERS) and bool(c.form.codes) and _is_water(c), 0,
          "a lake or a river of that name", "[Pudasjärven] jäällä on latu.", "[Pyhäjoki] virtaa kylän läpi.",
          "[Haapajärvellä] melotaan kesäisin."),
    _rule("idiom", "/gen", lambda c: bool(words.IDIOM.match(c.text, c.start)), 0, "a part of a saying",
          "[Lopen] uupunut? Meillä työajat joustavat."),
    _rule("Swedish name", "/nom", lambda c: c.language == "fi" and c.form.language != "fi"
          and not (c.vouched or c.own or c.preposition), 0, "a Swedish name in a Finnish text, and nothing vouches for it",
          "Ostokset tehdään kauppakeskus [Itis] mielessä."),
    _rule("company name", "/nom gen", lambda c: bool(words.COMPANY_FORM.match(c.following)), 0,
          "a company of that name", "Tuotteet valmistaa [Raisio] Oyj.", "Leivät toimittaa [Vaasan] Oy."),
    _rule("newspaper", "/nom gen", lambda c: bool(words.NEWSPAPER.match(c.following)), 0.05, "",
          "Ilmoitus on julkaistu [Helsingin] Sanomissa."),
    _rule("authority", "/nom gen", lambda c: bool(words.AUTHORITY.match(c.following)), 0.05, "",
          "Ilmoituksen jätti [Uudenmaan] TE-toimisto.", "[Etelä-Savon] ELY-keskus tiedottaa."),
    _rule("after a first name", "person firstname given", lambda c: c.first_name_before
          and not (c.form.right and c.form.case in ("ine", "ela", "ill")) and not c.preposition, 0,
          "a surname after a first name", "Lisätietoja antaa Matti [Salo].", "Soita esihenkilö Anna [Lahdelle]."),
    _rule("after a first name", "", lambda c: (c.form.case == "nom" or c.text[c.start : c.end] in words.PARTITIVES)
          and c.first_name_before and not c.town_word, 0, "a surname after a first name",
          "Lisätietoja antaa Pekka [Kokkola] puhelimitse.", "Juristi Juha [Turusta] haastateltiin."),
    _rule("before a first name", "person/nom", lambda c: not c.listed_right
          and _is_before_first_name(c), 0,
          "a surname before a first name", "Opettajana [Lahti] Mikko.", "Osallistujat: [Salo], Matti"),
    _rule("according to", "person firstname given", lambda c: c.form.case == "gen"
          and bool(words.ACCORDING.match(c.following)), 0, "a person who says something", "[Salon] mukaan työ on mukavaa."),
    _rule("double name", "person firstname given", lambda c: _is_double_name(c), 0, "a part of a person's name",
          "Kiitos kuuluu [Salo]-Virtaselle ja muille.", "Yhteyshenkilönä on Maija Koskinen-[Lahti]."),
    _rule("title of a person", "person firstname given", lambda c: c.form.case == "nom"
          and bool(words.PERSON_TITLE.fullmatch(c.previous)) and not c.own_in_heading
          and not (c.in_heading and c.ends_line and not words.CONTACT.within(c.line.lower())), 0, "a surname after a title",
          "Lisätietoja antaa palvelupäällikkö [Salo]."),
    _rule("verb of a person", "person firstname given", lambda c: c.form.case == "nom"
          and bool(words.PERSON_VERB.match(_last_of_list(c).following)), 0, "a person does what the verb says",
          "Työ on vaihtelevaa, [Salo] kertoo.", "[Salo] ja Lahti kertovat työstään."),
    _rule("telephone", "person firstname given", lambda c: bool(words.TELEPHONE.match(c.after)) and not c.labelled, 0,
          "a person with a telephone number", "Lisätietoja: [Lahti], puh. 040 123"),
    _rule("contact", "person firstname given/nom", lambda c: not c.company_of_towns and not c.labelled
          and words.CONTACT.within(words.CLAUSE.split(c.before)[-1].lower()), 0, "a person to ask",
          "Lisätietoja antaa [Lahti].", "Yhteyshenkilö: [Salo]"),
    _rule("trade of a person", "person firstname given/nom", lambda c: not c.in_heading
          and c.following.islower() and bool(words.OF_TRADE.fullmatch(c.previous)) and not c.listed_right, 0,
          "a surname after a trade", "Taidot opettaa leipurimestari [Salo] omalla tavallaan joka arkiaamu."),
    _rule("kin and farm", "person firstname given/gen", lambda c: bool(words.KIN.match(c.following)), 0,
          "a family or a farm of that name", "[Lahden] suku perusti sahan.", "[Lammin] tila tuottaa maitoa."),
    _rule("to be asked", "person firstname given/all abl", lambda c: not words.WORKPLACE.match(c.following)
          and (words.ASK.within(words.CLAUSE.split(c.before)[-1].lower())
          or bool(words.MAY_BE_ASKED.match(c.after))), 0,
          "a person to ask", "Soita [Juvalle] heti.", "[Kivijärveltä] saa lisätietoja.", "Kysy lisää [Riihimäeltä] arkisin."),
    _rule("life of a person", "person firstname given", lambda c: (c.form.case == "ade"
          and bool(words.HAS_A_LIFE.match(c.after))) or (c.form.case == "nom" and not c.vouched
          and bool(words.AGE.match(c.after) or words.I_AM.search(c.before)
          or words.ROLE.search(_first_of_list(c).before))), 0, "a person of that name",
          "[Vesannolla] on pitkä kokemus alalta.", "[Salo], 34, viihtyy työssään.", "Olen [Lahti] ja työskentelen täällä.",
          "Juontajina olivat [Renko] sekä Toivakka."),
    _rule("beside a surname", "person firstname given/nom", lambda c: not c.vouched
          and _is_beside_surname(c), 0, "a surname beside another", "Työn tekevät Virtanen ja [Salo].",
          "[Lahti], Korhonen ja muut kertovat."),
    _rule("program", ANY, lambda c: c.form.case == "nom" and bool(words.PROGRAM.match(c.after)), 0,
          "something else of that name", "Laskut tehdään [Aura]-ohjelmalla."),
    _rule("surname in -nen", "plural/nom", lambda c: "person" in c.classes
          and c.form.name.endswith("nen") and not c.vouched and not (c.own and c.in_heading), 0,
          "a surname, and nothing says that the place is meant", "[Nousiainen] luennoi aiheesta."),
    _rule("wrong local case", ANY, lambda c: c.form.local and not c.form.right and bool(c.form.codes), 0,
          "the name does not use this series of local cases", "Työskentelin [Nokiassa] kymmenen vuotta.",
          "Annoin neuleen [Sallalle]."),
    _rule("company", "company", lambda c: not (c.town_word or c.has_label or c.company_of_towns or _is_at(c)
          or (c.form.case == "gen" and bool(words.PUBLIC.match(c.following.lower())))), 0,
          "also a company, and nothing says that the town is meant", "Kumppanimme on [Nokia].",
          "Kokemusta [Nokialta] arvostetaan."),
    _rule("first name", FIRST, lambda c: not (c.local or c.vouched or _has_part(c)), 0,
          "also a first name, and nothing says that the place is meant", "Tiimissäsi ovat [Salla] ja Jonna.",
          "Pääset [Simon] opastukseen."),
    _rule("given name", "given", lambda c: (c.form.case == "nom" and not (c.vouched or c.own or c.local
          or (c.form.language == "sv" and bool(words.WORKPLACE.match(c.following)))))
          or (c.form.case == "gen" and bool(words.WITH_PERSON.match(c.following))), 0,
          "also a first name, and nothing says that the place is meant", "[Kaarina] opastaa sinut työhön.",
          "Työskentelet [Kaarinan] kanssa."),
    _rule("district", "district", lambda c: not (c.town_word or c.has_label or "Åland" in c.text or "Ahvenan" in c.text), 0,
          "also a district of a city, and nothing says that the municipality is meant", "Eleverna kommer från [Brändö]."),
    _rule("old name and a word", "word", lambda c: c.form.old and not (c.vouched
          or (c.local and (not c.begins or words.SITUATED.within(c.sentence)))
          or (c.form.case == "gen" and not c.begins and bool(words.CAPITAL.match(c.following)))), 0,
          "an old name that is also a word, and nothing says that the place is meant", "[Pohjasta] roikkuvat johdot."),
    _rule("word that begins a sentence", "word", lambda c: c.begins and not (c.local or c.vouched or (c.form.case == "gen"
          and ("seldom" not in c.classes or _has_part(c) or bool(words.WORKPLACE.match(c.following)
          or words.PUBLIC.match(c.following)))) or (c.form.case == "nom" and "seldom" not in c.classes
          and bool(words.TOWN_VERB.match(c.following)))
          or (c.own and c.in_heading and not words.CONTACT.within(c.line.lower()))
          or bool(words.STREET_NEXT.match(c.after))), 0,
          "also a word, and it begins a sentence", "[Kannus] vettä kuuluu hintaan.", "[Varkaus] ilmoitettiin heti."),
    _rule("abroad", "abroad", lambda c: c.local and words.SITUATED.within(c.sentence), 0.5, "",
          "Työpaikka sijaitsee [Tukholmassa]."),
    _rule("named abroad", "abroad", lambda _: True, 0.05, "", "Viemme tuotteita [Saksaan]."),
    _rule("town word", "", lambda c: c.town_word, 0.55, "", "[Vantaan] kaupunki hakee.", "Työskentelet [Oulun] seudulla.",
          "[Esbo] stad söker en lärare."),
    _rule("label", "", lambda c: c.labelled, 0.65, "", "Paikkakunta: [Salo]", "Työpaikka: Turku, [Kaarina]"),
    _rule("workplace", "/gen", lambda c: bool(words.WORKPLACE.match(c.following)
          or words.PUBLIC.match(c.following)) and not words.ELSEWHERE.within(c.sentence), 0.65, "",
          "Haemme kokkia [Espoon] toimipisteeseen."),
    _rule("address", "/nom", lambda c: bool(words.POSTAL.search(c.before)), 0.55, "",
          "Toimipisteemme on osoitteessa Aurakatu 8, 20100 [Turku]."),
    _rule("is at", "/nom", lambda c: c.previous in ("on", "ovat", "är", "is", "are")
          and words.SITUATED.within(c.sentence), 0.55, "", "Työskentelyalueesi on [Pori] ja Rauma."),
    _rule("place of work", "", lambda c: (c.local or _has_part(c)) and c.at_work, 0.65, "",
          "Työpaikka sijaitsee [Mikkelissä].", "Haemme siivoojaa [Vantaalle].", "Arbetsplatsen finns i [Vasa]."),
    _rule("whole area", "", lambda c: bool(c.form.area) and c.previous.lower() in ("koko", "hela"), 0.55, "",
          "Tehtävä kattaa koko [Etelä-Savon]."),
    _rule("area that seeks", "/nom", lambda c: c.form.area.startswith("hyvinvointialue") and c.at_work,
          0.45, "", "[Pirkanmaan hyvinvointialue] hakee puheterapeuttia."),
    _rule("part of its own", "/nom", lambda c: c.own and c.in_heading, 0.6, "",
          "Sairaanhoitaja, [Mikkeli]"),
    _rule("heading", "", lambda c: c.local and c.in_heading, 0.6, "", "Lähihoitaja [Vantaalle]"),
    _rule("local case", "", lambda c: c.local, 0.45, "", "Suurin osa asiakkaista on [Tampereella] ja sen lähellä."),
    _rule("named part", "/gen", lambda c: _has_part(c), 0.45, "", "[Helsingin] Pasilassa on vilinää."),
    _rule("seeks", "", lambda c: not c.form.local and words.SEEKS.search(words.CLAUSE.split(c.after)[0]) is not None, 0.4, "",
          "[Oulun] Energia hakee asentajaa voimalaitokselle."),
    _rule("genitive", "/gen", lambda _: True, 0.25, "", "Teemme yhteistyötä [Turun] yliopiston kanssa."),
    _rule("name", "", lambda _: True, 0.25, "", "Kaupungeista kiinnostavat [Espoo] ja Kuopio."),
)  # fmt: skip


def _is_double_name(context: Context) -> bool:
    """Whether a hyphen ties it to a capital word that is no place and no point of the compass."""
    if context.before.endswith("-") and (found := words.HYPHENATED_BEFORE.search(context.before)):
        first = found.group(1)
        return not words.COMPASS.fullmatch(first) and not gazetteer().forms(first)
    found = words.HYPHENATED_AFTER.match(context.after)
    return found is not None and not gazetteer().forms(found.group(1))


def _first_of_list(context: Context) -> Context:
    """The same towards the beginning."""
    while context.listed_left and context.left is not None:
        context = context.left
    return context


def _last_of_list(context: Context) -> Context:
    """The last name of a list in which every name may be a person's: itself where it stands in none."""
    if context.company_of_towns:
        return context
    while context.listed_right and context.right is not None:
        context = context.right
    return context


def _is_named_thing(context: Context) -> bool:
    """Whether a word for a ship, an animal, a storm or the like stands before it, or a ship's sign, or *by name*."""
    if context.before.endswith(words.SHIP):
        return True
    before = context.previous.lower()
    if before in words.NAMED:
        return not words.A_TOWN_NAMED.within(context.sentence)
    return before.removesuffix("mme").endswith(words.THINGS) and not (context.listed_right or context.own_in_heading)


def _is_water(context: Context) -> bool:
    """For a name that a lake or a river bears too: whether its waters, its shore or its flowing are spoken of."""
    if context.form.case == "gen":
        return bool(words.WATER_PART.match(context.following) or words.WATER_BEFORE.search(context.before))
    if context.form.case == "nom":
        return bool(words.WATER_VERB.match(context.after) or words.WATER_BEFORE.search(context.before))
    return context.form.local and not context.at_work and words.ON_THE_WATER.within(context.sentence)


def _is_beside_surname(context: Context) -> bool:
    after, before = words.SURNAME_AFTER.match(context.after), words.SURNAME_BEFORE.search(context.before)
    return any(found is not None and not gazetteer().forms(found.group(1)) for found in (after, before))


def _is_before_first_name(context: Context) -> bool:
    found = words.NAME_AFTER.match(context.after)
    return found is not None and gazetteer().is_first_name(found.group(1))


def _is_at(context: Context) -> bool:
    """For a town that is also a company: its own local case beside a word for a place of work, or after an occupation at the
    end of a heading."""
    if context.previous.lower() in ("i", "in"):  # who works for the company works "at" it
        return context.language != "fi"
    if not context.form.right:
        return False
    if context.in_heading and context.ends_line and words.OCCUPATION.search(context.previous):
        return context.form.case in ("all", "ade", "ine", "ill")
    if context.form.case in ("all", "ill") and words.WE_SEEK.within(context.sentence):
        return True
    near = context.before[-30:].lower()
    return words.SITUATED.within(near) or context.following.startswith(("sijaits", "toimiv"))


def _has_part(context: Context) -> bool:
    """Whether a genitive is followed by a part of the municipality with a capital: *Vantaan Tikkurilassa*."""
    if context.form.case != "gen" or not words.CAPITAL.match(context.following):
        return False
    return gazetteer().has_part(context.form.codes[0], context.following) if context.form.codes else False


def judged(context: Context) -> Rule:
    """The rule that decides about a name."""
    kind = context.classes, context.form.case
    for rule in RULES_FOR[kind] if kind in RULES_FOR else _rules_for(*kind):
        if rule.when(context):
            return rule
    raise AssertionError("the last rule applies to every name")


def _rules_for(classes: frozenset[str], case: str) -> tuple[Rule, ...]:
    found = RULES_FOR[classes, case] = tuple(
        rule
        for rule in RULES
        if (not rule.classes or rule.classes & classes) and (not rule.cases or case in rule.cases)
    )
    return found


RULES_FOR: dict[tuple[frozenset[str], str], tuple[Rule, ...]] = {}
"""The rules for each kind of name in each case: a name that means nothing else meets few."""

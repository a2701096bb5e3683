"""Every written form of every name in one automaton: one pass over a text finds them all, whatever their number."""

from collections.abc import Iterable, Iterator

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from normalize.gazetteer.records import Area, Form, Municipality

CLITICS = frozenset(
    "kin kaan kään ko kö koan köän kos kös han hän pa pä pas päs kinko kinkö kohan köhän pahan pähän".split()  # noqa: SIM905
)
"""What may hang on a form without changing its place: *Mikkelissäkin*, *Porvoostako*."""
TAILS = CLITICS | {"regionen", "nejden", "området", "trakten"}
"""The same, and what Swedish ties to a name where Finnish has a word of its own: *Jakobstadsregionen*."""
SHORTEST_SHOUT = 4
"""Forms shorter than this are not looked for in capitals: *II* is a number, *ENO* a logo."""


class Surfaces:
    """The forms that a text may hold: Finnish case forms, Swedish names and their genitives, English names of areas, each
    as written and in capitals; larger areas of two words also in small letters (*etelä-savossa*)."""

    def __init__(self, forms: dict[str, tuple[Form, ...]], others: Iterable[tuple[str, Form]]) -> None:
        surfaces: dict[str, tuple[tuple[Form, ...], bool]] = {}
        merged = dict(forms)
        for surface, form in others:
            known = merged.get(surface, ())
            if not any(one.codes == form.codes and one.area == form.area for one in known):
                merged[surface] = (*known, form)
        for surface, found in merged.items():
            surfaces[surface] = (found, False)
            for otherwise in _otherwise(surface, found):
                surfaces.setdefault(otherwise, (found, False))
        for surface, found in merged.items():
            if len(surface) >= SHORTEST_SHOUT:
                surfaces.setdefault(surface.upper(), (found, True))
        self._meanings = list(surfaces.values())
        self._automaton = AhoCorasick(
            list(surfaces), matchkind=MatchKind.LeftmostLongest, implementation=Implementation.ContiguousNFA
        )

    def find(self, text: str) -> Iterator[tuple[int, int, tuple[Form, ...], bool]]:
        """Whole words that are forms of names: start, end (a clitic included), what they are forms of, whether in capitals.
        A form inside a longer word is none (*Kuusamontie*), nor is an address of the net."""
        meanings = self._meanings
        try:
            found_at = self._automaton.find_matches_as_indexes(text)
        except UnicodeEncodeError:  # half a letter, as broken pages have them
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            found_at = self._automaton.find_matches_as_indexes(text)
        for index, start, end in found_at:
            if start and (text[start - 1].isalnum() or text[start - 1] in "_@" or _is_in_address(text, start)):
                continue
            if (after := text[end : end + 1]) and not after.isspace():
                if after.isalnum() or after == "_":
                    stop = end + 1
                    while text[stop : stop + 1].isalpha():
                        stop += 1
                    if text[end:stop].lower() not in TAILS:
                        continue
                    end = stop
                elif after == "@" or (after == "." and text[end + 1 : end + 2].islower()):
                    continue
            found, shouting = meanings[index]
            yield start, end, found, shouting


def _is_in_address(text: str, start: int) -> bool:
    """Whether it stands in an address of the net, which is no word of a text."""
    if text[start - 1] not in "./=&?-:":
        return False
    word = text[max(0, start - 200) : start].rsplit(None, 1)[-1]
    return "://" in word or "www." in word.lower()


def _otherwise(surface: str, found: tuple[Form, ...]) -> Iterator[str]:
    """How else an area may begin: *etelä-Savossa*, *etelä-savossa*; and *Pääkaupunkiseudulla* in front of a sentence."""
    if found[0].area and "-" in surface and surface[0].isupper():
        yield surface[0].lower() + surface[1:]
        yield surface.lower()
    elif surface[0].islower():
        yield surface[0].upper() + surface[1:]


def swedish(municipalities: Iterable[Municipality], areas: Iterable[Area]) -> Iterator[tuple[str, Form]]:
    """The names of Swedish and English text with their genitives; Finnish ones are used there too."""
    for each in municipalities:
        for name in dict.fromkeys((each.sv, *each.also, each.fi)):
            yield from _with_genitive(name, (each.code,), "", "sv")
    for area in areas:
        if area.key == "hyvinvointialue:helsinki":
            continue
        said = (area.sv, *area.also) if area.list == "maakunta" else tuple(filter(_is_long, (area.sv, *area.also)))
        for name in dict.fromkeys(said):
            if not name.endswith(("maakunta", "alue")):
                yield from _with_genitive(name, (), area.key, "sv")
        yield area.en, Form(name=area.fi, case="nom", area=area.key, language="en")


def _is_long(name: str) -> bool:
    """Whether an area's name says what it is, or is a word of its own: *Salo* alone is the town."""
    return name.endswith(("område", "Varha", "Pirha", "Lapha", "Pohde", "Soite", "Siun sote", "Keusote", "LUVN"))


def _with_genitive(name: str, codes: tuple[str, ...], area: str, language: str) -> Iterator[tuple[str, Form]]:
    yield name, Form(name=name, case="nom", codes=codes, area=area, language=language)
    if not name.endswith(("s", "x", "z")):
        yield f"{name}s", Form(name=name, case="gen", codes=codes, area=area, language=language)

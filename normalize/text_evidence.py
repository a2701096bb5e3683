"""The evidence of place in titles and texts: what they name, quoted with the words around it."""

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec.structs import replace

from normalize.contacts import masked
from normalize.gazetteer.tables import gazetteer
from normalize.mention import Mention, mentions
from normalize.place_rules import PLAINLY
from normalize.records import Evidence
from normalize.surroundings import JOINT, Stems
from normalize.vocabulary import Bucket, Level
from normalize.weights import LISTED, WEAK, evidence_of

LONGEST_TEXT = 20_000
"""So much of a text is searched for names."""
SEVERAL = Stems("""toimipisteis toimipaikois paikkakunnil toimipisteet: toimipisteet_ useas useit eri_puol kunnis
    verksamhetsställen orterna flera_orter locations offices""")
"""Words of a text that speaks of several places of work."""
MOST_REFUSED = 20
"""So many refused names of a text are kept."""
AROUND = 50
"""Characters of the text that are quoted on each side of a name."""


def title_evidence(title: str, language: str, employer: str) -> Iterator[Evidence]:
    """What a title names. A town that is also a company's name is refused where the employer is that company."""
    for mention in _mentions(title, language, employer):
        yield evidence_of(mention, Level.TITLE, "title", title)


OF_FIELDS = frozenset((Level.CODE, Level.POSTAL, Level.POINT, Level.NAME))


def settles(each: Evidence) -> bool:
    """Whether a field says so plainly where the work is that the text cannot add to it."""
    if each.rejected or each.weight < WEAK or each.level not in OF_FIELDS:
        return False
    return bool(each.codes or (each.bucket and each.bucket != Bucket.REMOTE))


def text_evidence(text: str, language: str, employer: str) -> Iterator[Evidence]:
    """The strongest sign for each place that a text names, and what was refused once for each form and reason: with the
    words around it if it counts, else the form alone, which may be a person's."""
    text = text[:LONGEST_TEXT]
    best: dict[str, Mention] = {}
    refused: dict[tuple[str, str], Mention] = {}
    for mention in _mentions(text, language, employer):
        if mention.rejected:
            refused.setdefault((mention.form, mention.rejected), mention)
        elif mention.to not in best or mention.weight > best[mention.to].weight:
            best[mention.to] = mention
    for mention in best.values():
        yield evidence_of(mention, Level.TEXT, "text", _around(text, mention))
    for mention in islice(refused.values(), MOST_REFUSED):
        yield evidence_of(mention, Level.TEXT, "text", mention.form)


def several_evidence(text: str, language: str, evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """Municipalities that a text names as places of work in one list with one that a field names: the field has the first
    of several."""
    text = text[:LONGEST_TEXT]
    if not SEVERAL.within(text):
        return
    known = {code for each in evidence if settles(each) for code in each.codes}
    listed: list[Mention] = []
    end = -1
    for mention in (*mentions(text, language), None):
        joined = mention is not None and mention.kept and bool(JOINT.fullmatch(text[end : mention.start]))
        if not joined:
            if known.intersection(code for one in listed for code in one.codes) and len(listed) > 1:
                for one in listed:
                    if one.codes and not known.intersection(one.codes) and one.weight >= PLAINLY:
                        found = replace(one, rule=LISTED)
                        yield evidence_of(found, Level.TEXT, "text", _around(text, one))
            listed = []
        if mention is not None and mention.kept:
            listed.append(mention)
            end = mention.end


def _around(text: str, mention: Mention) -> str:
    """A few words of the text on both sides of a name, without anybody's telephone or address of e-mail."""
    first = max(text.rfind("\n", 0, mention.start) + 1, mention.start - AROUND)
    last = text.find("\n", mention.end)
    last = min(last if last >= 0 else len(text), mention.end + AROUND)
    before, after = text[first : mention.start], text[mention.end : last]
    if first and text[first - 1] != "\n":
        before = "…" + before.partition(" ")[2]
    if last < len(text) and text[last] != "\n":
        after = after.rpartition(" ")[0] + " …"
    return masked(before + mention.form + after)


def _mentions(text: str, language: str, employer: str) -> Iterator[Mention]:
    for mention in mentions(text, language):
        if any(_is_the_company(code, employer) for code in mention.codes):
            mention = replace(mention, rejected="the employer is the company of that name")
        yield mention


def _is_the_company(code: str, employer: str) -> bool:
    """Whether a name that is also a company's (Nokia) stands in the employer's name."""
    known = gazetteer().municipality(code)
    return bool(known and "company" in gazetteer().classes(code) and known.fi.casefold() in employer.casefold().split())

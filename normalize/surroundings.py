"""The words around a name that the rules of contexts look for, in three languages."""

import re

from ahocorasick_rs import AhoCorasick, Implementation


class Stems:
    """Words and beginnings of words in small letters, looked for in one pass; ``_`` is a space."""

    def __init__(self, words: str) -> None:
        stems = [word.replace("_", " ") for word in words.split()]
        self._automaton = AhoCorasick(stems, implementation=Implementation.ContiguousNFA)

    def within(self, small: str) -> bool:
        """Whether any of them stands in a text in small letters."""
        return bool(self._automaton.find_matches_as_indexes(small))


def _any(words: str) -> str:
    """The words as alternatives of a pattern, each a pattern of its own; ``_`` is a space."""
    return "(?:" + "|".join(words.split()).replace("_", " ") + ")"


WORD = re.compile(r"[\w.&’'-]+")
WORD_BEFORE_LAST = re.compile(r"([\w.&’'-]+)[ \u00a0]+[\w.&’'-]+[ \u00a0]+$")
NEXT_WORD = re.compile(r"[ \u00a0]+([\w’'-]+)")
SENTENCE_END = re.compile(r"[.!?] |\n")
CLAUSE = re.compile(r"[.!?]\s|\n")
POSTAL = re.compile(r"(?<!\d)\d{5}[ \u00a0]+$")
INITIAL = re.compile(r"[A-ZÅÄÖ]\.")
CAPITAL = re.compile(r"[A-ZÅÄÖÉ]")
HYPHENATED_BEFORE = re.compile(r"([A-ZÅÄÖ]\w+)-$")
HYPHENATED_AFTER = re.compile(r"-([A-ZÅÄÖ]\w+)")
COMPASS = re.compile(
    _any("""Pohjois Etelä Itä Länsi Keski Koillis Luoteis Kaakkois Lounais Ylä Ala Uusi Vanha Suur Kanta Meri Perä Sydän
        Taka Metsä Tunturi Norra Södra Västra Östra Nord Syd Stor"""),
    re.IGNORECASE,
)

AND = "(?:ja|sekä|tai|että|kuin|och|samt|eller|and|or|&)"
JOINT = re.compile(rf"\s*[,/–—•|;-]\s*(?:{AND}\s+)?|\s+{AND}\s+", re.IGNORECASE)
PART_ENDS = frozenset(",;:|/(\n–—•·-")
LABEL_ENDS = frozenset(":=–-")
PART_AFTER = re.compile(r"\s*(?:$|[,;:|/)\n–—•·]|\s[-*]\s|[.!?](?:\s|$))")
REST_OF_LINE = re.compile(r"[ \t.!?)\u00a0]*[^\s.!?)]")

LABEL = re.compile(
    r"\b"
    + _any(r"""paikkakun\w* työpaikka työpaikan_sijainti työpaikkakunta sijainti sijaintipaikka sijaintikunta toimipaikka
        toimipiste toimipisteet työskentelypaik\w+ työskentelypaikkakun\w+ työskentelyalue työpiste asemapaikka virkapaikka
        alue työn_sijainti työkohde kaupunki kunta kunnat kaupungit
        ort arbetsort placeringsort stationeringsort arbetsplats plats verksamhetsort verksamhetsställe kommun stad kontor
        placering location locations place_of_work workplace city office municipality""")
    + r"\s*[:=–-]\s*$",
    re.IGNORECASE,
)
TOWN = re.compile(
    _any(r"""kaupun(?:ki|gi) kunta(?:an|a|na|ko|kin)?$ kunta(?:konserni|yhtymä) kun(?:nan|nalla|nalle|nalta|nassa|nasta|naksi)
        seurakun seu(?:tu|du) keskusta(?:n|ssa|sta|an|lla|lle|a|ssamme)?$ maalaiskun talousalue lähialue lähikun ympäristökun
        stads?$ staden kommun församling samkommun nejden regionen landskommun centrum""")
)
TOWN_OF = re.compile(r"(?:\b(?:city|town|municipality|region) of|\bkaupunki|\bstaden|\bkommunen)\s+$", re.IGNORECASE)

STREET = re.compile(
    r"[ \u00a0](?:"
    + _any(r"""\w*katu kadun kadulla kadulle kadulta kadussa \w*kuja polku raitti bulevardi puistotie esplanadi aukio
        gata gatan gränd vägen esplanaden esplanad allé""")
    + r"\b|"
    + _any(r"\w*tie tien tiellä väylä valtatie kaari rinne portti stigen svängen street road")
    + r"\s+\d|(?:valta|puisto|ranta)tie(?:n|tä|llä|lle|ltä)?\b|kujan\b|kujalla\b)"
)
CALLED_SO = re.compile(
    r"-"
    + _any(r"""nimi merkki tyyppi malli kokoi patsa luok järjestelm konserni yhtiö lehti lehde sarja tuot harjoitu
        järv jok[ie] joen
        pöy[td] tuol nojatuol sohv lamp lipasto vene trakto kone(?!k) laite laitte tak[ak] kiuka kiuas pistool kivääri puheli
        olu[te] juusto leip leiv makkara sinap lanka matto matot
        system app(?:en|ar)?\b""")
    + r"|[ ]nimi(?:ne|se|si)"
)
NUMBERED = re.compile(r"[ ]\d{1,3}[A-Za-z]?[ ]-\w|[ ]\d{2,3}-sarja")
THINGS = tuple(
    """laiva alus vene lautta hinaaja jäänmurtaja fregatti kuunari proomu troolari raivaaja risteilijä pursi
    veneen laivan aluksen lautan jäänmurtajan
    myrsky hirmumyrsky hurrikaani järjestelmä ohjelmisto sovellus hevonen tamma koira kissa lehmä hahmo
    hevose
    fartyget färjan båten skeppet skonaren trålaren ångaren isbrytaren stormen systemet hästen hunden katten appen""".split()  # noqa: SIM905
)
"""How words end for a thing or an animal that bears a name of its own."""
SHIP = tuple(f"{sign} " for sign in ("M/S", "m/s", "S/S", "s/s", "M/V", "m/v", "M/Y", "S/Y", "MS", "MV", "ms"))
NAMED = frozenset(("nimeltä", "nimeltään", "nimeä", "nimi", "nimisen", "niminen"))
A_TOWN_NAMED = Stems("kaupun kunta kunna kylä paikkak työpai toimip sijai kohde kohtee osoit")
PROVINCES = frozenset(("Ul", "Ul.", "Hl", "Hl.", "Vpl", "Vpl.", "Vl", "Vl.", "Kl", "Kl.", "Ml"))
"""Old provinces behind the names of municipalities that were called like another one."""
PROVINCE_BEFORE = re.compile(r"(?:^|[\s(\"”–-])(?:[UTHVOKM]\.\s?|Vp)l\.\s$")
OTHER_COMMUNE = re.compile(r"kunta(?:a|an|na)?\b|kunnan?(?:ssa|sta|lla|lle|lta)?\b|pitäjä")

WATERS = ("järvi", "vesi", "joki", "lampi", "selkä", "Keitele", "Inari", "Kiiminki")
"""How names end that lakes and rivers bear too."""
WATER_PART = re.compile(
    _any(r"""ve(?:si|den|ttä|dessä|destä|teen|det)\b veden(?:pin|korke|laa) vesi(?:stö|alue) sel(?:ä|kä)(?:n|llä|lle|ltä)\b
        selkäve aal[lt]o jää(?:llä|lle|ltä|n|tä)\b rann(?:a|o) ranta(?:a|an|viiva|ve) uoma virtaam pohja(?:ssa|sta|an|a)\b
        saar(?:i|et|en|essa|esta|illa|ten)\b
        kosk(?:i|et|en|essa|esta|ella|elle|ien)\b lahde jokivar suisto suul luuso niska""")
)
WATER_VERB = re.compile(r"\s+(?:virta|tulvi|kiemurte|mutkit|jääty|purkaut|laskee\s+[A-ZÅÄÖ])")
WATER_BEFORE = re.compile(r"\b\w*(?:järvi|joki|lampi|järven|joen|vesistö|vesistön)(?:,? eli|[,:])?\s$", re.IGNORECASE)
ON_THE_WATER = Stems("kalast nuota verkkoka melo soutu soude veneil luistel pilki ongi rapuj")
IDIOM = re.compile("Lopen (?:uupun|väsyn|kyllästyn)|Pohjan (?:sota|soda|tähti|tähden)|Varkauden (?:uhri|selvit|jälj)")
COMPANY_FORM = re.compile(
    _any("Oy Oyj Ab Abp Ltd Inc Plc Group Line Linen Corporation Holding Solutions Networks Technologies") + r"\b"
)
NEWSPAPER = re.compile(
    _any(r"""Sanom(?:at|ien|iin|issa|ista|ille|ia) Uuti(?:set|sten|sissa|siin|sia|sista) Leh(?:ti|den|dessä|teen)
        Kansa(?:n|ssa|an)?\b Aluelehti Viikko\b Ilta\b""")
)
AUTHORITY = re.compile(_any("TE- ELY- elinvoimakesku KEHA NTM- TE-by"))
STREET_NEXT = re.compile(r",\s[A-ZÅÄÖ]\w*(?:katu|tie|kuja|polku|raitti|gatan|vägen)\s\d")
PUBLIC = re.compile(
    r"\w*"
    + _any(r"""halli(?:n|ssa|in|lla|sta|lle)?\b kirjasto lukio koulu(?:n|ssa|un|ja|jen|ihin|issa|lla|lle|sta)?\b päiväko
        terveyskesk terveysasem sairaal(?:a|an|assa|aan)\b urheilu(?:halli|kent|talo|seur) palvelukesk(?:us|uks) nuoriso
        kirkko(?:on|a)?\b kirkon\b teatteri museo(?:n|ssa|on)?\b (?<!yli)opisto hoivako palvelutalo omaishoi sivisty varhaiskasv
        vesilaito kotihoi""")
)
"""What a town has and a company has not."""

PARTITIVES = frozenset({"Turusta"})
"""Local cases of a town that are partitives of a common surname (Turunen)."""
PERSON_TITLE = re.compile(
    r"\w*"
    + _any("""rehtori johtaja esimies esihenkilö päällikkö vastaava koordinaattori rekrytoija professori tohtori rouva herra
        sihteeri suunnittelija asiantuntija lääkäri ministeri kansanedustaja puheenjohtaja konsultti ylihoitaja
        tri prof. dos. dosentti maisteri agronomi kapteeni majuri komisario piispa pastori
        rektor chef direktör koordinator doktor fru herr ledare manager director"""),
    re.IGNORECASE,
)
PERSON_VERB = re.compile(
    _any(r"""kerto[oiv] sano[oiv] totea totesi muistutta muistutti arvioi kuvail kiittä kiitti pohti vakuutta lisää\b summaa
        jatkaa\b iloits hymyil naurah muistel vastasi\b aloitti\b työskentel opiskel puolestaan
        säger sade berättar said says""")
)
OF_TRADE = re.compile(
    r"[\w-]*"
    + _any("""(?<!lin)(?<!sar)(?<!ra)(?<!kir)ja jä mestari lehtori leipuri insinööri sopraano tenori basso kokki muusikko
        luutnantti kersantti kenraali kanttori psykologi farmaseutti juristi tuomari emäntä isäntä maalivahti""")
    + "(?:mme|ni|nsa|nsä)?",
    re.IGNORECASE,
)
"""A trade in front of a surname, in the middle of a sentence."""
KIN = re.compile(
    _any(r"""suku suvun suvulla suvussa perhe perheen perheessä perheelle perhettä velje(?:t|kset|sten|ksillä) sisarukse\w+
        sisarukset tila tilan tilalla tilalle tilalta maatila maatilan maatilalla""")
    + r"(?![\w-])"
)
"""What belongs to a person or to a house that is called like a person."""
ASK = Stems("soita soitta soitel kysy kysäis pyydä laita_viesti")
MAY_BE_ASKED = re.compile(r"\s+(?:voi|voit|saa|saat)\s+(?:kysy|tiedust|pyyt|lisät)")
HAS_A_LIFE = re.compile(
    r"\s+(?:on|oli)\s+(?:[\w-]+\s+){0,4}(?:kokemu|tutkin|lasta\b|lapsi|ura\b|vaimo|puoliso|koira|tausta)"
)
AGE = re.compile(r",\s\d\d,?\s(?:[a-zåäö]|v\b)|\s\(\s?\d\d\s?\)\s?,?\s[a-zåäö]")
I_AM = re.compile(r"\b(?:[Oo]len|[Nn]imeni on|[Mm]inä|[Jj]ag heter|I am)\s$")
ROLE = re.compile(
    r"\b(?!järjest|tarjoaj|omistaj|tilaaj|rahoitt|toteutt|isän)\w{3,}(?:j|r|l|henkil|päällik|mieh)(?:a|ä|i|ö|e|eit|öi)?n[aä]\s"
    r"(?:on|ovat|oli|olivat|toimi|toimii|toimivat|toimii myös)\s$",
    re.IGNORECASE,
)
"""Who is what: *juontajina olivat*."""
SURNAME_AFTER = re.compile(r"(?:,| ja| sekä| tai) ([A-ZÅÄÖ]\w+nen)\b")
SURNAME_BEFORE = re.compile(r"\b([A-ZÅÄÖ]\w+nen)(?:,| ja| sekä| tai) $")
PROGRAM = re.compile(r"-(?:ohjelm|sovellu|projekt|hank[ek]|tiimi|rahast|palkin)")
WITH_PERSON = re.compile(
    _any(r"""kanssa mielestä sanoin mukaan luona luokse puolesta johdolla tilalle tilalla sijai opastu esihenki
        lisäksi\b""")
)
ACCORDING = re.compile(_any(r"mukaan\b mielestä\b sanoin\b"))
NAME_AFTER = re.compile(r",?[ \u00a0]([A-ZÅÄÖ][\w-]+)")
OCCUPATION = re.compile(_any("(?<!johta)(?:ja|jä) kki kko kkö mies henkilö apulainen ari äri eri sti") + "$")
"""How Finnish words for occupations end."""
TOWN_VERB = re.compile(_any("hakee etsii palkkaa rekrytoi tarjoaa kutsuu sijaitsee järjestää"))
SEEKS = re.compile(
    r"\b" + _any("hakee etsii palkkaa rekrytoi tarvitsee söker anställer lediganslår seeks hires") + r"\b"
)
TELEPHONE = re.compile(r"[\s,:(]*(?:puh\b|puh\.|p\.|gsm|tel\b|tfn|\+358|0\d{1,2}[\s-]?\d{3}|040|050|[\w.]+@)")
CONTACT = Stems("""lisätie yhteyshenk yhteydenot tiedustelu rekrytoija rekrytoivan terveisin kontakt kysy_lisää haastattelija
        ota_yhteyttä allekirj tilläggsuppgift mer_information närmare_uppgift upplysning more_information contact""")
HOUSE = re.compile(
    r"\w*"
    + _any("""koti kodin kodissa hotelli hotel ravintola kahvila villa kauppa talo koulu keskus myymälä salonki studio
        yritys oy""")
    + "$",
    re.IGNORECASE,
)
"""Houses and firms are called by first names too, and stand in a town."""

PREPOSITIONS = frozenset(
    "i till från på vid kring omkring runt nära utanför inom in at to from near around within".split()  # noqa: SIM905
)
WHOLE = frozenset("koko hela whole entire the".split())  # noqa: SIM905
WORKPLACE = re.compile(
    r"\w*"
    + _any(r"""toimipist toimipaik toimitil toimisto konttori yksik[kö] myymälä tehta tehda varasto työpist työmaa kampu
        työkoht palvelupist palvelutalo palveluko hoivako päiväko terveysasem terveyskesk sairaala koulu lukio ravintol
        kahvila halli talo keskus alue satama lentokent lentoasem
        verksamhetsställ kontor enhet butik fabrik lager skola daghem hälsostation sjukhus campus hamn gymnasi bibliotek
        office store factory warehouse site""")
)
WORK = Stems("""sijait sijain sijoit toimipist toimipaik työpaik työpist työskentel asemapaik virkapaik työkohte paikkakun
        työnteko työ_tehd työtä_tehd työt_tehd työsuhde yksikkö yksikö haemme haetaan hakee etsimme etsitään etsii
        rekrytoimme palkkaamme tarvitsemme töihin työhön töitä tehtävä tule_ paikka virka toimi_ avoin vakituise
        määräaikai sijaisuu keik tiimi kesätyö harjoittel vuoro vahvist
        arbetsplats arbetsort arbetar arbetet arbeta placer stationer verksamhetsställ söker anställ vikari tjänst
        befattning kontor enhet belägen ligger finns jobba sommarjobb
        located location workplace based office work_ working hiring looking_for join position vacanc""")
WE_SEEK = Stems("haemme etsimme rekrytoimme palkkaamme tarvitsemme haetaan etsitään")
SITUATED = Stems("""sijait sijain toimipiste toimipaik työpaikka paikkakun työskentelet työskentelyalue työalue
        asemapaik työ_tehdään asuu asut
        belägen ligger located based arbetsplats""")
ELSEWHERE = Stems("""pääkonttor pääkontto pääpaikka haastattelu koulutuspäiv perehdytys perustett kotipaik asiakka
        tapahtum messu kasvanut valmistu synty huvudkontor intervju grundat headquarter interview founded""")
"""Where something else is than the work."""

"""What the tables hold: municipalities, larger areas, postal codes, senses of a phrase and forms of a name."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """A municipality, current or abolished. ``locative`` is the series of its local cases: ``ssa``, ``lla``, both with
    a plus, or empty where it is not known. ``language`` is empty for abolished ones."""

    code: str
    fi: str
    sv: str
    also: tuple[str, ...]
    language: str
    maakunta: str
    hyvinvointialue: str
    tyollisyysalue: str
    locative: str
    valid_from: date | None
    valid_to: date | None

    def valid(self, on: date) -> bool:
        """Whether it exists on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)

    def __str__(self) -> str:
        return f"{self.code} {self.fi}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A larger area: a province, a wellbeing services county or an employment area. ``since`` is its first day."""

    list: str
    code: str
    fi: str
    sv: str
    en: str
    also: tuple[str, ...]
    since: date | None

    @property
    def key(self) -> str:
        """List and code in one, as evidence names it: ``maakunta:10``."""
        return f"{self.list}:{self.code}"

    def __str__(self) -> str:
        return f"{self.key} {self.fi}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalCode:
    """A postal code and its municipality, or the two whose border its area crosses. ``is_area`` is false for codes of
    PO boxes and companies, whose post may be read elsewhere."""

    code: str
    municipalities: tuple[str, ...]
    is_area: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """What a phrase means. ``table`` is where it stands; ``weak`` marks the country's own name, which says little."""

    table: str
    codes: tuple[str, ...] = ()
    area: str = ""
    bucket: str = ""
    weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A case form of a name. ``local`` is true for a local case, ``right`` when it is of the series that the name
    itself uses (Vantaalla, but Mikkelissä). ``old`` marks a municipality that was abolished; ``language`` whose form
    it is. ``bucket`` is set for places abroad."""

    name: str
    case: str
    codes: tuple[str, ...] = ()
    area: str = ""
    bucket: str = ""
    local: bool = False
    right: bool = False
    old: bool = False
    language: str = "fi"

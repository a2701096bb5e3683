"""How much each sign of place weighs, and the evidence that a mention becomes."""

from collections.abc import Mapping

from normalize.mention import Mention
from normalize.place_rules import SAID
from normalize.records import Evidence
from normalize.vocabulary import Level

WEIGHTS: Mapping[tuple[Level, str], float] = {
    (Level.CODE, "municipality code"): 1.0,
    (Level.CODE, "code for abroad or unknown"): 0.95,
    (Level.POSTAL, "postal code"): 0.97,
    (Level.POSTAL, "PO box postal code"): 0.85,
    (Level.POINT, "inside the borders"): 0.97,
    (Level.POINT, "near a border"): 0.6,
    (Level.POINT, "nearest municipal centre"): 0.4,
    (Level.NAME, "municipality name"): 0.95,
    (Level.NAME, "town by its full name"): 0.95,
    (Level.NAME, "district of its municipality"): 0.95,
    (Level.NAME, "district name"): 0.9,
    (Level.NAME, "name at the end"): 0.85,
    (Level.NAME, "words"): 0.9,
    (Level.NAME, "name abroad"): 0.9,
    (Level.NAME, "country abroad"): 0.9,
    (Level.NAME, "remote field"): 0.95,
    (Level.REGION, "area code"): 0.95,
    (Level.REGION, "area name"): 0.9,
    (Level.REGION, "words"): 0.9,
    (Level.EMPLOYER, "town by its full name"): 0.85,
    (Level.EMPLOYER, "town by its name"): 0.7,
    (Level.EMPLOYER, "area as employer"): 0.85,
    (Level.EMPLOYER, "authority"): 0.0,
    (Level.SEAT, "seat of the employer"): 0.5,
    (Level.DEFAULT, "default of the source"): 0.3,
}
"""How much a sign weighs, by level and rule: a proposal, to be calibrated on labelled listings."""
NAMED: Mapping[Level, float] = {Level.NAME: 0.85, Level.REGION: 0.85, Level.TITLE: 0.75}
"""How much a name weighs that a rule for texts found in a field or title saying where; in a text each rule's own weight."""

WEAK = 0.5
"""Evidence lighter than this only speaks where everything that weighs more is silent."""
LISTED = "listed beside the place of a field"
"""The rule of a place of work that a text adds to those of the fields."""
COUNTRY_ALONE = 0.3
SHOWN = 200
"""How much of a value is kept with the evidence found in it: enough to check it by."""


def _weight(mention: Mention, level: Level) -> float:
    if mention.weak:
        return COUNTRY_ALONE
    named = NAMED.get(level, mention.weight) if mention.weight >= SAID else mention.weight
    return WEIGHTS.get((level, mention.rule), named)


def evidence_of(mention: Mention, level: Level, field: str, value: str) -> Evidence:
    """The evidence of a mention at a level, with the field and the value it was found in."""
    return Evidence(
        level=level,
        field=field,
        value=value if len(value) <= SHOWN else value[: SHOWN - 1] + "…",
        rule=f"{mention.rule} {mention.form}",
        weight=_weight(mention, level),
        codes=mention.codes,
        area=mention.area,
        bucket=mention.bucket,
        rejected=mention.rejected,
    )

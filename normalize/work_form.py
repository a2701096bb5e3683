"""The form of work that a title names where the source does not: a work trial, an apprenticeship, a traineeship."""

import re

from normalize.vocabulary import WorkForm

_FORM_WORDS: tuple[tuple[re.Pattern[str], WorkForm], ...] = tuple(
    (re.compile(rf"(?i)\b(?:{words})\b"), form)
    for words, form in (
        (r"työkokeilu(?:n|a|un|ssa|paikka)?|työkokeilij\w+|arbetsprövning(?:splats)?|work trial", WorkForm.WORK_TRIAL),
        (
            r"oppisopimus(?:paikka|opiskelija|koulutus|suhde|harjoittelija)?|oppisopimuksella|läroavtal(?:splats|stagare)?|"
            r"lärling|apprentice(?:ship)?",
            WorkForm.APPRENTICESHIP,
        ),
        (
            r"(?:työ|opinto|korkeakoulu)?harjoittelu(?:paikka)?|\w*harjoittelij\w+|\w*praktikant(?:er|en)?|praktik(?:plats)?|"
            r"intern(?:ship)?|trainee(?:ship|t)?",
            WorkForm.TRAINEESHIP,
        ),
        (r"toimeksianto|konsultuppdrag|freelance[rn]?", WorkForm.COMMISSION),
    )
)
"""Words of a title that name the form of work where the source does not. Whole words: an *oppisopimuskoordinaattori*
is employed."""


def named_by(title: str) -> WorkForm:
    """What the title says, or employment."""
    return next((form for words, form in _FORM_WORDS if words.search(title)), WorkForm.EMPLOYMENT)

"""No quotation carries a telephone number or an e-mail address, and nothing else is lost for it."""

import pytest

from normalize.contacts import masked, without_contacts

CONTACTS = (
    "maija.mallinen@post.example", "Maija.Mallinen(at)post.example", "maija.mallinen [at] post.example",
    "maija.mallinen(a)post.example", "mailto:maija@post.example", "x?to=maija%40post.example", "maija.mallinen@pos",
    "puh. 040 123 4567", "tel: +358 40 123 4567", "+358401234567", "p. 0401234567", "040 1234567", "0401234567",
    "050-123 4567", "015 123 4567", "(015) 123 456", "09 1234567", "00358 40 1234567", "(0401234567)", "0401234567.",
    "Soita 044 123 45 67!",
)  # fmt: skip
HARMLESS = (
    "2026-11-24", "24.11.2026", "01.02.2026 10:00", "0201256-6", "00100 Helsinki", "3677", "https://x.example/0401234567",
    "https://x.example/?id=0401234567", "job-0401234567", "TYK-2026-000123", "1.1.2026-31.12.2026", "klo 08:00-16:00",
    "a7f00401234567b", "1 204 500 €", "12 000 asukasta (2025)", "0.123456789", "Vaihe (a) ja (b)", "2026-11-24T08:00:00+02:00",
)  # fmt: skip


@pytest.mark.parametrize("said", CONTACTS)
def test_a_contact_is_masked_wherever_it_stands(said: str) -> None:
    for around in ("{}", "'{}' is not a date", "Maija Mallinen, {}, Vaasa"):
        told = masked(around.format(said))
        assert "maija" not in told.lower().replace("maija mallinen,", "")
        assert sum(map(str.isdigit, told)) < 4, told
        assert "[e-mail]" in told or "[phone]" in told


@pytest.mark.parametrize("said", HARMLESS)
def test_what_is_no_contact_stays_as_it_is(said: str) -> None:
    for around in ("{}", "{!r} is not a date"):
        assert masked(around.format(said)) == around.format(said)


def test_a_field_loses_them_altogether_and_keeps_other_numbers() -> None:
    assert without_contacts("Maija Mallinen, puh. 040 123 4567, maija@post.example") == "Maija Mallinen"
    assert without_contacts("maija@post.example") == ""
    assert without_contacts("0401234567") == "0401234567", "a reference may look like this"

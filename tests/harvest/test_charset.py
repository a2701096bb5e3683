"""How bytes become text, whatever their label says."""

import pytest

from harvest.charset import decode

TEXT = "Hämeenlinnan kaupunki etsii lähihoitajaa Sääksmäelle, åtta timmar"


def test_utf8_is_utf8_whatever_the_label_says() -> None:
    assert decode(TEXT.encode(), "iso-8859-1") == (TEXT, "utf-8")


def test_a_byte_order_mark_wins_and_is_not_text() -> None:
    assert decode(TEXT.encode("utf-8-sig"), "iso-8859-1") == (TEXT, "utf-8")
    assert decode(TEXT.encode("utf-16"), "utf-8") == (TEXT, "utf-16-le")


def test_utf16_xml_without_a_mark_is_seen_by_its_first_signs() -> None:
    xml = f"<?xml version='1.0'?><a>{TEXT}</a>"
    assert decode(xml.encode("utf-16-be"), "") == (xml, "utf-16-be")


@pytest.mark.parametrize("label", ["iso-8859-1", "ISO-8859-1", "latin1", "windows-1252", "ascii"])
def test_a_latin_label_means_windows_1252_as_on_the_web(label: str) -> None:
    assert decode((TEXT + " 10 €").encode("cp1252"), label) == (TEXT + " 10 €", "windows-1252")


def test_another_label_is_believed_when_its_bytes_agree() -> None:
    assert decode("Sää 10 €".encode("iso-8859-15"), "iso-8859-15") == ("Sää 10 €", "iso-8859-15")


@pytest.mark.parametrize(
    "start",
    ['<?xml version="1.0" encoding="iso-8859-15"?>', '<html><meta charset=iso-8859-15>',
     '<html><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">'],
)  # fmt: skip
def test_a_declaration_in_the_document_serves_when_the_header_is_silent_or_wrong(start: str) -> None:
    body = (start + TEXT + "€").encode("iso-8859-15")
    assert decode(body, "") == (start + TEXT + "€", "iso-8859-15")
    assert decode(body, "utf-8") == (start + TEXT + "€", "iso-8859-15")
    assert decode(body, "no-such-charset")[1] == "iso-8859-15"


def test_a_declaration_after_4_kb_is_not_looked_for() -> None:
    assert decode(b" " * 5000 + b"<meta charset=iso-8859-15>\xe4", "")[1] == "windows-1252"


def test_a_utf8_text_cut_in_the_middle_of_a_letter_is_still_utf8() -> None:
    assert decode((TEXT + "ä").encode()[:-1], "") == (TEXT, "utf-8")


def test_a_latin_text_that_ends_in_a_letter_with_dots_is_not_taken_for_cut_utf8() -> None:
    assert decode("Hyvä".encode("cp1252"), "") == ("Hyvä", "windows-1252")


@pytest.mark.parametrize("label", ["", "utf-8", "iso-8859-1"])
def test_a_lone_bad_byte_in_utf8_is_replaced_and_doubted(label: str) -> None:
    text, encoding = decode(TEXT.encode() + b" \xe4 " + TEXT.encode(), label)
    assert text == f"{TEXT} \ufffd {TEXT}"
    assert encoding == "utf-8"


def test_unlabelled_bytes_are_read_as_windows_1252() -> None:
    assert decode(TEXT.encode("cp1252"), "") == (TEXT, "windows-1252")


def test_bytes_that_nothing_explains_never_raise() -> None:
    text, encoding = decode(bytes(range(128, 256)), "shift_jis")
    assert encoding == "windows-1252"
    assert "\ufffd" in text


def test_nothing_is_nothing() -> None:
    assert decode(b"", "") == ("", "utf-8")

"""What a partner is answered: in the language of the card, row by row, and nothing that a reader cannot act upon."""

import os
import re
import sqlite3
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from harvest.records import Reason
from schedules import reply
from schedules.run import run_curation
from schedules.settings import settings
from schedules.workbench import Workbench
from store.write.runs import RunResult
from tests.harvest.cards import HEAD
from tests.harvest.test_table import TABLE, TEXT

NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MORE = TABLE + (
    'contract = "Työsuhde"\nurl = "Osoite"\nopenings = "Paikkoja"\n[lookups.contract]\n"Vakinainen" = "permanent"\n'
    '"Määräaikainen" = "fixed_term"\n'
)
HEADINGS = "Tunniste;Tehtävä;Kunta;Päättyy;Kuvaus;Työsuhde;Osoite;Paikkoja;Väri"


class Partner:
    """A folder, a card, and a program that is run by hand."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config"
        self.inbox = self.config / "inbox" / "kunta"
        self.inbox.mkdir(parents=True)
        (self.config / "sources").mkdir()
        said = {"ALUETORI_CONTACT": "tests@aluetori.example", "ALUETORI_DATABASE": f"sqlite:///{folder / 'own.db'}"}
        self.now = NOON
        self.bench = Workbench(settings("", self.config, said), lambda: self.now)

    def card(self, languages: str = '["fi", "sv"]', text: str = MORE) -> None:
        head = HEAD.replace("{start}", "inbox/kunta/").replace('["fi", "sv"]', languages)
        (self.config / "sources" / "kunta.toml").write_text(head + text, "utf-8")

    def send(self, body: str | bytes, name: str = "paikat.csv") -> RunResult:
        """The file is put there, and the source harvested a while later."""
        path = self.inbox / name
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        os.utime(path, (self.now.timestamp(), self.now.timestamp()))
        self.now += timedelta(hours=3)
        return self.harvest()

    def harvest(self) -> RunResult:
        store = self.bench.store(create=True)
        return self.bench.harvest(store, self.bench.chosen(["kunta"], False)[0], lambda _result: None)[0]

    def answer(self, name: str = "paikat.csv.vastaus.txt") -> list[str]:
        """The lines of the answer, but for the mark that it ends in."""
        *lines, blank, mark, end = (self.inbox / name).read_bytes().decode("utf-8-sig").split("\r\n")
        assert (blank, end) == ("", "")
        assert re.fullmatch(r"(Viite|Referens|Reference) [0-9a-f]{12}", mark)
        return lines


@pytest.fixture
def partner(tmp_path: Path) -> Partner:
    partner = Partner(tmp_path)
    partner.card()
    return partner


BAD = "\n".join(
    [
        "Kaupungin paikat;;;;;;;;",
        HEADINGS,
        "A-1;Kokki;091;31.12.2026;Keitä;Vakinainen;https://example.fi/1;2;punainen",
        "A-2;Leipuri;999;32.13.2026;Leivo;Ikuinen;example;monta;",
        ";Siivooja;091;;;;;;",
        "A-1;Kokki taas;091;;;;;;",
        "A-4;;091;;;;;;",
        "A-5;Kuski;091;;liikaa;soluja;;1;;x",
        "",
    ]
)


def test_each_refused_row_is_told_with_row_column_and_what_to_do(partner: Partner) -> None:
    result = partner.send(BAD)
    assert (result.verdict, result.new) == ("partial", 2)
    assert partner.answer() == [
        "Vastaus tiedostoon paikat.csv",
        "Luettu 24.11.2026 15.00.",
        "",
        "Otettu vastaan: 2 (uusia 2, muuttuneita 0, ennallaan 0). Hylätty: 4.",
        "",
        "Korjattavaa:",
        "",
        'Rivi 4, sarake "Työsuhde": "Ikuinen"',
        "  Sanaa ei tunneta. Valitse jokin näistä: Vakinainen, Määräaikainen.",
        "  Rivi otettiin ilman tätä tietoa.",
        "",
        'Rivi 5, sarake "Tunniste"',
        "  Tieto puuttuu. Jokaisella rivillä on oltava tunniste ja tehtävänimike: täytä solu.",
        "  Rivi hylättiin.",
        "",
        "Rivi 6",
        "  Samalla tunnisteella on jo toinen rivi. Anna kullekin ilmoitukselle oma tunniste.",
        "  Rivi hylättiin.",
        "",
        'Rivi 7, sarake "Tehtävä"',
        "  Tieto puuttuu. Jokaisella rivillä on oltava tunniste ja tehtävänimike: täytä solu.",
        "  Rivi hylättiin.",
        "",
        "Rivi 8",
        "  Riviä tai solua ei voi lukea: soluja on liikaa, lainausmerkki on kesken tai kaava antaa virheen. Korjaa rivi.",
        "  Rivi hylättiin.",
        "",
        '"Väri"',
        "  Tiedostossa on sarakkeita, joita emme lue. Käytä taulukkopohjan otsikoita, tai kerro ylläpidolle, "
        "mitä sarakkeet ovat.",
        "",
        'Rivi 4, sarake "Päättyy": "32.13.2026"',
        "  Päivämäärää ei voi lukea. Odotettiin esimerkiksi 31.12.2026 tai 31.12.2026 klo 15.00, "
        "eikä loppu saa olla ennen alkua.",
        "  Rivi otettiin ilman tätä tietoa.",
        "",
        'Rivi 4, sarake "Osoite": "example"',
        "  Osoite ei ole verkko-osoite. Odotettiin koko osoite, esimerkiksi https://www.esimerkki.fi/paikka/1.",
        "  Rivi otettiin ilman tätä tietoa.",
        "",
        'Rivi 4, sarake "Paikkoja": "monta"',
        "  Lukua ei voi lukea. Odotettiin kokonaisluku 1–1000.",
        "  Rivi otettiin ilman tätä tietoa.",
        "",
        'Rivi 4, sarake "Kunta": "999"',
        "  Koodia ei ole. Odotettiin kunnan kolminumeroista koodia, esimerkiksi 091 tai 491.",
        "  Rivi otettiin ilman tätä tietoa.",
        "",
        "Otetut:",
        "  Rivi 3: A-1, Kokki",
        "  Rivi 4: A-2, Leipuri",
    ]


@pytest.mark.parametrize(
    ("languages", "name", "first", "taken"),
    [
        ('["sv", "fi"]', "paikat.csv.svar.txt", "Svar på filen paikat.csv", "Mottaget: 2 (nya 2"),
        ('["en"]', "paikat.csv.reply.txt", "Reply to the file paikat.csv", "Taken: 2 (new 2"),
    ],
)
def test_the_answer_is_in_the_cards_first_language(
    partner: Partner, languages: str, name: str, first: str, taken: str
) -> None:
    partner.card(languages, TABLE)
    assert partner.send(TEXT).verdict == "complete"
    said = partner.answer(name)
    assert said[0] == first
    assert said[3].startswith(taken)
    assert not any("mend" in line or "rätta" in line for line in said)


def test_an_unchanged_file_is_not_answered_again_and_the_answer_is_no_file_to_read(partner: Partner) -> None:
    partner.card(text=TABLE)
    partner.send(TEXT)
    answered = partner.inbox / "paikat.csv.vastaus.txt"
    os.utime(answered, (partner.now.timestamp(),) * 2)
    answered.write_text("seen", "utf-8")
    partner.now += timedelta(hours=3)
    assert partner.harvest().verdict == "unchanged"
    assert answered.read_text("utf-8") == "seen"


def test_a_file_with_faults_is_answered_once_until_it_or_its_card_changes(partner: Partner) -> None:
    partner.send(BAD)
    first = partner.answer()
    partner.now += timedelta(hours=3)
    assert partner.harvest().verdict == "partial", "a file with a lost row is read again"
    assert partner.answer() == first
    partner.card(text=MORE + '"Ikuinen" = "permanent"\n')
    partner.harvest()
    assert not any("Ikuinen" in line for line in partner.answer())


@pytest.mark.parametrize("name", ["paikat 05092026.csv", "paikat 050 1234567.csv", "aino@kunta.example.csv"])
def test_a_name_or_ref_that_looks_like_a_contact_is_answered_by_row(partner: Partner, name: str) -> None:
    partner.send(HEADINGS + "\n;Siivooja;091;;;;;;\n050 1234567;Kokki;091;32.13.2026;;;;;\n", name)
    told = partner.answer(f"{name}.vastaus.txt")
    assert told[3] == "Otettu vastaan: 1 (uusia 1, muuttuneita 0, ennallaan 0). Hylätty: 1."
    assert told[told.index('Rivi 2, sarake "Tunniste"') + 2] == "  Rivi hylättiin."
    assert 'Rivi 3, sarake "Päättyy": "32.13.2026"' in told


def test_two_folders_of_one_card_are_answered_each_for_its_own_file(partner: Partner) -> None:
    other = partner.config / "inbox" / "muu"
    other.mkdir()
    card = partner.config / "sources" / "kunta.toml"
    card.write_text(card.read_text("utf-8").replace('["inbox/kunta/"]', '["inbox/kunta/", "inbox/muu/"]'), "utf-8")
    (other / "muut.csv").write_text(HEADINGS + "\nB-1;Kuski;091;32.13.2026;;;;;\n", "utf-8")
    os.utime(other / "muut.csv", (partner.now.timestamp(),) * 2)
    partner.send(HEADINGS + "\nA-1;Kokki;091;;;Ikuinen;;;\n")
    theirs = (other / "muut.csv.vastaus.txt").read_text("utf-8-sig")
    assert "32.13.2026" in theirs
    assert "Ikuinen" not in theirs
    assert "Sanaa ei tunneta" not in theirs
    assert not any("32.13.2026" in line or "Päivämäärää" in line for line in partner.answer())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xd0\xcf\x11\xe0old", "Tiedosto ei ole taulukko, jota osaamme lukea."),
        ("Hei\n", "Odotettuja sarakeotsikoita ei löytynyt"),
        (b"PK\x03\x04 and then nothing", "Tiedosto loppuu kesken"),
    ],
)
def test_a_file_that_cannot_be_read_is_answered_too(partner: Partner, body: bytes | str, said: str) -> None:
    partner.card(text=TABLE)
    partner.send(TEXT)
    assert partner.send(body, "uusi.xlsx").verdict == "failed"
    told = partner.answer("uusi.xlsx.vastaus.txt")
    assert told[3] == "Tiedostoa ei voitu lukea. Aiemmat ilmoitukset jäivät ennalleen."
    assert any(line.strip().startswith(said) for line in told)
    assert "Otetut:" not in told


def test_a_missing_column_is_named(partner: Partner) -> None:
    partner.card(text=TABLE)
    partner.send(TEXT.replace("Kuvaus", "Huom"))
    told = partner.answer()
    assert told[told.index('sarake "Kuvaus"') + 1].strip().startswith("Sarake puuttuu.")


def test_a_link_that_lies_under_the_answers_name_is_replaced_and_not_followed(partner: Partner, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("mine", "utf-8")
    (partner.inbox / "paikat.csv.vastaus.txt").symlink_to(victim)
    partner.card(text=TABLE)
    partner.send(TEXT)
    assert victim.read_text("utf-8") == "mine"
    assert partner.answer()[0] == "Vastaus tiedostoon paikat.csv"


def test_a_folder_that_cannot_be_written_to_costs_the_answer_and_not_the_run(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_of: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reply, "_write", refused)
    partner.card(text=TABLE)
    assert partner.send(TEXT).verdict == "complete"
    assert "kunta: no answer could be written beside inbox/kunta/paikat.csv" in capsys.readouterr().err


def test_a_database_that_is_busy_when_the_answer_is_written_costs_the_answer_and_not_the_run(
    partner: Partner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def busy(*_of: object) -> None:
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(reply.health, "problems", busy)
    partner.card(text=TABLE)
    assert partner.send(TEXT).verdict == "complete"
    assert "kunta: no answer could be written beside inbox/kunta/paikat.csv" in capsys.readouterr().err


def test_an_answer_that_cannot_be_made_is_its_own_sources_trouble(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unforeseen(*_of: object) -> None:
        raise ZeroDivisionError("a false assumption")

    monkeypatch.setattr(reply, "reply", unforeseen)
    partner.card(text=TABLE)
    assert (partner.send(TEXT).verdict, partner.harvest().verdict) == ("failed", "unchanged")


def test_what_a_partner_sent_shows_on_the_page(partner: Partner) -> None:
    partner.send(BAD)
    store = partner.bench.store()
    written = run_curation(partner.bench.rules(), store, partner.bench.today)
    assert written.listings == 2


def test_every_reason_that_a_partner_can_mend_is_told_in_three_languages() -> None:
    words = tomllib.loads(Path(reply.__file__).with_name("replies.toml").read_text("utf-8"))
    reasons = {Reason(name) for name in words["reasons"]}
    records = list(Reason)[list(Reason).index(Reason.FIELD_MISSING) :]
    assert reasons >= set(records)
    for told in [*words["reasons"].values(), *words["phrases"].values()]:
        assert set(told) == {"fi", "sv", "en"}
        assert all(told.values())

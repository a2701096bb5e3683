"""The digest of the day: who hears of what, in which words, and that the letters arrive."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from harvest.records import Whole
from normalize.records import Listed
from normalize.region import Region
from schedules.digest import Digest, digests
from schedules.guard import held
from schedules.needs import KINDS, Need, needs
from schedules.sending import send
from schedules.settings import settings
from tests.built import KOUVOLA, Clock, Scene, card, many, verdict

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
FACTS = {"holds": {"id": 1, "going": 26, "open": 30, "unit": "source town", "hours": 5.2},
         "stale": {"last_complete": "2026-11-22T08:00:00+00:00", "hours": 24.0, "verdict": "failed", "cause": "dns"},
         "did not start": {"overdue": "2026-11-24T04:00:00+00:00"}, "always busy": {"count": 4},
         "broken cards": {}}  # fmt: skip
LETTER = Digest(name="mikkeli", to=("aino@town.example",), subject="Huomattavaa – Mikkeli", text="- Näkyvät yhä.\n")


def region(name: str, *languages: str, notify: tuple[str, ...] = ("a@b.example",)) -> Region:
    told = {"name": {one: f"{name} {one}" for one in languages}, "owner": name, "languages": languages, "notify": notify,
            "covers": [{"municipalities": ["491"]}]}  # fmt: skip
    return Region.model_validate(told)


def need(kind: str, **regions: int) -> Need:
    return Need(kind=kind, source="town", facts=FACTS[kind], regions=regions)


def test_each_region_hears_of_its_own_in_its_language_and_the_operator_of_all() -> None:
    regions = {"mikkeli": region("M", "fi", "sv"), "vaasa": region("V", "sv", "fi"), "espoo": region("E", "fi"),
               "silent": region("S", "fi", notify=())}  # fmt: skip
    found = [need("holds", mikkeli=12, silent=3), need("stale", mikkeli=30, vaasa=2), need("broken cards")]
    told = {one.name: one for one in digests(found, regions, ("file:out",), "fi", NOW)}
    assert list(told) == ["operator", "mikkeli", "vaasa"]
    assert told["operator"].subject == "Aluetori 24.11.2026: 3 huomattavaa (kaikki lähteet)"
    assert told["mikkeli"].text.splitlines()[0] == (
        "- town: 26/30 ilmoitusta katosi lähteestä kerralla (source town). Ne näkyvät yhä ja odottavat ratkaisua, nyt 5 "
        "tuntia. Sivullanne se koskee 12 ilmoitusta."
    )
    assert told["vaasa"].subject == "Aluetori 24.11.2026: 1 att titta på (V sv)"
    assert "läst i sin helhet senast 22.11.2026 10.00" in told["vaasa"].text
    assert "M fi" not in told["vaasa"].text + told["vaasa"].subject


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_kind_has_its_sentence_in_both_languages(language: str) -> None:
    (letter,) = digests([need(kind) for kind in KINDS], {}, ("file:out",), language, NOW)  # type: ignore[arg-type]
    sentences = [line for line in letter.text.splitlines() if line.startswith("- town: ")]
    assert len(sentences) == len(KINDS)
    assert "{" not in letter.text


def test_what_several_units_of_a_source_hold_is_told_once_by_the_one_of_most() -> None:
    units = [Need(kind="holds", source="town", facts={**FACTS["holds"], "unit": unit, "going": going}, regions={"mikkeli": 12})
             for unit, going in (("municipality 491", 12), ("source town", 26), ("region mikkeli", 12))]  # fmt: skip
    for letter in digests(units, {"mikkeli": region("M", "fi")}, ("file:out",), "fi", NOW):
        assert letter.text.count("- town") == 1
        assert "26/30 ilmoitusta katosi lähteestä kerralla (source town)" in letter.text


def test_where_all_is_well_nobody_is_written_to() -> None:
    assert list(digests([], {"mikkeli": region("M", "fi")}, ("file:out",), "fi", NOW)) == []


def test_a_hold_concerns_the_regions_on_whose_pages_it_would_be_seen(scene: Scene, clock: Clock) -> None:
    source = card("town", removal={"misses": 1}, freshness={"complete_within": "30h"})
    scene.day(source, [*many(20), *many(20, "k", codes=(KOUVOLA,))])
    scene.day(source, many(20, "k", codes=(KOUVOLA,)))
    found = needs(scene.store.engine, {"town": source}, {}, clock.now)
    assert {(one.kind, one.facts["unit"]) for one in found} >= {("holds", "region mikkeli"), ("holds", "source town")}
    assert {region for one in found for region in one.regions} == {"mikkeli"}
    clock.move(days=3)
    (stale,) = (one for one in needs(scene.store.engine, {"town": source}, {}, clock.now) if one.kind == "stale")
    assert stale.regions == {"mikkeli": 20, "kouvola": 20}


def test_a_source_that_is_being_read_for_the_first_time_is_not_stale_until_that_takes_too_long(
    scene: Scene, clock: Clock
) -> None:
    source = card("town", freshness={"complete_within": "30h"})
    told = []

    def stream() -> Iterator[Listed]:
        for hours in (0, 31):
            clock.move(hours=hours)
            found = needs(scene.store.engine, {"town": source}, {}, clock.now)
            told.append([one.kind for one in found if one.kind == "stale"])
        yield verdict(Whole.FAILED, "dns")

    scene.store.save_run(source, stream(), held)
    assert told == [[], ["stale"]]


class Mail(socketserver.StreamRequestHandler):
    """So much of SMTP as a letter takes."""

    taken: list[bytes]
    refuses: bytes = b""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            if verb == b"RCPT" and self.refuses and self.refuses in line:
                self.wfile.write(b"550 no such box as " + self.refuses + b"\r\n")
            else:
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 well\r\n")


@pytest.fixture
def mail() -> Iterator[tuple[str, type[Mail]]]:
    handler = type("Own", (Mail,), {"taken": []})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}", handler
        server.shutdown()
        thread.join()


def test_a_letter_arrives_by_mail_whole_and_from_us(mail: tuple[str, type[Mail]]) -> None:
    said = settings(environment={"ALUETORI_SMTP": mail[0], "ALUETORI_CONTACT": "we@aluetori.example"})
    assert send(LETTER, said, date(2026, 11, 24)) == []
    (raw,) = mail[1].taken
    letter = message_from_bytes(raw, policy=policy.default)
    assert (letter["Subject"], letter["From"], letter["To"]) == (LETTER.subject, said.contact, "aino@town.example")
    assert letter.get_content().replace("\r\n", "\n") == LETTER.text  # type: ignore[attr-defined]


def test_one_who_cannot_be_written_to_keeps_it_from_no_other_and_is_told_without_the_address(
    mail: tuple[str, type[Mail]], tmp_path: Path
) -> None:
    mail[1].refuses = b"eero@town.example"
    to = ("eero@town.example", "nobody", f"file:{tmp_path / 'out'}", "aino@town.example")
    letter = Digest(name="mikkeli", to=to, subject=LETTER.subject, text=LETTER.text)
    said = settings(environment={"ALUETORI_SMTP": mail[0], "ALUETORI_CONTACT": "we@aluetori.example"})
    wrong = send(letter, said, date(2026, 11, 24))
    assert len(wrong) == 2
    assert "@town" not in " ".join(wrong)
    assert "expected a mailbox, or file:FOLDER" in wrong[1]
    assert len(mail[1].taken) == 1
    assert (tmp_path / "out" / "digest-2026-11-24-mikkeli.txt").read_text("utf-8").startswith(LETTER.subject)


@pytest.mark.parametrize(("environment", "told"), [
    ({}, "set ALUETORI_SMTP"),
    ({"ALUETORI_SMTP": "smtp://name:geheim@127.0.0.1:1", "ALUETORI_CONTACT": "https://us.example"}, "set ALUETORI_CONTACT to"),
    ({"ALUETORI_SMTP": "smtp://name:geheim@127.0.0.1:1", "ALUETORI_CONTACT": "we@us.example"}, "was not sent"),
])  # fmt: skip
def test_what_is_missing_for_mail_is_told_without_a_password(environment: dict[str, str], told: str) -> None:
    (wrong,) = send(LETTER, settings(environment=environment), date(2026, 11, 24))
    assert told in wrong
    assert "geheim" not in wrong

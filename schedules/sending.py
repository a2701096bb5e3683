"""Letters on their way: by mail, or into a folder."""

import re
import smtplib
import ssl
from datetime import date
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote, urlsplit

from normalize.contacts import masked
from schedules.digest import Digest
from schedules.settings import Settings

_ADDRESS = re.compile(r"[^@\s<>\",;:]+@[^@\s<>\",;:]+")
_SECONDS = 30


def send(digest: Digest, settings: Settings, today: date) -> list[str]:
    """What went wrong, a sentence for each address to which the letter did not go; the others have it. An address is a
    mailbox (sent by ``ALUETORI_SMTP``) or ``file:FOLDER``. No sentence holds a mailbox or a password."""
    wrong = []
    for to in digest.to:
        try:
            if to.startswith("file:"):
                _file(digest, Path(to.removeprefix("file:")), today)
            elif _ADDRESS.fullmatch(to.removeprefix("mailto:")):
                _mail(digest, to.removeprefix("mailto:"), settings)
            else:
                raise ValueError("expected a mailbox, or file:FOLDER")
        except (OSError, ValueError, smtplib.SMTPException) as error:
            wrong.append(masked(f"the digest for {digest.name} was not sent to {to}: {error}"))
    return wrong


def _file(digest: Digest, folder: Path, today: date) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"digest-{today}-{digest.name}.txt"
    file.write_text(f"{digest.subject}\n\n{digest.text}", "utf-8")


def _mail(digest: Digest, to: str, settings: Settings) -> None:
    server = urlsplit(settings.environment.get("ALUETORI_SMTP", ""))
    if server.scheme not in ("smtp", "smtps") or not server.hostname:
        raise ValueError("set ALUETORI_SMTP, like smtp://name:password@host:587 (or smtps://)")
    if not _ADDRESS.fullmatch(settings.contact):
        raise ValueError("set ALUETORI_CONTACT to a mailbox; the letter comes from there")
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = digest.subject, settings.contact, to
    letter["Date"], letter["Auto-Submitted"] = formatdate(), "auto-generated"
    letter.set_content(digest.text)
    trusted = ssl.create_default_context()
    if server.scheme == "smtps":
        opened: smtplib.SMTP = smtplib.SMTP_SSL(server.hostname, server.port or 465, timeout=_SECONDS, context=trusted)
    else:
        opened = smtplib.SMTP(server.hostname, server.port or 587, timeout=_SECONDS)
    with opened as line:
        if server.scheme == "smtp" and line.has_extn("starttls"):
            line.starttls(context=trusted)
        if server.username:
            line.login(unquote(server.username), unquote(server.password or ""))
        line.send_message(letter)

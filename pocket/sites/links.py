"""Where an advert can be read by people: the addresses by which sites point at each other."""

import re
import unicodedata

from pocket.advert import Advert
from pocket.sites.site import Addresses


def path_of(advert: Advert) -> str:
    """The path of an ad page: its title in plain letters, then its key."""
    title = unicodedata.normalize("NFKD", advert.vacancy.title(advert.vacancy.language))
    words = re.sub(r"[^a-z0-9]+", "-", title.encode("ascii", "ignore").decode().lower()).strip("-")
    return f"/fi/tyopaikat/{words}-{advert.vacancy.reference.lower()}/"


def page_of(advert: Advert, addresses: Addresses) -> str:
    """Where an advert is read by people, whichever site it stands on."""
    match advert.site:
        case "vantaa":
            return f"{addresses['vantaa']}/paikat/?o=A_RJ&jgid=1&jid={advert.ref}"
        case "pilvi":
            return f"{addresses['pilvi']}/jobs/{advert.number}"
        case "osterbotten":
            return f"{addresses['osterbotten']}/jobb/{advert.ref}"
        case "tpt":
            return f"{addresses['tpt']}/tpt/{advert.ref}"
        case _:
            return addresses["kuntarekry"] + path_of(advert)

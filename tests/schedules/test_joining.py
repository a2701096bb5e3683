from pathlib import Path


def a_person_reads(card: Path) -> None:
    """What a person does to a drafted card: says by what right, and enables it."""
    text = card.read_text("utf-8")
    assert "enabled = false" in text
    text = text.replace(
        'enabled = false\ndisabled_because = "drafted by aluetori new, not yet read by a person"', "enabled = true"
    )
    text = text.replace('# [rights]\n# basis = "agreement"', '[rights]\nbasis = "own data"').replace(
        'delay = "1s"', 'delay = "0s"'
    )
    card.write_text(text, "utf-8")

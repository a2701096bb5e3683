"""What we keep: the only door between writing and reading. ``store.write`` alone writes."""

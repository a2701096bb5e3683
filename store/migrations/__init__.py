"""The schema's history, packaged, for SQLite and PostgreSQL alike."""

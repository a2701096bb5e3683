"""How alembic runs here: on the connection it is handed, in batches on SQLite, blind to the view."""

from alembic import context

from store import judgements, tables

connection = context.config.attributes["connection"]
assert judgements.ListingRow.metadata is tables.metadata
context.configure(
    connection=connection,
    target_metadata=tables.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()

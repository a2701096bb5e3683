"""Everything that writes. A writer takes a connection inside a transaction, or an engine and makes its own short ones."""

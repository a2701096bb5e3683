"""One module a verb. Heavy imports stand inside the functions, so that ``--help`` is quick."""

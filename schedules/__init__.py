"""The clock and the operator's hand: the one place where objects are put together. Begin at ``schedules/run.py``."""

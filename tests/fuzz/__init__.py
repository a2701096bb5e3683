"""Pages that are changed at random, and what must hold of a harvest whatever a page holds."""

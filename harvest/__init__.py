"""What the sources say: cards, pages and postings in the source's own words.

Invariant: nothing above asks which site a record came from; everything a site does oddly is settled in its card here.
"""

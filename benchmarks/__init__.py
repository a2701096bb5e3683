"""``make bench``: one table of speeds, medians of three, ratios against a peer in the same run."""

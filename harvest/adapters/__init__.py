"""One module a format. An adapter knows a format and its options, never a site, and never another adapter."""

"""One module a wire format: each site answers exactly in the shape of the real one, rendered when asked."""

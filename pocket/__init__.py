"""A small Finland on localhost: the sources' wire formats over real HTTP, with the truth to score against."""

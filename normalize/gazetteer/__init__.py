"""Tables of facts about Finland's municipalities, areas and names, and the reader that answers questions from them."""

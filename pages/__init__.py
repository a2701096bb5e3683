"""What people read, from the store and nothing else. The web pages and the read API have their own issue."""

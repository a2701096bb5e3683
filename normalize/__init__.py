"""What we make of it: facts once, judgements anew. No network, no database, no clock: time comes in as an argument."""

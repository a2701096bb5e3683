"""Long proofs, each with a short form in the ordinary tests and a full form marked soak, which prints its row of
docs/proofs.md."""

"""The views of the page of embeddings."""

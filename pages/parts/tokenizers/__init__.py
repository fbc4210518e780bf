"""The views of the page of tokenizers, one file each, and what several of them need."""

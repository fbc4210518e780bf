"""What a page does with models and pictures together, where it would make the page too long or is needed by several."""

"""One folder a browser component: its Python face, its .js, its .css."""

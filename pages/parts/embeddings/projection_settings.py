"""Which projection? Asked before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models import projection
from models.traces import ProjectionMethod
from viz import embedding_words as words
from viz import page


@dataclass(frozen=True)
class Settings:
    """What decides a projection, beside the vectors."""

    method: ProjectionMethod
    dimensions: int
    seed: int
    parameters: Mapping[str, Any]

    def __str__(self) -> str:
        said = [f"{name} {value}" for name, value in self.parameters.items()]
        return ", ".join((projection.TITLES[self.method], *said, f"seed {self.seed}"))


def ask(usual: ProjectionMethod = "pca") -> Settings:
    """The controls of a projection, in the current container."""
    methods = sorted(projection.METHODS, key=lambda name: name != usual)
    method: Any = page.choose("Projection", methods, key="method", help=words.METHOD)
    dimensions = page.choose("Dimensions", ("2", "3"), key="dims")
    known = projection.DEFAULTS[method]
    chosen: dict[str, Any] = {}
    if "n_neighbors" in known:
        chosen["n_neighbors"] = page.number(
            "Neighbours", (2, 200), known["n_neighbors"], key="n_neighbors", help=words.N_NEIGHBORS
        )
        chosen["min_dist"] = page.decimal(
            "Least distance", (0.0, 1.0), known["min_dist"], key="min_dist", step=0.05, help=words.MIN_DIST
        )
    if "perplexity" in known:
        chosen["perplexity"] = page.decimal(
            "Perplexity", (1.0, 500.0), known["perplexity"], key="perplexity", step=1.0, help=words.PERPLEXITY
        )
    if "metric" in known:
        chosen["metric"] = page.choose("Near by", projection.METRICS, key="metric", help=words.METRIC)
    seed = page.number("Seed", (0, 999_999), 0, key="seed", help=words.SEED)
    return Settings(method, int(dimensions), seed, chosen)

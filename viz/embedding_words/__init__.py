"""What does the page of embeddings say? One file for each of its views."""

from __future__ import annotations

from typing import Final

HEADER: Final = "What a model makes of a word: a row of numbers whose directions carry meaning, alone and in context."

# The controls of a projection.
METHOD: Final = (
    "How many dimensions become two or three. pca: the directions in which the points differ most. umap and tsne: "
    "neighbours stay neighbours if possible; distances between far groups mean little."
)
SEED: Final = (
    "UMAP draws numbers at random. The same seed gives the same picture; another shows what was chance. PCA, and "
    "t-SNE, which begins with PCA's picture here, hardly need it."
)
N_NEIGHBORS: Final = "How many neighbours of each point UMAP tries to keep. Few: fine detail. Many: the overall shape."
MIN_DIST: Final = "How closely UMAP packs neighbours in the picture. 0: tight clumps."
PERPLEXITY: Final = "About how many neighbours of each point t-SNE tries to keep."
METRIC: Final = "What near means between the vectors: the distance between their tips, or the angle between them."
COMPUTE: Final = "It is computed when you ask for it, so set the parameters first. Now: {settings}."

# The honesty panel.
FEW: Final = "Too few points to have neighbours: nothing to measure."
TRUSTWORTHINESS: Final = (
    "1: whoever is among the {k} nearest of a point in the picture is so in the full vectors, too. 0.5 is about "
    "what chance gives. (Venna and Kaski 2001; scikit-learn)"
)
PRESERVATION: Final = (
    "Of the {k} nearest of a point in the picture, how many are among its {k} nearest in the full vectors."
)
VARIANCE: Final = "Of all the variance of the vectors, the share that the axes show: {axes} percent."
TWIN: Final = "The same vectors under the next seed, turned and moved onto this picture, each point linked to its twin."
MOVED: Final = "Under seed {seed} a point stands {distance:.0f}% of the picture's radius away, on average."
SOME_LINKED: Final = "Only the first {shown:,} of {points:,} points are shown with their twins."
NO_SEED: Final = "PCA has no seed to choose: the same vectors give the same picture."
UNMOVED: Final = "Under seed {seed} every point stands in the same place."

# Word sets.
ASK: Final = "sets: words on a picture. The others ask the vectors a question."
SET: Final = "Words that are worth looking at together, or your own."
OWN: Final = (
    "A group a line, perhaps with its name before a colon. Any of GloVe's 400,000 words, in small letters; groups of "
    "the same size are linked word by word. Ctrl+Enter runs it."
)

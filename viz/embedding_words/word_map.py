"""What does the view "map" of the page of embeddings say?"""

from __future__ import annotations

from typing import Any, Final

from viz.words import Words

# The map opens on the mass of the words; a few clusters lie far from it.
FIRST: Final[dict[str, Any]] = {"x": -0.09, "y": -0.02, "zoom": 2}

SIZE: Final = (
    "50000: GloVe's most frequent words, for which the map was computed. 400000: all of them; the others were placed "
    "on it afterwards."
)
COLOUR: Final = (
    "cluster: 40 groups of words whose vectors point in similar directions, by k-means, each named by its three most "
    "central words. frequency: the word's rank, 1 for the most frequent; GloVe's file has the order, not the counts."
)
RANK: Final = "rank by frequency"
TITLES: Final = {
    50_000: "Map of GloVe’s 50,000 most frequent words",
    400_000: "Map of GloVe’s 400,000 words",
}
METHODS: Final = {
    50_000: "UMAP of the unit vectors, n_neighbors 15, min_dist 0.1, seed 0",
    400_000: "UMAP of the 50,000 most frequent, the others placed on it by its transform, seed 0",
}
AHEAD: Final = "Computed ahead; the script models/stored_map.py computes it again."
NOTES: Final = {
    50_000: (AHEAD,),
    400_000: (
        "UMAP laid out the 50,000 most frequent words only. Its transform then placed each of the other 350,000 near "
        "its nearest frequent words, and moved it a little more while those stayed.",
        AHEAD,
    ),
}
LINKED: Final = "GloVe’s {shown:,} most frequent words under two seeds"
ALL_COMPARED: Final = "All {words:,} words were laid out again and compared; the most frequent ones are drawn."
CHOOSE: Final = (
    "Click a word to compare its true neighbours, by cosine in all 50 dimensions, with its neighbours on the map."
)
NEAR: Final = "Who is near {word}?"
KEPT: Final = (
    "Of the {count} words nearest to **{word}** by cosine, **{kept}** are among the {count} nearest on the map, too "
    "(marked ✓). Words that aren't on this map don't count."
)
LISTS: Final = ("Nearest in the vectors, by cosine", "Nearest on the map")
RANKS: Final = ("rank on the map", "rank by cosine")

WORDS: Final = Words(
    sentence=(
        "Each point is a word of GloVe, a table of vectors of 50 numbers learned from six billion words of Wikipedia "
        "and newspapers. UMAP has laid them out in two dimensions, and the panel says how far to trust that."
    ),
    notice="""\
- **Fifty dimensions don't fit into two.** Of a word's ten nearest neighbours the map keeps about one, and among
  400,000 words hardly any. Click a word: the lists below the map tell which of its neighbours are true.
- **Regions can be trusted more than points.** Surnames, sports, food and diseases each have a country of their own,
  although many words stand on the wrong street.
- **Far away means little.** Years, ages and prices are islands because their words keep to themselves. How far an
  island lies from the mainland, and on which side, says nothing.
- **A word has one place for all its meanings.** “jordan” is a country and a surname, “python” a snake and a language;
  the map must choose, and the vector's own neighbours are a mixture.
""",
    presets=(
        (
            "Years",
            "An island where the map keeps nine of 2004's ten neighbours.",
            {"view": "map", "x": "-0.385", "y": "-0.28", "zoom": "20", "point": "708"},
        ),
        (
            "Monday",
            "Four weekdays, and words that have no business there.",
            {"view": "map", "x": "0.016", "y": "0.139", "zoom": "40", "point": "183"},
        ),
        (
            "Paris",
            "The map keeps none of its ten nearest: France, the first of them, comes 1,248th.",
            {"view": "map", "x": "-0.088", "y": "-0.128", "zoom": "12", "point": "1035"},
        ),
        (
            "Python",
            "A snake or a language? Compare the two lists.",
            {"view": "map", "x": "-0.155", "y": "0.114", "zoom": "12", "point": "20019"},
        ),
        (
            "Where the sciences are",
            "Every word with “ology” in it, lit up. Biology and sociology stand together, an apology does not.",
            {"view": "map", "find": "ology"},
        ),
        (
            "Common and rare",
            "Colour by frequency: common words at the upper right, rare ones, mostly names, at the lower left.",
            {"view": "map", "colour": "frequency"},
        ),
        (
            "All 400,000 words",
            "Most are names, codes and misspellings. Zoom in to read them.",
            {"view": "map", "size": "400000"},
        ),
        (
            "Einstein among 400,000",
            "None of his neighbours on the map is a true one.",
            {"view": "map", "size": "400000", "x": "-0.226", "y": "-0.133", "zoom": "40", "point": "14553"},
        ),
    ),
    how=r"""
Each word's vector is divided by its length, so that the distance of two goes by the angle between them:
$\lVert \hat a - \hat b \rVert^2 = 2 - 2\cos(a, b)$. UMAP links each of the 50,000 most frequent words to its 15 nearest
and looks for places in the plane where linked words are near and others are not (McInnes, Healy and Melville, *UMAP:
Uniform Manifold Approximation and Projection for Dimension Reduction*, 2018). With a seed and a single thread it gives
the same map again.

On the map of all words, the 50,000 stay where they are. Each other word begins at the mean of its 15 nearest frequent
words, weighted by nearness, and is moved for 30 more rounds (UMAP's `transform`). Rare words are so not linked to each
other, which costs most of their neighbours.

The clusters are those of $k$-means with $k = 40$, in all 50 dimensions: they don't know the map. A rarer word belongs
to the cluster with the nearest centre.

*Trustworthiness* and *neighbours kept* ask 1,000 random words. With $r(i, j)$ the rank of $j$ among all others by
distance in the vectors, and $N(i)$ the $k = 10$ words nearest to $i$ on the map of $n$ words:

$$
\text{trustworthiness} = 1 - \frac{2}{nk(2n - 3k - 1)} \sum_i \sum_{j \in N(i)} \max(0, r(i, j) - k)
$$

Neighbours kept is the mean share of $N(i)$ with $r(i, j) \le k$ (Venna and Kaski 2001). The two lists of a chosen word
are the same comparison for this word alone.
""",
    code="""
units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # [word, 50]
fitted = umap.UMAP(random_state=0, transform_seed=0, n_jobs=1).fit(units[:50_000])
places = np.concatenate([fitted.embedding_, fitted.transform(units[50_000:])])  # [word, 2]

cosines = units @ units[word]  # the word itself comes first
true = np.argsort(-cosines)[1:11]
on_map = np.argsort(np.linalg.norm(places - places[word], axis=1))[1:11]
""",
)

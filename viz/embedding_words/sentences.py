"""What does the view "sentences" of the page of embeddings say?"""

from __future__ import annotations

from typing import Final

from viz.words import Words

SHOW: Final = (
    "map: the texts as points. similarity: every two compared. search: the texts nearest to a question. clusters: "
    "groups that nobody named. classify: label a few, and a classifier labels the rest. pooling: three ways to make "
    "one vector of many."
)
TEXTS: Final = (
    "lines: what you paste. a CSV column: the texts in a file, up to 10,000 rows. vectors in a CSV: numbers that you "
    "have already, each row a point."
)
LINES: Final = "Each line is one text, up to 10,000 of them. Ctrl+Enter runs it. The link keeps them."
EXAMPLE: Final = "40 short sentences on 4 topics"
LONG_LINK: Final = (
    "A link to these texts has {size:,.0f} KB. A proxy or a mail program may refuse one of over 64 KB, and over 512 KB "
    "none is read, so send the texts beside it."
)
FILE: Final = "Read as texts and numbers, nothing in it is run: a cell that begins with = is the text that it is."
HEADER_ROW: Final = "Whether the file's first row names the columns. Found out: by what stands below it."
LABEL_FIELD: Final = "Labels in the file, for colours and for the classifier. Cells without one may be left empty."
NAMES: Final = "What stands beside each point. All columns of numbers together are the vectors."
MODEL: Final = (
    "MiniLM was trained to put sentences of like meaning side by side. A decoder was trained to predict words."
)
POOLING: Final = (
    "How the vectors of a text's tokens become one: their mean, the first one, or the largest number in each place."
)
UNREAD: Final = (
    "{count} longer than the {limit:,} tokens that are read at once, so that only the beginning counts (row {named})."
)
CHECK: Final = (
    "The texts run many at a time, the shorter ones padded. The shortest, the middle and the longest of them are run "
    "again alone, without padding. Given is the largest difference between two numbers of such vectors, as a share of "
    "the largest number."
)
COLOUR: Final = "Labels are those of the example's topics, of the file, or your own, given under “classify”."
CLUSTERS: Final = (
    "How many groups k-means is to find. It finds as many as it is told, whether there are so many or not."
)
CLUSTER_SEED: Final = (
    "k-means begins at random, ten times (four where there are 2,000 texts or more) with this seed and the next ones; "
    "the tightest groups are taken."
)
CLUSTER_LEAD: Final = (
    "The words beside a cluster are those that its texts hold more often than all others (TF-IDF). The number beside "
    "a text is its cosine with the middle of its cluster; the most central come first."
)
QUERY: Final = "Will I get wet?"
QUERY_HELP: Final = (
    "Words of your own. They become a vector by the same model, and the texts are ranked by their cosine with it."
)
SEARCH_LEAD: Final = (
    "A cosine of 1: the same direction. 0: a right angle. How high is high differs from model to model, so look at the "
    "order."
)
AGAIN: Final = "{again} of the texts {verb} there more than once; each is compared once."
LABEL: Final = "Any word. Two different ones at least, each for two texts at least."
LABEL_SOME: Final = (
    "Write a label beside a few texts: two different labels at least, each for two texts at least. The link keeps them."
)
LABEL_ALONE: Final = "“{label}” stands beside one text only; it counts from the second one on."
LABELS_TOO_LONG: Final = "The labels in the link have more than {most:,} characters; the usual ones are shown instead."
LABELS_UNREAD: Final = (
    "The link asks for the label “{entry}”, but labels are written as 0:sport,5:food, each with its text's number, "
    "counted from 0; this one is left out."
)
LABELS_BEYOND: Final = "The link labels text {number:,}, but there are only {count:,}; that label is left out."
HELD_OUT: Final = (
    "Held out: of {count} labels, the classifier finds {right} ({accuracy:.0%}) when it is trained without them. "
    "Always answering with the most frequent label finds {baseline:.0%}."
)
INTERVAL: Final = (
    "What that means with {count} labels: on many more texts like these, anything from {low:.0%} to {high:.0%} would "
    "be no surprise (Wilson's 95% interval)."
)
KNOWN: Final = "{came} that it was not shown: it finds {right:,} of them."
POOLING_TITLES: Final = {"mean": "mean", "first": "first token", "max": "max"}
POOLINGS: Final = {
    "mean": "of all tokens' vectors",
    "first": "that token's vector alone",
    "max": "the largest number in each dimension",
}
TRAINED_MEAN: Final = (
    "MiniLM was trained with the mean. Its first token [CLS] and the maxima were never trained to stand for a text; "
    "what they do well, they do by the way."
)
DECODER: Final = (
    "This decoder was trained with none of them: it predicts words. Its first token sees no other, so two texts that "
    "begin with the same token have the same vector under “first token”."
)
UNTRAINED: Final = "With which of them this model was trained, if with any, is not known here."

WORDS: Final = Words(
    sentence="A whole text becomes one vector. Texts that mean alike point alike, whatever their words.",
    notice="""\
- **Meaning, not words.** “Will I get wet?” finds showers, rain and umbrellas, with which it shares no word.
- **Near means: about the same thing.** Of the 40 sentences, a storm and a clearing sky are the most alike: both are
  weather. And “The dog bit the man” is nearly “The man bit the dog”.
- **Clusters always come.** k-means makes as many groups as it is told. Whether there are groups is another question:
  try another number, and another seed.
- **A few labels go far, and say little about how far.** The held-out accuracy of twelve labels is a share of twelve.
- **High is relative.** Two of the sentences have a cosine of 0.09 on average by MiniLM, and of 0.75 by SmolLM2, which
  was not trained for this.
""",
    presets=(
        (
            "Search without the words",
            "Rain and umbrellas for “Will I get wet?”, which names neither.",
            {"view": "sentences", "show": "search"},
        ),
        (
            "A storm in the kitchen",
            "Words of one topic in a sentence of another: who are its neighbours?",
            {"view": "sentences", "show": "search", "query": "A storm was stirred up."},
        ),
        (
            "Every two compared",
            "Four blocks along the diagonal: the topics.",
            {"view": "sentences", "show": "similarity"},
        ),
        ("Four clusters", "Do they find the topics?", {"view": "sentences", "show": "clusters"}),
        (
            "Nine clusters",
            "There are four topics; nine groups come all the same.",
            {"view": "sentences", "show": "clusters", "k": "9"},
        ),
        (
            "Twelve labels",
            "Three of each topic; the classifier finds the rest.",
            {"view": "sentences", "show": "classify"},
        ),
        (
            "Who did it",
            "The same words in another order, and other words for the same thing.",
            {
                "view": "sentences",
                "show": "similarity",
                "text": "The dog bit the man.\nThe man bit the dog.\nA hound has bitten somebody.\n"
                "The man was not bitten by the dog.",
            },
        ),
        (
            "Two things in four languages",
            "MiniLM was trained on English. Does it group these by meaning, or by language?",
            {
                "view": "sentences",
                "show": "similarity",
                "text": "It is raining.\nIl pleut.\nEs regnet.\nСегодня идёт дождь.\n"
                "I like cheese.\nJ'aime le fromage.\nIch mag Käse.\nЯ люблю сыр.",
            },
        ),
        (
            "Three poolings",
            "The same sentences by mean, first token and max.",
            {"view": "sentences", "show": "pooling"},
        ),
        (
            "A decoder's vectors",
            "SmolLM2 was trained to predict words: by its first token nearly all texts are one.",
            {"view": "sentences", "show": "pooling", "model": "smollm2-135m"},
        ),
    ),
    how=r"""
The model reads a text of $T$ tokens, special ones included; its last layer gives a vector $h_t$ of $d$ numbers for
each ($d$ is 384 for MiniLM). Pooling makes one of them:

$$\text{mean: } v = \frac{1}{T} \sum_t h_t \qquad \text{first: } v = h_1 \qquad \text{max: } v_i = \max_t h_{t,i}$$

Texts of like length run together; what pads the shorter ones is masked in the model and in the pooling. Two texts are
compared by the angle between their vectors,

$$\cos(v, w) = \frac{v \cdot w}{\lVert v \rVert \, \lVert w \rVert}.$$

**Clusters**: k-means (Lloyd 1982; scikit-learn) on the vectors at length 1, so that only angles count. **Classifier**:
logistic regression (scikit-learn, its usual penalty) on the same. **Held out**: stratified cross-validation in up to
five parts; each label is found by a classifier that was trained without it. **Search**: the query is a text like any
other.

Reimers and Gurevych, *Sentence-BERT*, 2019, arXiv:1908.10084.
""",
    code="""
import torch
from transformers import AutoModel, AutoTokenizer

name = "sentence-transformers/all-MiniLM-L6-v2"
tokenizer, model = AutoTokenizer.from_pretrained(name), AutoModel.from_pretrained(name).eval()
batch = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
with torch.no_grad():
    hidden = model(**batch).last_hidden_state                     # [text, token, 384]
mask = batch["attention_mask"][:, :, None]
vectors = (hidden * mask).sum(dim=1) / mask.sum(dim=1)            # [text, 384]
directions = torch.nn.functional.normalize(vectors, dim=1)
cosines = directions @ directions.T                               # [text, text]
""",
)

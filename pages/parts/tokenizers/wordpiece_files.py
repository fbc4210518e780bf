"""How do the matches and the merges of WordPiece leave the page?"""

from __future__ import annotations

import json

from models import tables
from models.traces import PairRanking, WordPieceReplay


def matches_csv(replay: WordPieceReplay, title: str) -> bytes:
    """Every search for a piece, word by word: where it began, what it found, and after how many look-ups."""
    return tables.csv(
        {"tokenizer": title, "text": replay.text},
        ("word", "written", "seen", "start", "end", "piece", "look-ups"),
        [
            (
                number,
                replay.text[slice(*word.span)],
                word.text,
                start,
                end,
                (replay.prefix if start else "") + word.text[start:end] if end > start else None,
                len(word.text) - max(end, start + 1) + 1,
            )
            for number, word in enumerate(replay.words)
            for start, end in zip(word.starts.tolist(), word.ends.tolist(), strict=True)
        ],
    )


def words_json(replay: WordPieceReplay, title: str) -> bytes:
    """The text, its words and the pieces that they become."""
    record = {
        "tokenizer": title,
        "text": replay.text,
        "ids": replay.ids.tolist(),
        "words": [
            {
                "span": word.span,
                "seen": word.text,
                "outcome": word.outcome,
                "pieces": word.pieces,
                "ids": word.ids.tolist(),
                "searches": [
                    {"start": start, "end": end}
                    for start, end in zip(word.starts.tolist(), word.ends.tolist(), strict=True)
                ],
            }
            for word in replay.words
        ],
    }
    return json.dumps(record, ensure_ascii=False).encode()


def ranking_csv(ranking: PairRanking, title: str) -> bytes:
    """Every merge of a training, with the pair that the other criterion would have merged."""
    return tables.csv(
        {"trained on": title},
        ("merge", "left", "right", "count", "score", "rival left", "rival right", "rival count", "rival score", "rank"),
        [
            (number, *pair, count, score, *rival, rival_count, rival_score, rank)
            for number, (pair, count, score, rival, rival_count, rival_score, rank) in enumerate(
                zip(
                    ranking.pairs,
                    ranking.counts.tolist(),
                    ranking.scores.tolist(),
                    ranking.rivals,
                    ranking.rival_counts.tolist(),
                    ranking.rival_scores.tolist(),
                    ranking.ranks.tolist(),
                    strict=True,
                )
            )
        ],
    )


def made(ranking: PairRanking, prefix: str) -> set[str]:
    """The pieces that a training's merges make."""
    return {left + right.removeprefix(prefix) for left, right in ranking.pairs}

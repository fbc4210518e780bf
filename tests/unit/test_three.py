"""Three tokenizers of one corpus: the size asked for, the libraries' own cuts, pieces told apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer

from models import comparison, three
from models.corpora import CORPORA
from models.traces import InputError

SIZE = 400


@pytest.fixture(scope="module")
def trained() -> three.Three:
    return three.train(CORPORA["english"].read()[:60_000], SIZE)


def test_all_three_have_the_size_asked_for(trained: three.Three) -> None:
    assert dict(trained.sizes) == {"bpe": SIZE, "wordpiece": SIZE, "unigram": SIZE}
    for name in ("bpe", "wordpiece"):
        assert Tokenizer.from_str(trained.documents[name].decode()).get_vocab_size() == SIZE
    assert SentencePieceProcessor(model_proto=trained.documents["unigram"]).get_piece_size() == SIZE


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
    | st.text("lower tang\n ,.é猫", min_size=1)
)
def test_each_row_is_the_librarys(trained: three.Three, text: str) -> None:
    found = comparison.compare(text, trained.tokenizers())
    rows = {row.key: row.token_table for row in found.rows}
    for name in ("bpe", "wordpiece"):
        library = Tokenizer.from_str(trained.documents[name].decode())
        assert rows[name].ids.tolist() == library.encode(text, add_special_tokens=False).ids
    processor = SentencePieceProcessor(model_proto=trained.documents["unigram"])
    assert rows["unigram"].ids.tolist() == processor.encode(text)
    for table in rows.values():
        last = 0
        for start, end in table.spans:
            assert last <= start <= end
            last = start


def test_our_own_algorithms_give_the_same_ids(trained: three.Three) -> None:
    found = comparison.compare(trained.held_out[: three.MAX_CHARACTERS], trained.tokenizers())
    assert three.agree(trained, found) == {"bpe": True, "wordpiece": True, "unigram": True}


def test_a_difference_would_be_seen(trained: three.Three) -> None:
    other = three.train(CORPORA["code"].read()[:60_000], SIZE)
    found = comparison.compare("def return the statement", other.tokenizers())
    assert not any(three.agree(trained, found).values())


def test_the_held_out_end_was_not_learnt() -> None:
    corpus = "\n".join(f"line {number} of many" for number in range(1_000))
    learnt, held_out = three.hold_out(corpus)
    assert corpus == learnt + held_out
    assert held_out.startswith("line 9")
    assert len(held_out) == pytest.approx(len(corpus) / 10, rel=0.02)
    assert three.hold_out("one line only " * 100) == ("one line only " * 100, "")


def test_pieces_are_told_apart_by_where_they_stand(trained: three.Three) -> None:
    groups = three.shared(trained)
    pieces = [piece for group in groups.values() for piece in group]
    assert len(pieces) == len(set(pieces))
    for owners, group in groups.items():
        for name, vocabulary in trained.vocabularies.items():
            assert all((piece in vocabulary) is (name in owners) for piece in group)
    assert "\u2581the" in groups["bpe", "wordpiece", "unigram"]
    library = Tokenizer.from_str(trained.documents["wordpiece"].decode()).get_vocab()
    assert {"the", "##e"} <= set(library)
    assert {"\u2581the", "e"} <= trained.vocabularies["wordpiece"]


@pytest.mark.parametrize(
    ("corpus", "size", "part"),
    [
        ("", 100, "empty"),
        ("a" * 1_000_001, 100, "at most 1,000,000"),
        (CORPORA["low"].read(), 100, "too small for three"),
        (CORPORA["english"].read()[:20_000], 4_000, "that works for all three is"),
        (CORPORA["english"].read()[:20_000], 20, "ask for a vocabulary of at least"),
    ],
    ids=["empty", "large", "low", "few pieces", "small size"],
)
def test_what_cannot_be_trained(corpus: str, size: int, part: str) -> None:
    with pytest.raises(InputError, match=part):
        three.train(corpus, size)


def test_the_largest_size_that_works_works() -> None:
    corpus = CORPORA["english"].read()[:20_000]
    with pytest.raises(InputError) as caught:
        three.train(corpus, 4_000)
    largest = int(str(caught.value).split()[-1].rstrip(".").replace(",", ""))
    assert set(three.train(corpus, largest).sizes.values()) == {largest}

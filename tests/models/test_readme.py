"""Every piece of Python in the README runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.families import tiny_model, tiny_tokenizer

README = Path(__file__).parent.parent.parent / "README.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_a_snippet_runs(number: int) -> None:
    given = {"hf_model": tiny_model("llama"), "hf_tokenizer": tiny_tokenizer()}
    exec(compile(SNIPPETS[number], f"README.md, snippet {number}", "exec"), given)


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) >= 6

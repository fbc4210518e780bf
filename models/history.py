"""How large have language models been, and who says so?

Counts as their authors publish them (total, embeddings included unless they say otherwise). A size that nobody has
published is marked as a rumour, with where the rumour is from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Size:
    """One model, when it was made known, and how many parameters its authors count."""

    name: str
    year: float  # with the month as its fraction
    parameters: float
    source: str
    active: float | None = None  # that work on one token, where these are fewer
    rumour: bool = False


SIZES: Final = (
    Size("LeNet-5", 1998.9, 60e3, "LeCun et al. 1998, Proceedings of the IEEE 86 (no language model)"),
    Size("AlexNet", 2012.9, 60e6, "Krizhevsky et al. 2012, NIPS (no language model)"),
    Size("Sequence to sequence LSTM", 2014.7, 384e6, "Sutskever et al. 2014, arXiv:1409.3215"),
    Size("Transformer (base)", 2017.4, 65e6, "Vaswani et al. 2017, arXiv:1706.03762"),
    Size("Transformer (big)", 2017.4, 213e6, "Vaswani et al. 2017, arXiv:1706.03762"),
    Size("ELMo", 2018.1, 94e6, "Peters et al. 2018, arXiv:1802.05365"),
    Size("GPT", 2018.4, 117e6, "Radford et al. 2018"),
    Size("BERT large", 2018.8, 340e6, "Devlin et al. 2018, arXiv:1810.04805"),
    Size("GPT-2", 2019.1, 1.5e9, "Radford et al. 2019"),
    Size("Megatron-LM", 2019.7, 8.3e9, "Shoeybi et al. 2019, arXiv:1909.08053"),
    Size("T5 11B", 2019.8, 11e9, "Raffel et al. 2019, arXiv:1910.10683"),
    Size("GPT-3", 2020.4, 175e9, "Brown et al. 2020, arXiv:2005.14165"),
    Size("Switch-C", 2021.0, 1.571e12, "Fedus et al. 2021, arXiv:2101.03961"),
    Size("Gopher", 2021.9, 280e9, "Rae et al. 2021, arXiv:2112.11446"),
    Size("Megatron-Turing NLG", 2022.1, 530e9, "Smith et al. 2022, arXiv:2201.11990"),
    Size("Chinchilla", 2022.2, 70e9, "Hoffmann et al. 2022, arXiv:2203.15556"),
    Size("PaLM", 2022.3, 540e9, "Chowdhery et al. 2022, arXiv:2204.02311"),
    Size("OPT-175B", 2022.4, 175e9, "Zhang et al. 2022, arXiv:2205.01068"),
    Size("BLOOM", 2022.9, 176e9, "BigScience 2022, arXiv:2211.05100"),
    Size("LLaMA 65B", 2023.1, 65.2e9, "Touvron et al. 2023, arXiv:2302.13971"),
    Size(
        "GPT-4",
        2023.2,
        1.8e12,
        "SemiAnalysis, July 2023; OpenAI's report (arXiv:2303.08774) gives no size",
        rumour=True,
    ),
    Size("Llama 2 70B", 2023.5, 70e9, "Touvron et al. 2023, arXiv:2307.09288"),
    Size("Mistral 7B", 2023.8, 7.3e9, "Jiang et al. 2023, arXiv:2310.06825"),
    Size("Mixtral 8x7B", 2024.0, 47e9, "Jiang et al. 2024, arXiv:2401.04088", active=13e9),
    Size("Llama 3.1 405B", 2024.5, 405e9, "Llama Team 2024, arXiv:2407.21783"),
    Size("SmolLM2 135M", 2024.8, 135e6, "Ben Allal et al. 2025, arXiv:2502.02737"),
    Size("DeepSeek-V3", 2024.9, 671e9, "DeepSeek-AI 2024, arXiv:2412.19437", active=37e9),
    Size("Qwen3 235B", 2025.3, 235e9, "Qwen Team 2025, arXiv:2505.09388", active=22e9),
    Size("Kimi K2", 2025.5, 1.04e12, "Kimi Team 2025, arXiv:2507.20534", active=32.6e9),
    Size("gpt-oss-120b", 2025.6, 116.8e9, "OpenAI 2025, arXiv:2508.10925", active=5.13e9),
)

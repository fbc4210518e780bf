"""How large have language models been, and who says so?

Counts as their authors publish them, rounded as they round them: totals, embeddings included. A size that its authors
keep to themselves is a rumour, with where the rumour is from; UNPUBLISHED names papers that give no size at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Size:
    """One model, when it was made known, and how many parameters its authors count."""

    name: str
    month: str  # "2017-06"
    parameters: float
    source: str
    active: float | None = None  # that work on one token, where its authors say that these are fewer
    experts: bool = False  # the router's choice decides which parameters work
    rumour: bool = False
    published: str = ""  # its name in models.published, where its configuration is there
    installed: str = ""  # its key in models.catalog, where this app runs it

    @property
    def year(self) -> float:
        """The middle of the month, in years."""
        year, month = self.month.split("-")
        return int(year) + (int(month) - 0.5) / 12


def _experts(name: str, month: str, parameters: float, active: float | None, source: str, published: str = "") -> Size:
    return Size(name, month, parameters, source, active, experts=True, published=published)


SIZES: Final = (
    Size("Sequence to sequence LSTM", "2014-09", 384e6, "Sutskever et al. 2014, arXiv:1409.3215"),
    Size("Transformer (base)", "2017-06", 65e6, "Vaswani et al. 2017, arXiv:1706.03762, table 3"),
    Size("Transformer (big)", "2017-06", 213e6, "Vaswani et al. 2017, arXiv:1706.03762, table 3"),
    Size("ELMo", "2018-02", 93.6e6, "allennlp.org/elmo (Peters et al. 2018, arXiv:1802.05365)"),
    Size("GPT", "2018-06", 117e6, "Radford et al. 2019, table 2, of the model of Radford et al. 2018"),
    Size("BERT large", "2018-10", 340e6, "Devlin et al. 2018, arXiv:1810.04805", published="bert-large"),
    Size("GPT-2", "2019-02", 1.542e9, "Radford et al. 2019, table 2", published="gpt2-xl"),
    Size("Megatron-LM", "2019-08", 8.3e9, "NVIDIA ADLR, 13 August 2019; Shoeybi et al. 2019, arXiv:1909.08053"),
    Size("T5 11B", "2019-10", 11e9, "Raffel et al. 2019, arXiv:1910.10683", published="t5-11b"),
    Size("Turing-NLG", "2020-02", 17e9, "Rosset 2020, Microsoft Research Blog"),
    Size("GPT-3", "2020-05", 175e9, "Brown et al. 2020, arXiv:2005.14165", published="gpt3-175b"),
    _experts("GShard", "2020-06", 600e9, None, "Lepikhin et al. 2020, arXiv:2006.16668"),
    _experts("Switch-C", "2021-01", 1.571e12, None, "Fedus et al. 2021, arXiv:2101.03961, table 9"),
    Size(
        "all-MiniLM-L6-v2",
        "2021-08",
        22.7e6,
        "sentence-transformers/all-MiniLM-L6-v2 on the Hugging Face hub (Wang et al. 2020, arXiv:2002.10957)",
        installed="minilm-l6-v2",
    ),
    Size("Megatron-Turing NLG", "2021-10", 530e9, "Smith et al. 2022, arXiv:2201.11990"),
    Size("Gopher", "2021-12", 280e9, "Rae et al. 2021, arXiv:2112.11446"),
    _experts("GLaM", "2021-12", 1.2e12, 96.6e9, "Du et al. 2021, arXiv:2112.06905"),
    Size("LaMDA", "2022-01", 137e9, "Thoppilan et al. 2022, arXiv:2201.08239"),
    Size("Chinchilla", "2022-03", 70e9, "Hoffmann et al. 2022, arXiv:2203.15556"),
    Size("PaLM", "2022-04", 540e9, "Chowdhery et al. 2022, arXiv:2204.02311"),
    Size("OPT-175B", "2022-05", 175e9, "Zhang et al. 2022, arXiv:2205.01068"),
    Size("BLOOM", "2022-07", 176e9, "BigScience Workshop 2022, arXiv:2211.05100"),
    Size("GLM-130B", "2022-10", 130e9, "Zeng et al. 2022, arXiv:2210.02414"),
    Size("LLaMA 65B", "2023-02", 65.2e9, "Touvron et al. 2023, arXiv:2302.13971, table 2"),
    Size(
        "GPT-4",
        "2023-03",
        1.8e12,
        "Patel and Wong 2023, SemiAnalysis, 10 July 2023; OpenAI's report (arXiv:2303.08774) gives no size",
        active=280e9,
        experts=True,
        rumour=True,
    ),
    Size(
        "PaLM 2",
        "2023-05",
        340e9,
        "Elias 2023, CNBC, 16 May 2023; Google's report (arXiv:2305.10403) gives no size",
        rumour=True,
    ),
    Size("Llama 2 70B", "2023-07", 70e9, "Touvron et al. 2023, arXiv:2307.09288", published="llama-2-70b"),
    Size("Falcon 180B", "2023-09", 180e9, "Almazrouei et al. 2023, arXiv:2311.16867"),
    Size("Mistral 7B", "2023-09", 7.3e9, "mistral.ai/news/announcing-mistral-7b", published="mistral-7b"),
    Size("Phi-2", "2023-12", 2.7e9, "Javaheripi and Bubeck 2023, Microsoft Research Blog", published="phi-2"),
    _experts("Mixtral 8x7B", "2023-12", 47e9, 13e9, "Jiang et al. 2024, arXiv:2401.04088", "mixtral-8x7b"),
    Size("OLMo 7B", "2024-02", 7e9, "Groeneveld et al. 2024, arXiv:2402.00838"),
    Size("Gemma 7B", "2024-02", 8.54e9, "Gemma Team 2024, arXiv:2403.08295, table 2", published="gemma-7b"),
    _experts("Grok-1", "2024-03", 314e9, 78.5e9, "x.ai/blog/grok-os: 314 billion, 25% of them active"),
    _experts("DBRX", "2024-03", 132e9, 36e9, "databricks.com/blog/introducing-dbrx-new-state-art-open-llm"),
    Size("Phi-3 mini", "2024-04", 3.8e9, "Abdin et al. 2024, arXiv:2404.14219", published="phi-3-mini"),
    _experts("DeepSeek-V2", "2024-05", 236e9, 21e9, "DeepSeek-AI 2024, arXiv:2405.04434"),
    Size("Nemotron-4 340B", "2024-06", 340e9, "Nvidia 2024, arXiv:2406.11704"),
    Size("Qwen2 72B", "2024-06", 72e9, "Yang et al. 2024, arXiv:2407.10671", published="qwen2-72b"),
    Size("Gemma 2 27B", "2024-06", 27.2e9, "Gemma Team 2024, arXiv:2408.00118, table 2", published="gemma-2-27b"),
    Size("Llama 3.1 405B", "2024-07", 405e9, "Llama Team 2024, arXiv:2407.21783", published="llama-3.1-405b"),
    Size("Mistral Large 2", "2024-07", 123e9, "mistral.ai/news/mistral-large-2407"),
    Size("Llama 3.2 1B", "2024-09", 1.23e9, "model card of Meta's Llama 3.2", published="llama-3.2-1b"),
    Size(
        "SmolLM2 135M",
        "2024-11",
        135e6,
        "Ben Allal et al. 2025, arXiv:2502.02737",
        published="smollm2-135m",
        installed="smollm2-135m",
    ),
    Size("Phi-4", "2024-12", 14e9, "Abdin et al. 2024, arXiv:2412.08905"),
    _experts("DeepSeek-V3", "2024-12", 671e9, 37e9, "DeepSeek-AI 2024, arXiv:2412.19437", "deepseek-v3"),
    _experts("DeepSeek-R1", "2025-01", 671e9, 37e9, "DeepSeek-AI 2025, arXiv:2501.12948, trained from DeepSeek-V3"),
    Size("Gemma 3 27B", "2025-03", 27.4e9, "Gemma Team 2025, arXiv:2503.19786, table 1, with what sees pictures"),
    Size("OLMo 2 32B", "2025-03", 32e9, "OLMo Team 2025, arXiv:2501.00656"),
    _experts("Llama 4 Scout", "2025-04", 109e9, 17e9, "ai.meta.com/blog/llama-4-multimodal-intelligence"),
    _experts("Llama 4 Maverick", "2025-04", 400e9, 17e9, "ai.meta.com/blog/llama-4-multimodal-intelligence"),
    _experts("Qwen3 235B", "2025-04", 235e9, 22e9, "Qwen Team 2025, arXiv:2505.09388"),
    _experts("Kimi K2", "2025-07", 1.04e12, 32.6e9, "Kimi Team 2025, arXiv:2507.20534, table 2"),
    _experts("GLM-4.5", "2025-07", 355e9, 32e9, "GLM-4.5 Team 2025, arXiv:2508.06471"),
    _experts("gpt-oss-120b", "2025-08", 116.8e9, 5.13e9, "OpenAI 2025, arXiv:2508.10925, table 1"),
    Size("Gemma 3 270M", "2025-08", 270e6, "developers.googleblog.com, Introducing Gemma 3 270M"),
    Size("Olmo 3 32B", "2025-11", 32e9, "allenai/Olmo-3-1125-32B on the Hugging Face hub"),
    _experts("Mistral Large 3", "2025-12", 675e9, 41e9, "mistral.ai/news/mistral-3"),
    _experts("GLM-5", "2026-02", 744e9, 40e9, "zai-org/GLM-5 on the Hugging Face hub"),
    _experts("Qwen3.5 397B", "2026-02", 397e9, 17e9, "Qwen/Qwen3.5-397B-A17B on the Hugging Face hub"),
    _experts("DeepSeek-V4-Pro", "2026-04", 1.6e12, 49e9, "DeepSeek-AI 2026, arXiv:2606.19348"),
)

# Well-known models whose own papers don't say how large they are.
UNPUBLISHED: Final = (
    ("GPT-4", "OpenAI 2023, arXiv:2303.08774, section 2"),
    ("PaLM 2", "Google 2023, arXiv:2305.10403"),
    ("Gemini 1.0 Pro and Ultra", "Gemini Team 2023, arXiv:2312.11805"),
    ("Claude 3", "Anthropic 2024, its model card"),
)

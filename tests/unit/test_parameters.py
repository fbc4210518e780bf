"""Parameters: every family of the installed transformers is counted as its model counts itself."""

from __future__ import annotations

import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
import transformers
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoModelForSeq2SeqLM
from transformers.initialization import no_tie_weights
from transformers.models.auto import modeling_auto as auto

from models import checkpoint, configurations, parameters, traces
from models.traces import InputError

CAUSAL, MASKED = set(auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES), set(auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES)
BOTH_WAYS = set(auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES)
FAMILIES = sorted((CAUSAL | MASKED | BOTH_WAYS) & set(auto.MODEL_MAPPING_NAMES))


def theirs(family: str) -> Any:
    kind = AutoModelForSeq2SeqLM if family in BOTH_WAYS else AutoModel if family in MASKED else AutoModelForCausalLM
    with torch.device("meta"):
        return kind.from_config(AutoConfig.for_model(family))


@pytest.mark.parametrize("first", range(8))
def test_every_family_is_counted_as_its_model_counts_itself(first: int) -> None:
    counted = 0
    for family in FAMILIES[first::8]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                model = theirs(family)
            except Exception:  # some default configurations build nothing
                try:
                    config = AutoConfig.for_model(family)
                except Exception:  # some can't even be made
                    continue
                with pytest.raises(InputError, match=r"transformers can't build this .+: .+\."):
                    parameters.breakdown(config)
                continue
            trace = parameters.breakdown(AutoConfig.for_model(family))
        assert trace.total == model.num_parameters(), family
        assert sum(trace.leaves.values()) == trace.total, family
        assert trace.leaves == {name: weight.numel() for name, weight in model.named_parameters()}, family
        assert trace.active is None or 0 < trace.active <= trace.total, family
        counted += 1
    assert counted > 20


@pytest.mark.parametrize(
    ("family", "fields", "total", "active"),
    [
        ("gpt2", {}, 124_439_808, 124_439_808),
        (
            "llama",
            {
                "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
                "intermediate_size": 14336, "vocab_size": 128256, "tie_word_embeddings": False,
            },
            8_030_261_248,
            8_030_261_248,
        ),
        (
            "llama",
            {
                "hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8,
                "head_dim": 64, "intermediate_size": 8192, "vocab_size": 128256, "tie_word_embeddings": True,
            },
            1_235_814_400,
            1_235_814_400,
        ),
        (
            "qwen2",
            {
                "hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2,
                "intermediate_size": 4864, "vocab_size": 151936, "tie_word_embeddings": True,
            },
            494_032_768,
            494_032_768,
        ),
        ("mixtral", {}, 46_702_792_704, 12_879_925_248),
        (
            "llama",
            {
                "hidden_size": 576, "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3,
                "intermediate_size": 1536, "vocab_size": 49152, "tie_word_embeddings": True,
            },
            134_515_008,
            134_515_008,
        ),
    ],
    ids=["gpt2", "llama-3-8b", "llama-3.2-1b", "qwen2-0.5b", "mixtral-8x7b", "smollm2-135m"],
)  # fmt: skip
def test_published_counts(family: str, fields: dict[str, Any], total: int, active: int) -> None:
    trace = parameters.breakdown({"model_type": family, **fields})
    assert (trace.total, trace.active) == (total, active)


def test_tied_tensors_are_counted_once_and_named() -> None:
    trace = parameters.breakdown(AutoConfig.for_model("gpt2"))
    assert trace.tied == (("lm_head.weight", "transformer.wte.weight"),)
    assert parameters.breakdown({"model_type": "gpt2", "tie_word_embeddings": False}).total == 124_439_808 + 50257 * 768


def test_a_file_keeps_all() -> None:
    trace = parameters.breakdown(AutoConfig.for_model("mixtral"))
    again = traces.from_bytes(traces.to_bytes(trace))
    assert isinstance(again, traces.ParametersTrace)
    assert (again.leaves, again.active, again.shapes, again.parts) == (
        trace.leaves, trace.active, trace.shapes, trace.parts,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "an object"),
        ("{}", "model_type"),
        ('{"model_type": "nonsense"}', "nonsense"),
        ('{"model_type": "mine", "auto_map": {"AutoConfig": "x.Y"}}', "never run"),
        ('{"model_type": "llama", "num_attention_heads": 0}', "num_attention_heads"),
        ('{"model_type": "gpt2", "n_head": 0}', "at least 1"),
        ('{"model_type": "gpt2", "n_embd": 100}', "shared out"),
        ('{"model_type": "llama", "num_hidden_layers": -3}', "num_hidden_layers"),
        ('{"model_type": "llama", "num_hidden_layers": 1000000}', "num_hidden_layers"),
        ('{"model_type": "llama", "vocab_size": 1e300}', "vocab_size"),
        ('{"model_type": "llama", "hidden_size": "wide"}', "hidden_size"),
        ('{"model_type": "llama", "num_key_value_heads": 5}', "num_key_value_heads"),
        ('{"model_type": "mixtral", "num_local_experts": 100000}', "num_local_experts"),
        ('{"model_type": "llama", "rope_theta": NaN}', "rope_theta"),
        ('{"model_type": "gpt2", "n_layer": "12"}', '"n_layer" is "12"; it must be a whole number.'),
        ('{"model_type": "gpt2", "n_embd": true}', '"n_embd" is true; it must be a whole number.'),
        ('{"model_type": "llama", "hidden_size": null}', '"hidden_size" is null; it must be a whole number.'),
        ('{"model_type": "gpt2", "n_inner": "x"}', '"n_inner" is "x"; it must be a whole number or null.'),
        ('{"model_type": "gpt2", "n_inner": -5}', '"n_inner" is -5; it can\'t be negative.'),
        ('{"model_type": "gpt2", "architectures": 5}', '"architectures" is 5; it must be a list'),
        ('{"model_type": "llama", "head_dim": 0}', '"head_dim" is 0'),
        ('{"model_type": "llama", "hidden_act": "evil"}', '"hidden_act" is "evil"'),
        ('{"model_type": "llama", "to_dict": 5}', '"to_dict" is not a field'),
        ('{"model_type": "llama", "text_config": {"hidden_size": 3}}', '"text_config" is not a field'),
        ('{"model_type": "llava", "text_config": {"model_type": "llama", "to_dict": 5}}', '"to_dict" is not a field'),
        ('{"model_type": ["gpt2"]}', '"model_type" is ..gpt2'),
        ('{"model_type": "t5", "feed_forward_proj": "gated-a-b"}', "gated-a-b is not a valid activation"),
        ('{"model_type": "llama", "architectures": ["LlamaPreTrainedModel"]}', "a frame without parameters"),
        ('{"model_type": "clap_text_model"}', 'no plain model of the family "clap_text_model"'),
        ('{"model_type": "llama", "num_labels": 1000000000}', "num_labels"),
        ('{"model_type": "llama", "pad_token_id": 99999999}', "pad_token_id"),
        ('{"model_type": "llama", "x": ' + "[" * 900 + "]" * 900 + "}", '"x" is nested'),
        ('{"model_type": "llama", "x": [' + "0," * 20000 + "0]}", '"x" lists 20,001 values'),
        ('{"model_type": "gpt2", "n_embd": 1' + "0" * 5000 + "}", "thousands of digits"),
    ],
)
def test_a_bad_configuration_is_refused_by_the_name_of_its_field(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parameters.breakdown(configurations.read(text))


@pytest.mark.parametrize("family", sorted(transformers.CONFIG_MAPPING))
def test_no_familys_own_default_is_refused_for_a_number(family: str) -> None:
    try:
        fields = AutoConfig.for_model(family).to_dict()
    except Exception:  # some can't even be made
        return
    for name, value in configurations._numbers(fields):
        configurations._check(name, value)


@pytest.mark.parametrize(
    "fields",
    [
        {"model_type": "upernet", "backbone": "someone/model"},
        {"model_type": "maskformer", "decoder_config": {"model_type": "detr", "backbone": "someone/model"}},
    ],
)
def test_nothing_is_fetched_for_a_configuration(fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("transformers.backbone_utils.hf_api", lambda: asked.append(fields))
    with pytest.raises(InputError, match='"backbone" names another model'):
        configurations.build(fields)
    assert not asked


def test_how_a_model_is_run_is_left_out_also_inside() -> None:
    text = {"model_type": "llama", "hidden_size": 32, "num_hidden_layers": 1, "vocab_size": 99}
    run = {"attn_implementation": "someone/kernel", "_attn_implementation": "someone/kernel", "dtype": "nonsense"}
    config = configurations.build({"model_type": "llava", "text_config": text | run})
    assert config.to_dict() == configurations.build({"model_type": "llava", "text_config": text}).to_dict()


def test_blocks_that_differ_are_counted() -> None:
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model("gemma4_text"))
    assert parameters.breakdown({"model_type": "gemma4_text"}).total == model.num_parameters()


def test_heads_of_a_size_of_their_own_need_not_share_out_the_width() -> None:
    small = {"model_type": "t5", "d_model": 512, "num_heads": 6, "d_kv": 64, "d_ff": 1024}  # T5 1.1 small's
    assert parameters.breakdown(small).total > 0
    assert parameters.breakdown({"model_type": "reformer"}).total > 0


def test_experts_in_tensors_of_unequal_length_or_in_tables_wait_too() -> None:
    longcat = parameters.breakdown({"model_type": "longcat_flash", "num_layers": 1})
    waiting = sum(
        count // shape[0] * (shape[0] - 12)
        for name, shape, count in zip(longcat.names, longcat.shapes, longcat.counts.tolist(), strict=True)
        if ".experts." in name
    )
    assert longcat.active == longcat.total - waiting
    doge = parameters.breakdown({"model_type": "doge", "num_hidden_layers": 1, "is_moe": True})
    assert doge.active == doge.total - 2 * (16384 - 64) * 1024


def test_code_of_a_models_own_is_not_run_where_the_family_is_known() -> None:
    fields = {"model_type": "gpt2", "auto_map": {"AutoConfig": "evil.Config"}, "architectures": ["Evil"]}
    assert (
        parameters.breakdown(fields).total == transformers.GPT2LMHeadModel(transformers.GPT2Config()).num_parameters()
    )


def test_a_model_that_is_loaded_meanwhile_unties_none() -> None:
    """from_pretrained keeps transformers from tying weights, in all threads, for as long as it builds."""
    building = threading.Event()

    def load() -> None:
        with checkpoint.BUILDING, no_tie_weights():
            building.set()
            time.sleep(0.5)

    tied = AutoConfig.for_model("llama", vocab_size=300, hidden_size=32, num_hidden_layers=1, tie_word_embeddings=True)
    alone = parameters.breakdown(tied)
    with ThreadPoolExecutor(1) as threads:
        loading = threads.submit(load)
        assert building.wait(30)
        meanwhile = parameters.breakdown(tied)
        loading.result()
    assert (meanwhile.total, meanwhile.tied) == (alone.total, alone.tied)
    assert alone.tied

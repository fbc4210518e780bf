"""A stand-in for the model hub on this machine, and small models to put on it or in a folder."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

TEXTS = ["the cat sat on the mat", "a dog lay on the rug in 1234 days", "don't, won't: can't!"]


@dataclass
class Hub:
    """What the stand-in serves, and what it was asked."""

    url: str
    repositories: dict[str, Path] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    failing: int = 0  # a status to answer everything with
    requests: list[str] = field(default_factory=list)  # "GET /path"
    authorizations: list[str | None] = field(default_factory=list)

    def downloads(self) -> list[str]:
        """The names of the files that were really sent, in order."""
        return [line.rsplit("/", 1)[-1] for line in self.requests if line.startswith("GET ") and "/resolve/" in line]


def commit_of(folder: Path) -> str:
    """A commit for the present content of a folder."""
    names = "".join(f"{file.name}{file.stat().st_size}" for file in sorted(folder.iterdir()))
    return hashlib.sha1(names.encode()).hexdigest()


@contextmanager
def serve() -> Iterator[Hub]:
    """A hub on a free port of the loopback address."""
    hub = Hub("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            pass

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.requests.append(f"{self.command} {path}")
            hub.authorizations.append(self.headers.get("Authorization"))
            if hub.failing:
                return self.answer(hub.failing)
            if path.startswith("/api/models/"):
                name = path.removeprefix("/api/models/")
                if name not in hub.repositories:
                    return self.answer(404, X_Error_Code="RepoNotFound")
                return self.answer(200, json.dumps(self.about(name)).encode(), Content_Type="application/json")
            name, _, rest = path.lstrip("/").partition("/resolve/")
            if name not in hub.repositories:
                return self.answer(404, X_Error_Code="RepoNotFound")
            file = hub.repositories[name] / rest.partition("/")[2]
            if name in hub.gated:
                return self.answer(403, X_Error_Code="GatedRepo")
            if not file.is_file():
                return self.answer(404, X_Error_Code="EntryNotFound")
            body = file.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()}"'
            return self.answer(200, body, ETag=etag, X_Repo_Commit=commit_of(hub.repositories[name]))

        def about(self, name: str) -> dict[str, Any]:
            folder = hub.repositories[name]
            files = [{"rfilename": file.name, "size": file.stat().st_size} for file in sorted(folder.iterdir())]
            return {"id": name, "sha": commit_of(folder), "siblings": files, "tags": [], "private": False}

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_tokenizer(folder: Path) -> Any:
    """A small byte-level BPE."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    backend.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, special_tokens=["<s>"])
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>", eos_token="<s>")
    tokenizer.save_pretrained(folder)
    return tokenizer


def write_llama(folder: Path) -> Any:
    """A tiny random Llama with a tokenizer, as safetensors."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = write_tokenizer(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
    )
    model = LlamaForCausalLM(config)
    model.save_pretrained(folder)
    return model


def write_gguf(file: Path, *, rule: str = "gpt-2") -> None:
    """A tiny random Llama as a .gguf file, by llama.cpp's own writer."""
    from gguf import GGUFWriter, LlamaFileType, TokenType

    file.parent.mkdir(parents=True, exist_ok=True)
    folder = file.parent / "tokenizer"
    folder.mkdir(exist_ok=True)
    write_tokenizer(folder)
    bpe = json.loads((folder / "tokenizer.json").read_text())["model"]
    pieces = sorted(bpe["vocab"], key=bpe["vocab"].get)
    width, hidden, heads, groups, layers = 32, 48, 4, 2, 2
    small = width // heads * groups

    writer = GGUFWriter(file, "llama")
    writer.add_name("tiny")
    writer.add_block_count(layers)
    writer.add_context_length(64)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(groups)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(len(pieces))
    writer.add_file_type(LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(rule)
    writer.add_token_list(pieces)
    writer.add_token_types([TokenType.CONTROL] + [TokenType.NORMAL] * (len(pieces) - 1))
    writer.add_token_merges([" ".join(pair) for pair in bpe["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    random = np.random.default_rng(0)
    shapes = {"token_embd": (len(pieces), width), "output_norm": (width,), "output": (len(pieces), width)}
    for layer in range(layers):
        shapes |= {
            f"blk.{layer}.{name}": shape
            for name, shape in {
                "attn_norm": (width,),
                "attn_q": (width, width),
                "attn_k": (small, width),
                "attn_v": (small, width),
                "attn_output": (width, width),
                "ffn_norm": (width,),
                "ffn_gate": (hidden, width),
                "ffn_up": (hidden, width),
                "ffn_down": (width, hidden),
            }.items()
        }
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", random.normal(0, 0.1, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

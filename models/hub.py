"""How does a model come from the Hugging Face hub, without surprises?

First the local cache: a model that is there needs no network. Else the hub is asked what the model consists
of before anything is downloaded, and it is refused then if it is too large, has only pickles, or needs code
of its own. The config and the tokenizer come first and the weights last, all of one commit, so that weights
in the cache mean that all the rest is there too. A name from a visitor never uses the hub account of whoever
runs Orrery.
"""

from __future__ import annotations

import errno
import functools
import io
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from models import checkpoint
from models.progress import Progress
from models.traces import InputError

if TYPE_CHECKING:
    from huggingface_hub.hf_api import HfApi, ModelInfo

    from models.catalog import Reference

EXAMPLE: Final = "HuggingFaceTB/SmolLM2-135M-Instruct"
BRANCH: Final = "main"
LOOK_UP_SECONDS: Final = 15
GGUF_NAME: Final = re.compile(r"[A-Za-z0-9][\w.+-]*\.gguf")
SHARD_NAME: Final = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
SIDE_FILE: Final = re.compile(r"[\w.-]+\.(?:json|txt|model|jinja)")  # config, tokenizer, chat template
BYTES_A_NUMBER: Final = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}


def split(name: str) -> tuple[str, str]:
    """A hub id and, for "hub id:file.gguf", the file (else "").

    Raises:
        InputError: it can't be the name of a model on the hub.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    from models.catalog import MODELS, shown

    repository, colon, file = name.partition(":")
    try:
        validate_repo_id(repository)
    except HFValidationError as error:
        raise InputError(
            f'{shown(name)} is not the name of a model; choose {", ".join(MODELS)}, or a hub id such as "{EXAMPLE}".'
        ) from error
    if colon and not GGUF_NAME.fullmatch(file):
        raise InputError(f'{shown(name)} names no .gguf file; write it as "hub id:file.gguf".')
    return repository, file


def cached(repository: str, file: str) -> tuple[str, int | None]:
    """The commit of a model in the local cache and its size (see `Reference.size_bytes`), or ("main", None).

    The answer stays until a download ends, so that a model keeps one identity meanwhile.
    """
    from huggingface_hub import constants

    return _cached(constants.HF_HUB_CACHE, repository, file)


@functools.lru_cache(maxsize=1024)
def _cached(_cache: str, repository: str, file: str) -> tuple[str, int | None]:
    found = _in_cache(repository, file)
    if found is None:
        return BRANCH, None
    if found.suffix == ".gguf":
        return found.parent.name, None
    return found.name, 4 * checkpoint.count_parameters(checkpoint.weight_files(found, repository), repository)


def fetch(
    reference: Reference, report: Progress, check_parameters: Callable[[int], None], *, weights: bool = True
) -> tuple[Path, str]:
    """The folder or .gguf file of a hub model on this machine, and its commit.

    `check_parameters` is called with about how many parameters the model has, before the download, and may
    refuse. With `weights=False` only the config and the tokenizer are downloaded.

    Raises:
        InputError: the model can't be had, or isn't one to open; the sentence says which.
    """
    repository, file = split(reference.location)
    found = _in_cache(repository, file, weights=weights)
    if found is not None:
        return found, (found.parent if found.suffix == ".gguf" else found).name
    with _explained(repository, reference.title):
        arrived = _download(reference, repository, file, report, check_parameters, weights=weights)
    _cached.cache_clear()  # from now on the model is known by its commit, as what it computes is
    return arrived


def config(reference: Reference, report: Progress) -> tuple[Path, str]:
    """The config.json of a hub model on this machine, and its commit; nothing else of the model is downloaded.

    Raises:
        InputError: it can't be had; the sentence says why.
    """
    repository, file = split(reference.location)
    title = reference.title
    if file:
        raise InputError(f'Only a config.json can be read from the hub without weights; name "{repository}" alone.')
    found = cached_config(repository)
    if found is not None:
        return found, found.parent.name
    with _explained(repository, title):
        api, _, commit, sizes = _look_up(reference, report)
        if "config.json" not in sizes:
            raise InputError(f"{title} has no config.json on the hub; choose a model in the transformers format.")
        if sizes["config.json"] > checkpoint.CONFIG_BYTES:
            raise InputError(
                f"The config.json of {title} has {sizes['config.json'] / 1e6:.0f} MB, which is no model's; "
                "choose another model."
            )
        return _get(api, repository, commit, report, title, ["config.json"], sizes), commit


def cached_config(repository: str) -> Path | None:
    """The config.json of a model in the local cache, whatever else of the model is there."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, "config.json")
    return Path(found) if isinstance(found, str) else None


def _in_cache(repository: str, file: str, *, weights: bool = True) -> Path | None:
    """The folder, or .gguf file, of a model that is wholly in the local cache."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, file or "config.json")
    if not isinstance(found, str):
        return None
    if file:
        return Path(found)
    folder = Path(found).parent
    names = {path.name for path in folder.iterdir()}
    try:
        checkpoint.check_tokenizer_names(names, repository)
        if weights:
            checkpoint.check_names(names, repository)
            checkpoint.count_parameters(checkpoint.weight_files(folder, repository), repository)
    except InputError:
        return None
    return folder


def _download(
    reference: Reference,
    repository: str,
    file: str,
    report: Progress,
    check_parameters: Callable[[int], None],
    *,
    weights: bool,
) -> tuple[Path, str]:
    title = reference.title
    api, info, commit, sizes = _look_up(reference, report)
    get = functools.partial(_get, api, repository, commit, report, title)

    gguf = _choose_gguf(repository, file, sizes, title)
    if gguf:
        check_parameters(_gguf_parameters(info, sizes[gguf]))
        _check_disk(sizes[gguf], title)
        return get([gguf], sizes), commit

    checkpoint.check_names(sizes, title)
    folder = get(["config.json"], sizes).parent
    config = checkpoint.read_config(folder, title)
    checkpoint.kind_of(config, title)
    parts = (
        [checkpoint.SINGLE] if checkpoint.SINGLE in sizes else [name for name in sizes if SHARD_NAME.fullmatch(name)]
    )
    total = sum(sizes[name] for name in parts)
    stored = BYTES_A_NUMBER.get(str(config.get("dtype") or config.get("torch_dtype")), 4)
    check_parameters(total // stored)
    sides = [name for name in sizes if SIDE_FILE.fullmatch(name) and name != "config.json"]
    if weights:
        _check_disk(total, title)
    get([*sides, *(parts if weights else ())], sizes)
    return folder, commit


def _look_up(reference: Reference, report: Progress) -> tuple[HfApi, ModelInfo, str, dict[str, int]]:
    """What the hub says about a model: its client, all of it, the newest commit, and {file: bytes}."""
    from huggingface_hub import HfApi

    repository, _ = split(reference.location)
    title = reference.title
    report(f"Looking up {title} on the hub", None)
    # False: no account at all. None: the account of whoever runs Orrery, if there is one.
    api = HfApi(token=None if reference.trusted else False)
    info = api.model_info(repository, files_metadata=True, timeout=LOOK_UP_SECONDS)
    if info.sha is None:
        raise InputError(f"The hub doesn't say which version of {title} is the newest; try again later.")
    sizes = {part.rfilename: part.size or 0 for part in info.siblings or () if "/" not in part.rfilename}
    return api, info, info.sha, sizes


def _choose_gguf(repository: str, file: str, names: Iterable[str], title: str) -> str:
    """The .gguf file to open; "" for a repository with safetensors."""
    choices = sorted(name for name in names if GGUF_NAME.fullmatch(name))
    if file:
        if file not in choices:
            raise InputError(f"{repository} has no file {file}; check its name on the hub.")
        return file
    if not choices or checkpoint.SINGLE in names or checkpoint.INDEX in names:
        return ""
    if len(choices) > 1:
        some = " or ".join(f'"{repository}:{name}"' for name in choices[:2])
        raise InputError(f"{title} has {len(choices)} .gguf files; name one of them, as in {some}.")
    return choices[0]


def _gguf_parameters(info: ModelInfo, size: int) -> int:
    """How many parameters a .gguf file has, or at least has: the hub says it for most."""
    details: Any = info.gguf or {}
    return int(details.get("total") or size // 4)


def _check_disk(needed: int, title: str) -> None:
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(
            f"{title} needs {needed / 1e9:.1f} GB on the disk and {free / 1e9:.1f} GB are free; "
            "make room, or choose a smaller model."
        )


def _get(
    api: HfApi,
    repository: str,
    commit: str,
    report: Progress,
    title: str,
    names: list[str],
    sizes: dict[str, int],
) -> Path:
    """Download files one after another and return the path of the last."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    total = sum(sizes[name] for name in names)
    before = 0  # bytes of the files that are done

    class Bar(tqdm):
        """Reports bytes to `report` and draws nothing."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **(options | {"file": io.StringIO(), "disable": False}))

        def update(self, n: float | None = 1) -> bool | None:
            shown = super().update(n)
            tell(before + int(self.n))
            return shown

    def tell(done: int) -> None:
        amount = f": {done / 1e6:.0f} of {total / 1e6:.0f} MB" if total > 1e6 else ""
        report(f"Downloading {title}{amount}", min(1.0, done / max(1, total)))

    path = Path()
    for name in names:
        tell(before)
        # The config is asked for by branch, which makes the cache remember the branch's commit for use
        # without network.
        revision = BRANCH if name == "config.json" or name.endswith(".gguf") else commit
        get = functools.partial(api.hf_hub_download, repository, name, revision=revision, tqdm_class=Bar)
        path = Path(get())
        if path.stat().st_size != sizes[name]:  # the cache's copy is damaged
            path = Path(get(force_download=True))
        if path.parent.name != commit:
            raise InputError(f"{title} was changed on the hub at this very moment; try again.")
        before += sizes[name]
    return path


@contextmanager
def _explained(repository: str, title: str) -> Iterator[None]:
    """Turn what the hub's client raises into one sentence for the visitor."""
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise InputError(
            f"{repository} is only for accounts that accepted its terms; whoever runs Orrery can do so, "
            "set HF_TOKEN and name the model in ORRERY_MODELS."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise InputError(
            f'The hub has no public model "{repository}"; check its spelling, as in "{EXAMPLE}".'
        ) from error
    except (errors.RemoteEntryNotFoundError, errors.RevisionNotFoundError) as error:
        raise InputError(f"A file of {title} is missing on the hub; try again, or choose another model.") from error
    except (errors.OfflineModeIsEnabled, errors.LocalEntryNotFoundError, httpx2.TransportError) as error:
        raise InputError(
            f"The hub can't be reached, and {title} is not on this machine; "
            "choose a model that is, or connect to the network."
        ) from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "none"
        raise InputError(
            f"The hub refused to hand out {title} (its answer was {status}); try again later, or choose another model."
        ) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise InputError(f"The disk became full while downloading {title}; make room and try again.") from error
        raise InputError(f"{title} could not be downloaded whole; try again.") from error

"""Loading with transformers: from a folder, without code from it, every weight accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from mirbench.errors import MethodError

FILES = ("model.safetensors", "pytorch_model.bin")
LIBRARY = "transformers"


def pretrained(kind: Any, folder: Path, **arguments: Any) -> Any:
    """Model of a class that transformers ships, for evaluation.

    Parameters
    ----------
    kind : class
    folder : Path
        With ``config.json`` and one of `FILES`.
    **arguments
        Of ``from_pretrained``.

    Raises
    ------
    MethodError
        The folder can't be loaded, or its weights leave some of the model's unset.
    """
    from transformers.utils import logging

    bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()  # what is missing is told below
    try:
        with torch.random.fork_rng(devices=[]):
            model, told = kind.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=(folder / FILES[0]).is_file(),
                weights_only=True,
                output_loading_info=True,
                dtype=torch.float32,
                **arguments,
            )
    except (OSError, ValueError, RuntimeError) as error:
        raise MethodError(f"{folder}: can't be loaded as {kind.__name__} ({error})") from error
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
    unset = sorted(told["missing_keys"]) + sorted(map(str, told["mismatched_keys"]))
    if unset:
        raise MethodError(
            f"{folder}: lacks {len(unset)} weights of {kind.__name__}, {unset[0]} first; fetch it again"
        )
    return model.eval()

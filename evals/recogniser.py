"""The recogniser: reads the attributes of a storybook picture back, so that pictures can be counted.

A measuring tool. It is trained on drawn pictures only (``python -m training recogniser``) and its word counts on
generated pictures only as far as it is right on drawn ones, which every measurement with it states beside its own
figures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from training.world.spec import COLOURS, EXPRESSIONS, KINDS, SETTINGS, SLOTS, STYLES, TIMES

SIZE = 128
"""Width and height in pixels of the pictures that the network sees."""

FOLDER = Path(__file__).resolve().parent / "weights" / "recogniser"
WEIGHTS = "model.safetensors"
CONFIG = "config.json"

NONE = "none"
"""The value of an attribute that the picture does not have, as in ``attribute_values``."""


class WeightsMissing(Exception):
    """The recogniser's files are not there or cannot be read."""


def attribute_lists() -> dict[str, tuple[str, ...]]:
    """Each attribute of ``attribute_values`` and the values that the recogniser tells apart, in a fixed order.

    The colour of an item has no value for "there is none": where the slot is empty, the colour is neither trained nor
    asked.
    """
    lists: dict[str, tuple[str, ...]] = {"kind": KINDS, "colour": COLOURS, "expression": EXPRESSIONS}
    for slot, things in SLOTS.items():
        lists[slot] = (NONE, *things)
        lists[f"{slot} colour"] = COLOURS
    return {**lists, "setting": (NONE, *SETTINGS), "time": TIMES, "style": STYLES}


class Recogniser(nn.Module):
    """A small residual network with one softmax head for each attribute.

    Each head looks where it wants: it has its own attention map over the last features, so that "what is held" need not
    share one average with "what is the setting".
    """

    def __init__(
        self,
        attributes: Mapping[str, Sequence[str]],
        widths: Sequence[int] = (64, 96, 128),
        depths: Sequence[int] = (1, 1, 2),
    ) -> None:
        """``widths`` and ``depths``: channels and residual blocks of the stages, at 32, 16, 8, ... pixels."""
        super().__init__()
        self.attributes = {name: tuple(values) for name, values in attributes.items()}
        self.widths, self.depths = tuple(widths), tuple(depths)
        # 4x4 pixels become one position: a first convolution at full size would cost more than all the rest.
        layers: list[nn.Module] = [nn.PixelUnshuffle(4), nn.Conv2d(48, self.widths[0], 3, padding=1)]
        for stage, (width, depth) in enumerate(zip(self.widths, self.depths, strict=True)):
            if stage:
                layers.append(nn.Conv2d(self.widths[stage - 1], width, 3, stride=2, padding=1))
            layers += [_Residual(width) for _ in range(depth)]
        self.features = nn.Sequential(*layers)
        self.attention = nn.Conv2d(self.widths[-1], len(self.attributes), 1)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(self.widths[-1], len(values)) for name, values in self.attributes.items()}
        )

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits of each attribute, (n, values), for pictures of shape (n, 3, 128, 128) with values from 0 to 1."""
        features = self.features((pictures * 2 - 1).contiguous(memory_format=torch.channels_last))
        places = self.attention(features).flatten(2).float().softmax(-1)
        # (n, attributes, positions) x (n, positions, channels): what each head sees.
        seen = places @ features.flatten(2).transpose(1, 2).float()
        return {name: head(seen[:, index]) for index, (name, head) in enumerate(self.heads.items())}

    @torch.inference_mode()
    def read(self, images: Sequence[Image.Image], batch: int = 50) -> list[dict[str, str]]:
        """The attributes of each picture, in the form of ``attribute_values``; other sizes are resampled."""
        self.eval()
        device = self.attention.weight.device
        results: list[dict[str, str]] = []
        for start in range(0, len(images), batch):
            pictures = torch.stack([as_tensor(image) for image in images[start : start + batch]]).to(device)
            best = {name: logits.argmax(1).tolist() for name, logits in self(pictures).items()}
            results += [self._named({name: best[name][row] for name in best}) for row in range(len(pictures))]
        return results

    def _named(self, best: Mapping[str, int]) -> dict[str, str]:
        values = {name: self.attributes[name][index] for name, index in best.items()}
        for slot in SLOTS:
            if values.get(slot) == NONE:
                values[f"{slot} colour"] = NONE
        return values

    def save(self, folder: Path) -> None:
        """Write the weights in half precision, and what is needed to build the network again."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: _halved(tensor) for name, tensor in self.state_dict().items()}, folder / WEIGHTS)
        config = {"size": SIZE, "widths": self.widths, "depths": self.depths, "attributes": self.attributes}
        (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Recogniser:
        """The network that :meth:`save` wrote, ready to read pictures; computes in float32.

        Raises :class:`WeightsMissing` when a file is missing, damaged or does not fit the others.
        """
        try:
            config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
            network = cls(config["attributes"], config["widths"], config["depths"])
            tensors = load_file(folder / WEIGHTS)
            network.load_state_dict({name: _single(tensor) for name, tensor in tensors.items()})
        except (OSError, KeyError, ValueError, RuntimeError, SafetensorError) as error:
            raise WeightsMissing(
                f"No usable recogniser in {folder}: {error}. `python -m training recogniser` makes one."
            ) from error
        return network.eval()


def as_tensor(image: Image.Image) -> Tensor:
    """A picture as (3, 128, 128) float32 from 0 to 1."""
    if image.size != (SIZE, SIZE):
        image = image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    array = np.array(image.convert("RGB"), dtype=np.float32) / 255.0
    return torch.from_numpy(array).permute(2, 0, 1)


class _Residual(nn.Module):
    """Two convolutions beside a straight way through."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(width)

    def forward(self, features: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(features)))
        return functional.relu(features + cast(Tensor, self.second_norm(self.second(inner))))


def _halved(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", torch.float16 if tensor.is_floating_point() else tensor.dtype).contiguous()


def _single(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor

"""The recogniser's two networks: small residual networks with one softmax head for each attribute.

Each head looks where it wants: it has its own attention map, so that "what is held" need not share one average with
"what is the setting".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

_GEOMETRY = 24
"""Dimensions in which the places of the characters reach the heads of the scene."""


class Trunk(nn.Module):
    """Features at an eighth of the picture's size, which know what is around them at a sixteenth."""

    def __init__(self, widths: Sequence[int], depths: Sequence[int]) -> None:
        """``widths`` and ``depths``: channels and residual blocks at a fourth, an eighth and a sixteenth."""
        super().__init__()
        first, second, third = widths
        # 4x4 pixels become one position: a first convolution at full size would cost more than all the rest.
        self.stem = nn.Sequential(nn.PixelUnshuffle(4), nn.Conv2d(48, first, 3, padding=1))
        self.fine = nn.Sequential(*(_Residual(first) for _ in range(depths[0])))
        self.middle = nn.Sequential(
            nn.Conv2d(first, second, 3, stride=2, padding=1), *(_Residual(second) for _ in range(depths[1]))
        )
        self.coarse = nn.Sequential(
            nn.Conv2d(second, third, 3, stride=2, padding=1), *(_Residual(third) for _ in range(depths[2]))
        )
        self.lateral = nn.Conv2d(second, third, 1)
        self.width = third

    def forward(self, pictures: Tensor) -> Tensor:
        """(n, width, h / 8, w / 8) from pictures (n, 3, h, w) with values from 0 to 1."""
        features = self.stem((pictures * 2 - 1).contiguous(memory_format=torch.channels_last))
        middle = self.middle(self.fine(features))
        around = functional.interpolate(self.coarse(middle), scale_factor=2.0, mode="nearest")
        return functional.relu(self.lateral(middle) + around)


class Attention(nn.Module):
    """Several maps of where to look."""

    def __init__(self, width: int, maps: int, side: int) -> None:
        super().__init__()
        self.logits = nn.Conv2d(width, maps, 1)
        self.usual = nn.Parameter(torch.zeros(maps, side, side))
        """Where it is worth looking in any picture."""

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """What is seen, (n, maps, width), and where, (n, maps, positions), both in float32."""
        where = (self.logits(features).float() + self.usual).flatten(2).softmax(-1)
        return where @ features.flatten(2).transpose(1, 2).float(), where


class Reader(nn.Module):
    """Reads the attributes of what fills the picture."""

    def __init__(
        self,
        lists: Mapping[str, Sequence[str]],
        widths: Sequence[int],
        depths: Sequence[int],
        size: int,
        extra: int = 0,
    ) -> None:
        """``extra``: dimensions that each head is given besides what it sees."""
        super().__init__()
        self.trunk = Trunk(widths, depths)
        self.attention = Attention(self.trunk.width, len(lists), size // 8)
        width = self.trunk.width + extra
        self.heads = nn.ModuleDict({name: nn.Linear(width, len(values)) for name, values in lists.items()})

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits of each attribute, (n, values)."""
        return self.answers(self.attention(self.trunk(pictures))[0])

    def answers(self, seen: Tensor) -> dict[str, Tensor]:
        """Logits from (n, attributes, width) of what each head sees."""
        return {name: head(seen[:, index]) for index, (name, head) in enumerate(self.heads.items())}


class SceneReader(Reader):
    """Reads the attributes of a whole picture, and finds its characters."""

    def __init__(
        self, lists: Mapping[str, Sequence[str]], widths: Sequence[int], depths: Sequence[int], size: int, places: int
    ) -> None:
        super().__init__(lists, widths, depths, size, extra=_GEOMETRY)
        self.finding = Attention(self.trunk.width, places, size // 8)
        self.refining = nn.Linear(self.trunk.width, 3)
        self.geometry = nn.Linear(3 * places, _GEOMETRY)
        side = size // 8
        along = (torch.arange(side) + 0.5) / side
        down, right = torch.meshgrid(along, along, indexing="ij")
        self.register_buffer("positions", torch.stack([right.flatten(), down.flatten()], 1), persistent=False)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """Logits of each attribute, (n, values)."""
        return self.read(pictures)[0]

    def read(self, pictures: Tensor) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Logits of each attribute; the boxes of the characters from left to right, (n, places, 3): the middle and half
        the side in shares of the picture's; and where they were looked for, (n, places, positions), sums of 1. Of
        characters that are not there the last two mean nothing."""
        features = self.trunk(pictures)
        found, where = self.finding(features)
        change = self.refining(found)
        middles = where @ cast(Tensor, self.positions) + 0.2 * change[..., :2].float()
        boxes = torch.cat([middles, 0.35 * change[..., 2:].float().exp()], -1)
        geometry = functional.relu(self.geometry(boxes.detach().flatten(1)))
        seen, _ = self.attention(features)
        return self.answers(torch.cat([seen, geometry[:, None].expand(-1, seen.shape[1], -1)], -1)), boxes, where


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

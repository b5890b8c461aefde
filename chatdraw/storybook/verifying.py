"""The storybook verifier: how likely it is that a picture shows what its caption says.

Two small networks that meet in the names of things. One reads the caption: of each character and of the picture as a
whole, which value of each attribute it states, or none. The other looks at the latents of the picture: which value each
attribute has. A caption is met as far as the second agrees with the first, attribute for attribute. (Networks that
judge pictures so that the best of several can be kept are called verifiers in Ma et al. 2025, "Inference-time scaling
for diffusion models beyond scaling denoising steps"; this one is ours and knows nothing but the storybook world.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from diffusers import ConfigMixin, ModelMixin
from diffusers.configuration_utils import register_to_config
from torch import nn
from torch.nn import functional

Lists = Mapping[str, Sequence[str]]
"""Attribute -> the values that it can have."""

WORST = -4.0
"""The logarithm of the smallest likelihood that an attribute can have: one thing that is certainly wrong is not as bad
as three that are probably wrong."""


Agreement = dict[str, tuple[torch.Tensor, torch.Tensor]]
"""Attribute -> how likely it is that the caption states a value of it, and that the picture shows the stated one."""


def likelihood(agreement: Agreement) -> torch.Tensor:
    """The logarithm of the likelihood that all that is stated is shown, (N,), at most 0."""
    return torch.stack([stated * shown.log().clamp_min(WORST) for stated, shown in agreement.values()]).sum(dim=0)


class _Look(nn.Module):
    """Two convolutions around a place, added to what is known of it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for _ in range(2))
        self.layers = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(2))

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        found = hidden
        for norm, layer in zip(self.norms, self.layers, strict=True):
            found = layer(functional.gelu(norm(found)))
        return hidden + found


class Sighted(nn.Module):
    """Looks at latents: where the characters are, and the attributes of each of them and of the whole picture."""

    def __init__(
        self, character: Lists, picture: Lists, places: int, channels: int, side: int, widths: Sequence[int], depth: int
    ) -> None:
        """``widths``: channels at the size of the latents and at half of it; ``depth``: blocks at each."""
        super().__init__()
        fine, coarse = widths
        self.enter = nn.Conv2d(channels, fine, 3, padding=1)
        self.fine = nn.Sequential(*(_Look(fine) for _ in range(depth)))
        self.narrow = nn.Conv2d(fine, coarse, 3, stride=2, padding=1)
        self.coarse = nn.Sequential(*(_Look(coarse) for _ in range(depth)))
        self.lateral = nn.Conv2d(fine, coarse, 1)
        self.norm = nn.GroupNorm(8, coarse)
        self.finding = nn.Conv2d(coarse, places, 1)
        self.refining = nn.Linear(coarse, 3)
        self.where_of_character = nn.Conv2d(coarse, len(character), 1)
        self.where_of_picture = nn.Conv2d(coarse, len(picture), 1)
        self.usual = nn.Parameter(torch.zeros(len(picture), side, side))
        self.character = nn.ModuleDict({name: nn.Linear(coarse, len(values)) for name, values in character.items()})
        self.picture = nn.ModuleDict({name: nn.Linear(2 * coarse, len(values)) for name, values in picture.items()})
        along = (torch.arange(side) + 0.5) / side
        down, right = torch.meshgrid(along, along, indexing="ij")
        self.register_buffer("positions", torch.stack([right.flatten(), down.flatten()], 1), persistent=False)

    def features(self, latents: torch.Tensor) -> torch.Tensor:
        """(N, channels, S, S) -> (N, width, S, S)."""
        fine = self.fine(self.enter(latents))
        around = functional.interpolate(self.coarse(self.narrow(functional.gelu(fine))), scale_factor=2.0)
        found: torch.Tensor = functional.gelu(self.norm(self.lateral(fine) + around))
        return found

    def find(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The squares around the characters from left to right, (N, places, 3): the middle and half the side in shares
        of the picture's; and the logits of where the middles are, (N, places, S * S)."""
        logits = self.finding(features).flatten(2).float()
        where = logits.softmax(-1)
        change = self.refining((where @ features.flatten(2).transpose(1, 2).float()).to(features.dtype)).float()
        middles = where @ cast(torch.Tensor, self.positions) + 0.2 * change[..., :2]
        return torch.cat([middles, 0.35 * change[..., 2:].exp()], dim=-1), logits

    def read(self, features: torch.Tensor, squares: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits of every attribute, (N, values); those of the characters in ``squares`` (N, places, 3) have the names
        ``kind 1``, ``kind 2`` and so on."""
        flat = features.flatten(2).transpose(1, 2).float()
        middles, half = squares[..., :2], squares[..., 2]
        distance = (cast(torch.Tensor, self.positions) - middles[:, :, None]).square().sum(-1)
        nearness = -distance / (0.8 * half.clamp_min(0.02))[..., None].square()
        looked = self.where_of_character(features).flatten(2).float()
        # (N, places, attributes, S * S): where an attribute is looked for, near one of the characters.
        where = (looked[:, None] + nearness[:, :, None]).softmax(-1)
        seen = torch.einsum("npas,nsw->npaw", where, flat)
        answers = {
            f"{name} {place + 1}": head(seen[:, place, index])
            for index, (name, head) in enumerate(self.character.items())
            for place in range(squares.shape[1])
        }
        where = (self.where_of_picture(features).float() + self.usual).flatten(2).softmax(-1)
        around = torch.cat([where @ flat, flat.amax(dim=1, keepdim=True).expand(-1, where.shape[1], -1)], dim=-1)
        return answers | {name: head(around[:, index]) for index, (name, head) in enumerate(self.picture.items())}


class Literate(nn.Module):
    """Reads captions: the value of each attribute that they state, or that they state none."""

    def __init__(self, stated: Lists, vocabulary: int, longest: int, width: int, layers: int) -> None:
        """``stated``: all attributes by the names that :meth:`Sighted.read` gives them."""
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.order = nn.Parameter(torch.randn(longest, width) * 0.02)
        block = nn.TransformerEncoderLayer(
            width, 4, 3 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(block, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.where = nn.Linear(width, len(stated))
        self.heads = nn.ModuleDict({name: nn.Linear(width, len(values) + 1) for name, values in stated.items()})

    def forward(self, ids: torch.Tensor, padding: int) -> dict[str, torch.Tensor]:
        """(N, T) token ids, what comes after the text is ``padding`` -> logits of every attribute, (N, values + 1); the
        last stands for nothing being said."""
        empty = ids == padding
        hidden = self.blocks(self.words(ids) + self.order[: ids.shape[1]], src_key_padding_mask=empty)
        hidden = self.norm(hidden).float()
        where = self.where(hidden).masked_fill(empty[..., None], -torch.inf).softmax(dim=1)
        seen = where.transpose(1, 2) @ hidden
        return {name: head(seen[:, index]) for index, (name, head) in enumerate(self.heads.items())}


class StorybookVerifier(ModelMixin, ConfigMixin):
    """Both networks.

    ``character`` and ``picture`` are the attributes of each character and of the whole picture, with their values:
    pairs and no tables, since their order is that of the weights and diffusers sorts the keys of a configuration.
    """

    @register_to_config
    def __init__(
        self,
        character: Sequence[tuple[str, Sequence[str]]],
        picture: Sequence[tuple[str, Sequence[str]]],
        vocabulary_size: int,
        pad_token_id: int,
        places: int = 3,
        in_channels: int = 16,
        sample_size: int = 16,
        widths: tuple[int, int] = (64, 96),
        depth: int = 3,
        text_width: int = 80,
        text_layers: int = 2,
        max_length: int = 77,
    ) -> None:
        super().__init__()
        self.sighted = Sighted(dict(character), dict(picture), places, in_channels, sample_size, widths, depth)
        stated = {f"{name} {place + 1}": values for name, values in character for place in range(places)}
        self.literate = Literate({**stated, **dict(picture)}, vocabulary_size, max_length, text_width, text_layers)

    def forward(self, latents: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """The logarithm of the likelihood that all of what a caption states is shown, (N,), at most 0.

        Args:
            latents: (N, ``in_channels``, ``sample_size``, ``sample_size``), as the autoencoder gives them.
            ids: (1, T) or (N, T) token ids.
        """
        return likelihood(self.agreement(latents, self.read(ids)))

    def read(self, ids: torch.Tensor) -> dict[str, torch.Tensor]:
        """Attribute -> how likely it is that captions state each of its values, (N, values); the rest is the likelihood
        that they state none. ``ids``: as for :meth:`forward`."""
        said = self.literate(ids, self.config.pad_token_id)
        return {name: logits.softmax(-1)[:, :-1] for name, logits in said.items()}

    def see(self, latents: torch.Tensor) -> dict[str, torch.Tensor]:
        """Attribute -> logits of its values as they are seen, (N, values); ``latents``: as for :meth:`forward`."""
        features = self.sighted.features(latents)
        return self.sighted.read(features, self.sighted.find(features)[0])

    def agreement(self, latents: torch.Tensor, said: Mapping[str, torch.Tensor]) -> Agreement:
        """The same as :meth:`forward`, of each attribute by itself, (N,) both; ``said``: from :meth:`read`."""
        found = {}
        for name, logits in self.see(latents).items():
            stated = said[name].sum(-1)
            shown = (said[name] * logits.softmax(-1)).sum(-1) / stated.clamp_min(1e-9)
            found[name] = stated, shown
        return found

    def pull(self, latents: torch.Tensor, said: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Which way noisy latents have to go for what is said to become likelier: (N, C, S, S), each picture's as long
        as the likelihood that something is not shown, at most 1.

        The way is the gradient of the likelihood's logarithm, as in classifier guidance (Dhariwal and Nichol 2021). Its
        length is another: how steep that is depends on the noise more than on what is missing.
        """
        # Pipelines draw without gradients, some even without the means for them.
        with torch.inference_mode(False), torch.enable_grad():
            free = latents.detach().clone().requires_grad_(True)
            told = {name: values.clone() for name, values in said.items()}
            terms = [stated * shown.clamp_min(1e-6).log() for stated, shown in self.agreement(free, told).values()]
            likely = torch.stack(terms).sum(dim=0)
            slope = torch.autograd.grad(likely.sum(), free)[0]
        steepness = slope.flatten(1).norm(dim=1).clamp_min(1e-9)
        return slope * ((1 - likely.detach().exp()) / steepness)[:, None, None, None]

"""``python -m training.revive``: checkpoints from the bundled weights, so that training goes on from them.

Checkpoints stay on the machine that made them; what is shared is the exported models. This writes checkpoints of the
autoencoder (with the decoder as it is), the painter, the verifier and the writer from them: the same weights (in the
half precision they are shipped in), an optimizer that starts anew, and the count of samples from nothing. A part that
has a checkpoint already is left alone; where the weights of one do not fit, that is said, and the others go on. The
writer may get more layers and other words than it had.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer, CLIPTextModel, PreTrainedTokenizerFast

from chatdraw.storybook import PAINTER, VERIFIER, WRITER
from chatdraw.storybook.autoencoder import StorybookAutoencoder
from chatdraw.storybook.transformer import StorybookTransformer
from chatdraw.storybook.verifying import StorybookVerifier
from training import autoencoder, painter, verifier, writer
from training.__main__ import DEFAULT_FILE
from training.runner import CHECKPOINT, CannotTrain, Run, load_weights
from training.settings import Settings, read_settings
from training.writer_growth import grown


def revive_autoencoder(settings: Settings, run: Run) -> None:
    """A checkpoint of the autoencoder in the bundled painter."""
    training = autoencoder.Training(settings.section("autoencoder", autoencoder.AutoencoderSettings), run)
    weights = StorybookAutoencoder.from_pretrained(PAINTER / "vae").state_dict()
    for model in (training.model, training.average.model):
        load_weights(model, weights, PAINTER)
    training.save()


def revive_painter(settings: Settings, run: Run) -> None:
    """A checkpoint of the bundled painter, for the autoencoder that has a checkpoint in the same ``runs``."""
    vae, _ = autoencoder.load_trained(settings.section("autoencoder", autoencoder.AutoencoderSettings), run)
    training = painter.Training(settings.section("painter", painter.PainterSettings), run, vae, [])
    training.tokenizer = AutoTokenizer.from_pretrained(PAINTER / "tokenizer")
    text_encoder = CLIPTextModel.from_pretrained(PAINTER / "text_encoder").state_dict()
    transformer = StorybookTransformer.from_pretrained(PAINTER / "unet").state_dict()
    for model in (training.model, training.average.model):
        load_weights(model.text_encoder, text_encoder, PAINTER)
        load_weights(model.transformer, transformer, PAINTER)
    training.save()


def revive_verifier(settings: Settings, run: Run) -> None:
    """A checkpoint of the bundled verifier, for the painter that has a checkpoint in the same ``runs``."""
    vae, _ = autoencoder.load_trained(settings.section("autoencoder", autoencoder.AutoencoderSettings), run)
    words = painter.words_of(settings.section("painter", painter.PainterSettings), run)
    bundled = StorybookAutoencoder.from_pretrained(PAINTER / "vae").float()
    known = AutoTokenizer.from_pretrained(PAINTER / "tokenizer").get_vocab()
    if autoencoder.latents_name(vae) != autoencoder.latents_name(bundled) or words.get_vocab() != known:
        raise CannotTrain("the autoencoder or the painter in this folder is another than the bundled one")
    training = verifier.Training(settings.section("verifier", verifier.VerifierSettings), run, vae, words)
    weights = StorybookVerifier.from_pretrained(VERIFIER).float().state_dict()
    for model in (training.model, training.average.model):
        load_weights(model, weights, VERIFIER)
    training.save()


def revive_writer(settings: Settings, run: Run, *, new_words: bool = False) -> None:
    """A checkpoint of the bundled writer, in a network of the depth that the settings ask for.

    Args:
        settings: the configuration.
        run: where the checkpoint goes.
        new_words: whether it gets a tokenizer for the conversations as they are now.
    """
    own = settings.section("writer", writer.WriterSettings)
    bundled, trained = PreTrainedTokenizerFast.from_pretrained(WRITER), AutoModelForCausalLM.from_pretrained(WRITER)
    if trained.config.num_attention_heads != own.heads:
        # The weights would fit, and mean something else.
        raise CannotTrain(f"it has {trained.config.num_attention_heads} heads and not {own.heads}")
    tokenizer = run.folder / "tokenizer"
    # The training takes the tokenizer that lies there, and makes its own only where there is none.
    shutil.rmtree(tokenizer, ignore_errors=True)
    if not new_words:
        bundled.save_pretrained(tokenizer)
    try:
        training = writer.Training(own, run)
        weights = trained.float().state_dict()
        training.model.load_state_dict(grown(training.model.state_dict(), weights, training.tokenizer, bundled))
    except CannotTrain:
        shutil.rmtree(tokenizer, ignore_errors=True)
        raise
    training.save()


REVIVERS: dict[str, Callable[[Settings, Run], None]] = {
    "autoencoder": revive_autoencoder,
    "painter": revive_painter,
    "verifier": revive_verifier,
    "writer": revive_writer,
}
"""In the order in which they need each other: the verifier gets the painter's words."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    words = argparse.ArgumentParser(prog="python -m training.revive", description=__doc__)
    words.add_argument("--config", type=Path, default=DEFAULT_FILE, help="configuration file")
    words.add_argument("--runs", type=Path, default=Path("runs"), help="folder for checkpoints")
    words.add_argument(
        "--new-words", action="store_true", help="give the writer a tokenizer for the conversations as they are now"
    )
    chosen = words.parse_args(arguments)
    settings = read_settings(chosen.config, [])
    revivers = REVIVERS | {"writer": partial(revive_writer, new_words=chosen.new_words)}
    failed = False
    for part, revive in revivers.items():
        run = Run(part, chosen.runs, 0.0, device="cpu", general=settings.general)
        if (run.folder / CHECKPOINT).exists():
            print(f"{part}: has a checkpoint already")
            continue
        try:
            revive(settings, run)
        except CannotTrain as error:
            print(
                f"{part}: the bundled weights have another shape than {chosen.config} asks for, or do not go with what "
                f"is in {chosen.runs}, so that training cannot go on from them ({error}); it begins from nothing with: "
                f"python -m training {part}",
                file=sys.stderr,
            )
            failed = True
        else:
            print(f"{part}: goes on from the bundled weights")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())

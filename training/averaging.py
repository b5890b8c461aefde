"""``python -m training.averaging NEW OLD --share 0.65 --out FOLDER``: the mean of two trained models of one line.

A model whose learning rate went up again, and down to nothing once more, ends somewhere else in the same valley of the
loss as before; the mean of both ends is often better than either, at no cost ("Model soups", Wortsman et al. 2022).
Weights that did not grow from each other have no such mean: measure it before it is kept.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from safetensors.torch import load_file, save_file

from training.runner import CannotTrain


def average(new: Path, old: Path, share: float, out: Path) -> None:
    """Write the folder ``new`` to ``out``, with ``share`` times its weights and the rest of those in ``old``.

    Every ``*.safetensors`` below ``new`` must stand in ``old`` under the same name, with tensors of the same names and
    shapes; they keep their types. Other files are those of ``new``.

    Raises:
        CannotTrain: the folders do not hold weights of one model, or ``out`` is there already.
    """
    files = [file.relative_to(new) for file in sorted(new.rglob("*.safetensors"))]
    if not files:
        raise CannotTrain(f"there are no weights in {new}")
    if out.exists():
        raise CannotTrain(f"{out} is there already; name a new folder")
    means = {}
    for file in files:
        if not (old / file).exists():
            raise CannotTrain(f"{old} has no {file}: it holds another model than {new}")
        ours, theirs = load_file(new / file), load_file(old / file)
        if {name: t.shape for name, t in ours.items()} != {name: t.shape for name, t in theirs.items()}:
            raise CannotTrain(f"{file} has other tensors in {old} than in {new}: they are of two models")
        means[file] = {
            name: (share * tensor.double() + (1 - share) * theirs[name].double()).to(tensor.dtype).contiguous()
            for name, tensor in ours.items()
        }
    shutil.copytree(new, out)
    for file, tensors in means.items():
        save_file(tensors, out / file, metadata={"format": "pt"})
        (out / file).chmod(0o644)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    words = argparse.ArgumentParser(prog="python -m training.averaging", description=__doc__)
    words.add_argument("new", type=Path, help="folder of the later weights; all other files are taken from it")
    words.add_argument("old", type=Path, help="folder of the earlier ones")
    words.add_argument("--share", type=float, default=0.65, help="share of the later ones (default 0.65)")
    words.add_argument("--out", type=Path, required=True, help="folder to write")
    chosen = words.parse_args(arguments)
    if not 0 <= chosen.share <= 1:
        words.error("--share is a number from 0 to 1")
    try:
        average(chosen.new, chosen.old, chosen.share, chosen.out)
    except CannotTrain as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"wrote {chosen.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

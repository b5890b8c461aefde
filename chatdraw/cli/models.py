"""``chatdraw models``: which models there are, and which of them can be used here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatdraw.cli.completing import model_names
from chatdraw.cli.exit_codes import EPILOG
from chatdraw.cli.options import options_of

if TYPE_CHECKING:
    from chatdraw.model_report import Model, ModelReport

_Json = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]
_Check = Annotated[bool, typer.Option("--check", help="Ask servers whether they are there and have the model.")]


def register(program: typer.Typer) -> None:
    """Adds the command and its parts."""
    models = typer.Typer(rich_markup_mode=None)
    models.callback(invoke_without_command=True, epilog=EPILOG)(overview)
    models.command(epilog=EPILOG)(show)
    program.add_typer(models, name="models")


def overview(context: typer.Context, as_json: _Json = False, check: _Check = False) -> None:
    """The models: what is installed, what fits, licences.

    ✦ marks what is in use. “fits” means that weights and some room to work in are free now; “tight”, just the weights.
    """
    if context.invoked_subcommand is not None:
        return
    from chatdraw.model_report import models_report

    report = models_report(options_of(context).settings(), check=check)
    if as_json:
        typer.echo(json.dumps(_report(report), ensure_ascii=False, indent=2))
        return
    from chatdraw.terminal.models_view import show_models

    show_models(report)


def show(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of a model or of a profile.", autocompletion=model_names)
    ],
    as_json: _Json = False,
    check: _Check = False,
) -> None:
    """Everything about a model, or about both models of a profile."""
    from chatdraw.catalogue import unknown_name
    from chatdraw.model_report import models_report

    report = models_report(options_of(context).settings(), check=check)
    found = [model for model in report.models if model.name == name]
    if not found:
        found = [
            model for profile in report.profiles if profile.name == name for model in (profile.llm, profile.painter)
        ]
    if not found:
        known = dict.fromkeys([*(model.name for model in report.models), *(p.name for p in report.profiles)])
        raise unknown_name("model or profile", name, known, where="models show")
    if as_json:
        typer.echo(json.dumps([_model(model) for model in found], ensure_ascii=False, indent=2))
        return
    from chatdraw.terminal.models_view import show_model

    show_model(found)


def _report(report: ModelReport) -> dict[str, Any]:
    machine = report.machine
    return {
        "machine": {
            "memory_bytes": machine.memory,
            "free_bytes": machine.free,
            "cards": [
                {"device": card.device, "name": card.name, "memory_bytes": card.memory, "free_bytes": card.free}
                for card in machine.cards
            ],
            "mps": machine.mps,
        },
        "profiles": [
            {
                "name": profile.name,
                "description": profile.description,
                "in_use": profile.chosen,
                "llm": profile.llm.name,
                "painter": profile.painter.name,
                "ready": profile.ready,
                "fits": profile.fit,
            }
            for profile in report.profiles
        ],
        "models": [_model(model) for model in report.models],
    }


def _model(model: Model) -> dict[str, Any]:
    from chatdraw.origins import shown

    return {
        "kind": model.kind,
        "name": model.name,
        "where": model.where,
        "state": model.state,
        "problem": model.problem,
        "hint": model.hint,
        "folder": None if model.folder is None else str(model.folder),
        "bytes_on_disk": model.bytes_on_disk,
        "fits": model.fit,
        "profiles": list(model.profiles),
        "entry": shown(model.entry),
    }

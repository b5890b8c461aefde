"""``chatdraw doctor``: what is installed and kept here, what is wrong with it, and how to get it right."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

import chatdraw
from chatdraw.cli.confirming import confirmed
from chatdraw.cli.exit_codes import EPILOG, FAILED, OK
from chatdraw.cli.options import options_of
from chatdraw.errors import ConfigError

if TYPE_CHECKING:
    from chatdraw.diagnosis import Diagnosis
    from chatdraw.store.health import Finding
    from chatdraw.terminal.doctor_view import TerminalFacts


def register(program: typer.Typer) -> None:
    """Adds the command."""
    program.command(epilog=EPILOG)(doctor)


def doctor(
    context: typer.Context,
    fix: Annotated[
        bool, typer.Option("--fix", help="Put in order what can be, after asking; nothing is deleted.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --fix: do not ask.")] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not load the libraries, nor read every turn and picture.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")] = False,
) -> None:
    """Look over what is installed and what is kept, and say what is wrong and how to get it right.

    Exits with 1 when there is a problem. Without --fix nothing is changed.
    """
    from chatdraw.diagnosis import diagnose
    from chatdraw.terminal.doctor_view import show_diagnosis, show_looking, terminal_facts

    if fix and as_json:
        raise ConfigError("--fix and --json do not go together.", hint="Look with --json first, then run --fix.")
    options = options_of(context)

    if not as_json:
        show_looking()
    diagnosis = diagnose(home=options.home, profile=options.profile, quick=quick)
    if as_json:
        typer.echo(json.dumps(_as_json(diagnosis, terminal_facts()), ensure_ascii=False, indent=2))
    else:
        show_diagnosis(diagnosis, terminal_facts(), chatdraw.__version__)
    if fix:
        _fix([finding for finding in diagnosis.findings if finding.fix is not None], yes=yes)
    # What a fix puts in order is never a problem by itself, so that there is no need to look again.
    raise typer.Exit(FAILED if diagnosis.wrong else OK)


def _fix(findings: list[Finding], *, yes: bool) -> None:
    """Lists what would be done, and does it when the person agrees."""
    from chatdraw.terminal.doctor_view import show_fixes

    if not findings:
        typer.echo("There is nothing that --fix could put in order.")
        return
    show_fixes(findings)
    if not confirmed("Do that", yes=yes):
        typer.echo("Nothing was changed.")
        return
    for finding in findings:
        if finding.fix is not None:
            typer.echo(finding.fix())


def _as_json(diagnosis: Diagnosis, terminal: TerminalFacts) -> dict[str, Any]:
    environment, profile, store = diagnosis.environment, diagnosis.profile, diagnosis.store
    return {
        "chatdraw": chatdraw.__version__,
        "python": environment.python,
        "system": environment.system,
        "libraries": [asdict(library) for library in environment.libraries],
        "threads": environment.threads,
        "machine": None if environment.machine is None else asdict(environment.machine),
        "disk_free_bytes": diagnosis.disk_free,
        "bundled": [asdict(model) for model in diagnosis.bundled],
        "profile": None
        if profile is None
        else {
            "name": profile.name,
            "fits": profile.fit,
            "models": [
                {"kind": model.kind, "name": model.name, "state": model.state, "fits": model.fit}
                for model in (profile.llm, profile.painter)
            ],
        },
        "store": {
            "home": str(store.home),
            "exists": store.exists,
            "schema": store.schema,
            "sessions": store.sessions,
            "turns": store.turns,
            "pictures": store.pictures,
            "database_bytes": store.database_bytes,
            "picture_bytes": store.picture_bytes,
            "backups": [str(path) for path in store.backups],
        },
        "terminal": asdict(terminal),
        "findings": [
            {
                "severity": finding.severity,
                "what": finding.what,
                "proposal": finding.proposal,
                "items": list(finding.items),
                "fixable": finding.fix is not None,
            }
            for finding in diagnosis.findings
        ],
        "wrong": diagnosis.wrong,
    }

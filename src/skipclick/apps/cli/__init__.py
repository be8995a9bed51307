"""The command `skipclick`: one file per command, each a thin layer over the library."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from skipclick.apps.cli.annotate import annotate
from skipclick.apps.cli.benchmark import benchmark
from skipclick.apps.cli.compare import compare
from skipclick.apps.cli.convert import convert
from skipclick.apps.cli.data import data
from skipclick.apps.cli.demo import demo
from skipclick.apps.cli.doctor import doctor
from skipclick.apps.cli.evaluate import evaluate
from skipclick.apps.cli.export import export
from skipclick.apps.cli.export_annotations import export_annotations
from skipclick.apps.cli.finetune import finetune
from skipclick.apps.cli.import_annotations import import_annotations
from skipclick.apps.cli.models import models
from skipclick.apps.cli.report import report
from skipclick.apps.cli.segment import segment
from skipclick.apps.cli.train import train
from skipclick.errors import SkipClickError

INTERRUPTED = 130

app = typer.Typer(
    help="Cut any object out of any photo with a few clicks.",
    no_args_is_help=True,
    add_completion=False,
    # Plain help needs no further imports and stays instant; a traceback is for our bugs alone.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for command in (
    segment,
    annotate,
    demo,
    evaluate,
    report,
    compare,
    train,
    finetune,
    convert,
    export,
    benchmark,
    export_annotations,
    import_annotations,
    models,
    doctor,
):
    app.command()(command)
app.add_typer(data, name="data")


def _print_version(wanted: bool) -> None:
    if wanted:
        import skipclick

        typer.echo(f"skipclick {skipclick.__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """Cut any object out of any photo with a few clicks."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code.

    What a user can cause ends in one line on stderr and the code 2 (130 after Ctrl-C).

    Args:
        arguments: the words after `skipclick`; None takes them from the process.
    """
    try:
        app(args=None if arguments is None else list(arguments), prog_name="skipclick")
    except SkipClickError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        _fail('this command needs PyTorch: pip install "skipclick[torch]"')
    except MemoryError:
        _fail("out of memory; try a smaller picture or a smaller --size")
    except OSError as error:
        _fail(str(error))
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print("skipclick: interrupted", file=sys.stderr)
        raise
    raise SystemExit(0)


def _fail(message: str) -> NoReturn:
    print("skipclick:", " ".join(message.split()), file=sys.stderr)
    raise SystemExit(2)

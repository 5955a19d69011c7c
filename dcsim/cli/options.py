"""Arguments and options that several commands share; light, so that `--help` is fast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from dcsim.limits import MAX_WORKERS

if TYPE_CHECKING:
    from dcsim.study.engine.options import EngineOptions

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class NamedPath(click.Path):
    """A path that is not empty: an empty one stands for a variable that is not set.

    It would else be the current folder.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, or refuse an empty one.

        Parameters
        ----------
        value : object
            As it was typed.
        param : click.Parameter, optional
            Argument or option it stands for.
        ctx : click.Context, optional
        """
        if value == "":
            self.fail("is empty; is the variable set that it comes from?", param, ctx)
        return super().convert(value, param, ctx)


FILE_PATH = NamedPath(path_type=Path)
"""A file or folder that need not be there."""
FOLDER_PATH = NamedPath(path_type=Path, exists=True, file_okay=False)
"""A folder that must be there."""
DEFAULT_STORE = Path("runs/store")
"""Where finished replications go if no store is named."""


class Variable(TypedDict):
    """Settings of an option that an environment variable may give, too."""

    envvar: str
    show_envvar: bool


def variable(name: str) -> Variable:
    """Return the settings of an option that the variable ``DCSIM_NAME`` may give, too.

    Only options of the command line have variables, and only those that say where and how a
    computer works: what a scenario means depends on its files and on what is typed.
    """
    return {"envvar": f"DCSIM_{name}", "show_envvar": True}


SCENARIO = click.argument("scenario", type=FILE_PATH)
STORE = click.argument("store", type=FOLDER_PATH)
STUDY = click.option(
    "--study", help="Name of the study, where the store holds several. [default: the last one]"
)
FIGURE_FORMATS = click.option(
    "--format",
    "formats",
    type=click.Choice(["png", "svg"]),
    multiple=True,
    default=("png",),
    show_default=True,
    **variable("FIGURE_FORMAT"),
    help="Format of the figures. May be repeated.",
)


def set_option(example: str = "") -> Decorator:
    """Return the option `--set`, with an example in its help text."""
    lead = f"Lay a value on top of the scenario{example and f', e.g. {example}'}."
    return click.option(
        "overrides",
        "--set",
        multiple=True,
        callback=_option_texts,
        metavar="KEY.PATH=VALUE",
        help=f"{lead} May be repeated.",
    )


def root_option(text: str = "Folder that all files must lie in.") -> Decorator:
    """Return the option `--root` with its help text."""
    return click.option("--root", type=FILE_PATH, help=text, **variable("ROOT"))


def json_option(text: str = "Print JSON, nothing else.") -> Decorator:
    """Return the flag `--json` with its help text."""
    return click.option("--json", "as_json", is_flag=True, help=text)


def store_option(text: str, default: Path | None = DEFAULT_STORE) -> Decorator:
    """Return the option `--store` of a command that keeps its finished runs there."""
    return click.option(
        "--store",
        type=FILE_PATH,
        default=default,
        show_default=default is not None,
        help=text,
        **variable("STORE"),
    )


def _option_texts(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...]:
    if not texts:
        return ()
    from dcsim.scenario.text.overrides import OptionText  # noqa: PLC0415  (--help does without it)

    return tuple(OptionText(text) for text in texts)


SET = set_option("--set power.basis=it")
ROOT = root_option(
    "Folder that every file the scenario names must lie in. [default: the scenario's folder]"
)
JSON = json_option()


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where many runs are computed."""
    options = (
        click.option(
            "--workers",
            type=click.IntRange(1, MAX_WORKERS),
            default=1,
            show_default=True,
            help="Processes on this machine; more than one need the extra 'cluster'.",
            **variable("WORKERS"),
        ),
        click.option(
            "--cluster",
            metavar="ADDRESS",
            help="A Dask cluster that runs already.",
            **variable("CLUSTER"),
        ),
        click.option(
            "--unit-timeout",
            "unit_timeout_s",
            type=click.FloatRange(min=0, min_open=True),
            default=600.0,
            show_default=True,
            help="Seconds after which a unit counts as hung.",
            **variable("UNIT_TIMEOUT"),
        ),
        click.option(
            "--i-know-insecure",
            "allow_insecure",
            is_flag=True,
            help="Use a cluster on another machine without tls://.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def engine_keywords(options: dict[str, Any]) -> EngineOptions:
    """Take the options that `engine_options` added out of all, as keywords of public functions."""
    return {
        "workers": options.pop("workers"),
        "cluster": options.pop("cluster"),
        "unit_timeout_s": options.pop("unit_timeout_s"),
        "allow_insecure": options.pop("allow_insecure"),
    }

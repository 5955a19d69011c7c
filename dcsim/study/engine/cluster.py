"""A Dask cluster that runs already: which address may be spoken to, and the connection."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import re
from collections.abc import Iterator

import dask
from distributed import Client, Security

from dcsim.errors import OutputError, Problem, ScenarioError

CONNECT_S = 10.0
"""How long anything may take that answers in milliseconds while all is well."""
_CLOSE_S = 2.0
_ADDRESS = re.compile(r"(?P<scheme>tcp|tls)://(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:/@]+):\d{1,5}")
_LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado", "asyncio")
_TORNADO = ("tornado.application", "tornado.general")
_SETTINGS = {
    "distributed.comm.timeouts.connect": f"{CONNECT_S}s",
    "distributed.admin.large-graph-warning-threshold": "1 GB",
}


def check_address(address: str, *, allow_insecure: bool = False) -> None:
    """Refuse an address that is none, or that crosses a network unencrypted.

    Whoever reaches the port of a Dask scheduler can run code on all its workers, and whoever is on
    the way can put in results.

    Raises
    ------
    ScenarioError
        Saying what to write instead.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        message = "is no address of a scheduler; write tls://HOST:PORT or tcp://HOST:PORT"
        raise ScenarioError([Problem("--cluster", address, message)])
    if match["scheme"] == "tcp" and not allow_insecure and not _is_loopback(match["host"]):
        message = (
            "whoever reaches that port can run code there; use tls://, or say --i-know-insecure "
            "on a network that you trust"
        )
        raise ScenarioError([Problem("--cluster", address, message)])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def existing_cluster(address: str) -> Iterator[Client]:
    """Connect to the scheduler at an address; certificates are those of Dask's configuration.

    Raises
    ------
    OutputError
        If none answers.
    """
    with connected(address) as client:
        yield client


@contextlib.contextmanager
def connected(
    address: str, security: Security | None = None, *, direct: bool = False
) -> Iterator[Client]:
    """Connect to a scheduler, quietly; `direct` fetches results from the workers themselves."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(_SETTINGS))
        stack.enter_context(quiet())
        try:
            client = Client(
                address,
                security=security or _certificates(address),
                timeout=CONNECT_S,
                set_as_default=False,
                direct_to_workers=direct or None,
                name="dcsim",
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise OutputError(f"{address}: no cluster answers there: {_reason(error)}") from None
        stack.callback(_close, client)
        yield client


def _certificates(address: str) -> Security:
    """Return the certificates that Dask's configuration names, once they can be used."""
    security = Security()
    if address.startswith("tls://"):
        try:
            known = security.get_connection_args("client").get("ssl_context")
        except OSError as error:
            raise OutputError(f"{address}: its certificates: {_reason(error)}") from None
        if known is None:
            raise OutputError(
                f"{address}: no certificates to speak to it; name them in distributed.comm.tls of "
                "Dask's configuration"
            )
    return security


def _reason(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _close(client: Client) -> None:
    # Of a scheduler that is gone one cannot take leave; nothing depends on it.
    with contextlib.suppress(Exception):
        client.close(timeout=_CLOSE_S)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what Dask logs off the terminal: what matters of it is said in errors and causes."""
    loggers = [logging.getLogger(name) for name in (*_LOGGERS, *_TORNADO)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

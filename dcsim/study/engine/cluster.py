"""Connections to Dask clusters: an address in, a connected client out, if the address is safe."""

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
"""Limit for everything that takes milliseconds while the cluster is well. [s]"""
_CLOSE_S = 2.0
"""Limit for taking leave of a scheduler. [s]"""
_ADDRESS = re.compile(r"(?P<scheme>tcp|tls)://(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:/@]+):\d{1,5}")
_LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado", "asyncio")
_TORNADO = ("tornado.application", "tornado.general")
_SETTINGS = {
    "distributed.comm.timeouts.connect": f"{CONNECT_S}s",
    "distributed.admin.large-graph-warning-threshold": "1 GB",
}


def check_address(address: str, *, allow_insecure: bool = False) -> None:
    """Refuse an address that is not valid, or that crosses a network unencrypted.

    Anyone who reaches the port of a Dask scheduler can run code on all its workers, and anyone on
    the path of an unencrypted connection can forge results.

    Raises
    ------
    ScenarioError
        With the form of address to write instead.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        message = "is no address of a scheduler; write tls://HOST:PORT or tcp://HOST:PORT"
        raise ScenarioError([Problem("", f"cluster {address}", message)])
    if match["scheme"] == "tcp" and not allow_insecure and not _is_loopback(match["host"]):
        message = (
            "whoever reaches that port can run code there; use tls://, or on a network that you "
            "trust --i-know-insecure (allow_insecure=True in Python)"
        )
        raise ScenarioError([Problem("", f"cluster {address}", message)])


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
    """Connect to a scheduler, with Dask's log messages off.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tls://login1:8786``.
    security : Security, optional
        Certificates; by default those of Dask's configuration.
    direct : bool
        True fetches results from the workers themselves, which must be reachable, instead of
        through the scheduler.

    Yields
    ------
    Client
    """
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
    # The scheduler may be gone already; nothing depends on closing the connection in form.
    with contextlib.suppress(Exception):
        client.close(timeout=_CLOSE_S)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Dask's log off the terminal: errors and causes of jobs report what matters in it."""
    loggers = [logging.getLogger(name) for name in (*_LOGGERS, *_TORNADO)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

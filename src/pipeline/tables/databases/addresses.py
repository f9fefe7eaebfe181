"""Where a database is, and what is said when it cannot be read: never the URL's user or password, never a row's value.

Drivers' messages hold both, so none is passed on unread: of a failed connection the sentence is our own, and of a
failed query the message is shown only where it speaks of the query.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from pipeline.definitions.yaml_lines import WorkspaceError

_URL = re.compile(r"(?P<kind>\w+)(?:\+(?P<driver>\w+))?://(?P<rest>.*)", re.DOTALL)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]*\]|[\w.-]*)(?::(\d*))?")
_PORTS = {"postgresql": "5432", "mysql": "3306", "mariadb": "3306", "mssql": "1433", "oracle": "1521"}

_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "cx_Oracle": "cx-Oracle",
    "databricks": "databricks-sqlalchemy",
    "duckdb": "duckdb-engine",
    "mariadb": "mariadb",
    "mysql": "mysql-connector-python",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
}
"""What to install where a module or a kind of database has another name than its package."""

_PARTS = re.compile(r'"(?:[^"]|"")+"|[^".]+')

_ACCESS = re.compile(
    r"passwor|authenti|access denied|login failed|role .* does not exist|pg_hba|2800[0P]|\b1045\b", re.I
)
_NO_DATABASE = re.compile(r"database .* does not exist|unknown database|cannot open database|\b1049\b|\b4060\b", re.I)
_REASONS = (
    (re.compile(r"translate host name|not known|getaddrinfo|resolve", re.I), "the host's name is unknown"),
    (re.compile(r"refused", re.I), "nothing answers there"),
    (re.compile(r"time(d )?out", re.I), "it does not answer"),
    (re.compile(r"too many|slots", re.I), "it has no connection left"),
    (re.compile(r"\bSSL\b|certificate", re.I), "the two do not agree on SSL (`sslmode` in the url)"),
    (
        re.compile(r"URI|percent-encoded|parameter|option", re.I),
        "the url has a parameter that its driver does not know",
    ),
)

_OF_THE_QUERY = ("0A", "25", "3F", "42", "53", "54", "55", "57")
"""Classes of SQLSTATE whose messages speak of the query and the server; those of 22 and 23, and a function's own, may
hold values."""

_HARMLESS = re.compile(
    r"division by zero|invalid input syntax for type [a-z ]+|[a-z ]*out of range( for type [a-z ]+)?|"
    r"invalid byte sequence for encoding|(can|term)inating [a-z ]+|canceling [a-z ]+|server closed the connection|"
    r"could not [a-z]+ (file|temporary)|more than one row returned by a subquery|unknown column '[^']*'",
    re.I,
)
_WRITES = re.compile(r"read[- ]?only", re.I)


@dataclass(frozen=True)
class Address:
    """A database's URL in parts. `driver` is SQLAlchemy's word after the plus; `rest` is all after `://`."""

    kind: str
    driver: str | None
    rest: str = field(repr=False)
    host: str
    port: str
    database: str
    root: Path

    @classmethod
    def of(cls, url: str, root: Path) -> Address:
        """Take a URL apart, or the one in `env:NAME`; a relative SQLite file is relative to `root`.

        WorkspaceError if it is none, or no such variable is set.
        """
        if url.startswith("env:"):
            name = url.removeprefix("env:")
            if not os.environ.get(name):
                raise WorkspaceError(
                    f"the environment variable {name} is not set; set it to the database's url, as in "
                    f"export {name}=postgresql://user:password@host/database"
                )
            url = os.environ[name]
        match = _URL.fullmatch(url.strip())
        if match is None:
            raise WorkspaceError(
                "the url is no database's; expected one like postgresql://user:password@host/database, "
                "sqlite:///file.db or mysql+pymysql://user:password@host/database"
            )
        kind, driver, rest = match["kind"].lower(), match["driver"], match["rest"]
        kind = "postgresql" if kind == "postgres" else kind
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        path = rest[len(authority) :].partition("?")[0].removeprefix("/")
        if kind == "sqlite":
            return cls(kind, driver, rest, "", "", unquote(path), root)
        # A sign that was not encoded would make a part of the password look like the host.
        host = _HOST.fullmatch(authority.rpartition("@")[2])
        if rest.count("@") > 1 or "@" in rest[len(authority) :] or (host is None and "," not in authority):
            raise WorkspaceError(
                "the url cannot be read; write the special characters of its user and password percent-encoded: "
                "@ as %40, : as %3A, / as %2F, # as %23, ? as %3F, % as %25"
            )
        name, port = (host[1] or "this machine", host[2] or _PORTS.get(kind, "")) if host else ("its hosts", "")
        return cls(kind, driver, rest, name, port, unquote(path), root)

    def __str__(self) -> str:
        """The database as errors name it."""
        if self.kind == "sqlite":
            return self.database
        return f"{f'database {self.database}' if self.database else 'the database'} at {self._server()}"

    @property
    def url(self) -> str:
        """The URL as drivers take it; PostgreSQL's without SQLAlchemy's word for its driver."""
        driver = "" if self.kind == "postgresql" or self.driver is None else f"+{self.driver}"
        return f"{self.kind}{driver}://{self.rest}"

    def file(self) -> Path:
        """The file of an SQLite database; WorkspaceError if it is not there: reading makes none."""
        file = self.root / self.database
        if not self.database or not file.is_file():
            named = f"there is no file {self.database}" if self.database else "the url names no file"
            raise WorkspaceError(
                f"{named}; correct the url: sqlite:///file.db is relative to the workspace's folder "
                f"({self.root.name or self.root}/), sqlite:////folder/file.db is not"
            )
        return file

    def _server(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host

    def no_driver(self, error: ImportError) -> WorkspaceError:
        """The error where the module that speaks to this kind of database is not installed."""
        if error.name is None:
            return WorkspaceError(f"the driver for {self.kind} is installed and cannot be loaded; install it anew")
        module = error.name.partition(".")[0]
        package = _PACKAGES.get(module, module)
        return WorkspaceError(f"the driver for {self.kind} is not installed; pip install {package}")

    def no_kind(self) -> WorkspaceError:
        """The error of a kind of database that is not known here."""
        if self.kind in _PACKAGES and self.kind not in _PORTS:
            return WorkspaceError(f"the driver for {self.kind} is not installed; pip install {_PACKAGES[self.kind]}")
        kind = f"{self.kind}+{self.driver}" if self.driver else self.kind
        return WorkspaceError(
            f"{kind}:// is no kind of database known here; expected postgresql, sqlite, mysql+pymysql, mssql+pyodbc or "
            "another that SQLAlchemy knows; one with a package of its own needs that installed"
        )

    def no_connection(self, message: str) -> WorkspaceError:
        """The error where the server was not reached or let nobody in; `message` is the driver's."""
        if _ACCESS.search(message):
            return WorkspaceError(f"{self} refuses the url's user or password; correct them there")
        if _NO_DATABASE.search(message):
            return WorkspaceError(f"there is no database {self.database!r} at {self._server()}; correct the url")
        reason = next((f": {reason}" for pattern, reason in _REASONS if pattern.search(message)), "")
        return WorkspaceError(f"no connection to {self}{reason}; correct the url, or see that the server runs")

    def no_table(self, table: str, there: Sequence[str]) -> WorkspaceError:
        """The error of a table that is not there; `there` are those that are."""
        near = difflib.get_close_matches(table.lower(), [name.lower() for name in there], n=1)
        hint = next((f"did you mean {name}? " for name in there if near and name.lower() == near[0]), "")
        more = f" and {len(there) - 20} more" if len(there) > 20 else ""
        holds = f"It has {', '.join(there[:20])}{more}" if there else "It has no table that the url's user may read"
        return WorkspaceError(f"there is no table {table!r} in {self}; {hint}{holds}")

    def failed(self, message: str, state: str | None = None, of_the_query: bool = False) -> WorkspaceError:
        """The error of a query; `message` is the database's, `state` its SQLSTATE where it gives one."""
        text = message.strip().partition("\n")[0].rstrip(".")[:200]
        if state == "25006" or _WRITES.search(text):
            return WorkspaceError(f"the query would change {self}; expected a select, for a database is only ever read")
        if of_the_query or (state is not None and state[:2] in _OF_THE_QUERY):
            remedy = "grant its user select" if "denied" in text else "correct the query"
            return WorkspaceError(f"{self} refuses the query: {text}; {remedy}")
        known = _HARMLESS.search(text)
        said = f": {known[0].strip()}" if known else ", and what it said may hold values and is not shown"
        return WorkspaceError(
            f"{self} stopped in the middle of the query{said}; try the query in the database's client"
        )


def one_name_each(names: Sequence[str]) -> None:
    """WorkspaceError if two columns of a result have one name, or one has none."""
    for position, name in enumerate(names):
        if not name:
            raise WorkspaceError(f"column {position + 1} of the query has no name; give it one: `... as name`")
        if name in names[:position]:
            raise WorkspaceError(f"the query gives two columns {name}; give one of them another name: `... as other`")


def parts_of(table: str) -> list[str]:
    """A table's name in parts.

    >>> parts_of("crm.leads"), parts_of('crm."odd.name"')
    (['crm', 'leads'], ['crm', 'odd.name'])
    """
    parts = [part[1:-1].replace('""', '"') if part[0] == '"' else part.strip() for part in _PARTS.findall(table)]
    return parts or [table]


def written(schema: str, table: str) -> str:
    """A table's name as `parts_of` reads it; an empty schema is left out."""
    parts = (part for part in (schema, table) if part)
    return ".".join('"' + part.replace('"', '""') + '"' if set(part) & set('".') else part for part in parts)

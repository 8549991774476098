"""Settings of one installation, read from `HUB_*` variables; only `app` uses them and hands them down as values.

Every setting has a default that works: without any variable the hub runs in one
process on SQLite and the embedded broker. Two addresses, `HUB_DATABASE_URL` and
`HUB_BROKER_URL`, are the whole step to PostgreSQL and RabbitMQ. A variable may be
given as a file instead (`HUB_DATABASE_URL_FILE=/run/secrets/database_url`), as
container secrets are; naming both is an error.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from hub.errors import Unusable

PREFIX = "HUB_"
FILE_SUFFIX = "_FILE"
MEGABYTE = 1_000_000
HIGHEST_PORT = 65_535

DATABASE_SCHEMES = ("sqlite:///", "postgresql://")
BROKER_SCHEMES = ("memory://", "amqp://", "amqps://")


class Settings(BaseSettings):
    """One installation's settings. Frozen; sizes are bytes, durations seconds."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Path = Path("hub-data")
    """Everything the hub keeps on disk: the SQLite database, partner folders, the lock and the local token."""

    database_url: str = Field(default_factory=lambda validated: f"sqlite:///{validated['data_dir']}/hub.db", repr=False)
    """`sqlite:///<path>` or `postgresql://user:password@host/name`; SQLite in the data folder if not given."""

    broker_url: str = Field(default="memory://", repr=False)
    """`memory://` for the embedded broker, or `amqp[s]://user:password@host/vhost`."""

    host: str = "127.0.0.1"
    """The address that the web process listens on."""

    port: int = Field(default=8080, ge=0, le=HIGHEST_PORT)
    """The port that the web process listens on; 0 takes a free one."""

    worker_address: str | None = None
    """Where `hub worker` shows its health and metrics, `host:port`; it listens nowhere if not given."""

    services: Annotated[tuple[str, ...], NoDecode] = ()
    """The services that this process runs, separated by commas; none named means all."""

    switched_off: Annotated[tuple[str, ...], NoDecode] = ()
    """The services that this installation does without, separated by commas: somebody else does their work."""

    auto_warehouse: bool = False
    """Release, pick, pack and despatch deliveries without a person."""

    allow_private_targets: bool = False
    """Let documents and events be posted to private and loopback addresses."""

    log_format: Literal["json", "console"] = "json"
    """One JSON object per line for machines, or coloured text for people."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe lines that are written."""

    limit_edi_bytes: int = Field(default=32 * MEGABYTE, gt=0)
    """The largest EDIFACT file that `POST /edi` takes."""

    limit_json_bytes: int = Field(default=5 * MEGABYTE, gt=0)
    """The largest JSON body that webhooks, tills and the API take."""

    limit_xml_bytes: int = Field(default=20 * MEGABYTE, gt=0)
    """The largest XML body (POSLog) that is taken."""

    limit_folder_bytes: int = Field(default=2_000 * MEGABYTE, gt=0)
    """The largest file that a watched folder takes; it is read as a stream."""

    limit_connections: int = Field(default=500, gt=0)
    """The most connections that the web process keeps open at once; more are answered 503."""

    limit_bodies_bytes: int = Field(default=128 * MEGABYTE, gt=0)
    """The most that all bodies under way may hold together; a quarter of it before their sender is known."""

    limit_requests_per_second: float = Field(default=1_000.0, gt=0)
    """How often one credential, or one shop, may send to a door on average; half a minute's worth may come at once."""

    back_pressure_seconds: float = Field(default=20.0, gt=0)
    """The doors answer 503 when what is accepted and not settled is more than this much work."""

    failpoint: str | None = Field(default=None, pattern=r"^[^#]+(#[1-9][0-9]*)?$")
    """For crash tests: where this process kills itself once it was sent SIGUSR1, at the first pass of the failpoint
    (`hub.seams` names them) or at the nth (`name#n`)."""

    @field_validator("data_dir")
    @classmethod
    def _data_dir_is_absolute(cls, folder: Path) -> Path:
        return folder.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _database_is_one_we_speak_to(cls, url: str) -> str:
        return _of_scheme(url, DATABASE_SCHEMES)

    @field_validator("broker_url")
    @classmethod
    def _broker_is_one_we_speak_to(cls, url: str) -> str:
        return _of_scheme(url, BROKER_SCHEMES)

    @field_validator("worker_address")
    @classmethod
    def _worker_address_has_a_port(cls, address: str | None) -> str | None:
        if address is None:
            return None
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or int(port) > HIGHEST_PORT:
            raise ValueError("must be host:port")
        return address

    @field_validator("services", "switched_off", mode="before")
    @classmethod
    def _services_are_separated_by_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(name.strip() for name in value.split(",") if name.strip())

    @property
    def on_sqlite(self) -> bool:
        """Whether the database allows a single process only."""
        return self.database_url.startswith("sqlite:")

    @property
    def on_embedded_broker(self) -> bool:
        """Whether the broker lives inside this process."""
        return self.broker_url.startswith("memory:")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings calls by keyword
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments first, then variables, then files that variables name; no `.env` file is looked for."""
        return init_settings, env_settings, _NamedFiles(settings_cls)


class _NamedFiles(PydanticBaseSettingsSource):
    """Reads `HUB_X` from the file that `HUB_X_FILE` names, without the white space at its ends."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - its signature
        variable = variable_of(field_name)
        named = os.environ.get(variable + FILE_SUFFIX)
        if named is None:
            return None, field_name, False
        if variable in os.environ:
            raise Unusable(f"{variable} and {variable}{FILE_SUFFIX} are both set; keep one of them")
        try:
            return Path(named).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            raise Unusable(f"{variable}{FILE_SUFFIX}: {named} cannot be read: {error}") from error

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def load(**overrides: Any) -> Settings:
    """Return the settings of this process; what is wrong is told by variable, without its value.

    `overrides` (from the command line) go before variables.
    Raises `Unusable` with one line for each variable that is wrong.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        wrong = [
            f"{variable_of(str(problem['loc'][0]))}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_input=False)
        ]
        raise Unusable("\n".join(wrong)) from None


def variable_of(field: str) -> str:
    """Return the name of the variable that sets this field."""
    return PREFIX + field.upper()


def _of_scheme(url: str, schemes: tuple[str, ...]) -> str:
    if not url.startswith(schemes):
        raise ValueError(f"must begin with one of {', '.join(schemes)}")
    return url

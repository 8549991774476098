"""Private servers for tests and benches: Debian's RabbitMQ and PostgreSQL, started beside whatever runs already.

Each server has its own folder, ports, cookie and name registry, and dies with the
process that started it. `rabbitmq()` and `postgres()` start one of each per process;
a test that kills or stops a server makes its own. Isolation between tests is a fresh
virtual host or a fresh copy of a template database, both a matter of milliseconds.

Missing programs raise `MissingServer`, which names the packages to install: connected
tests fail, they are never skipped.
"""

import atexit
import contextlib
import functools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

RABBITMQ_SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
RABBITMQ_CONTROL = RABBITMQ_SERVER.with_name("rabbitmqctl")
POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
START_TIMEOUT = 120.0
STOP_TIMEOUT = 30.0


class MissingServer(Exception):
    """A server program is not installed."""


class RabbitMQ:
    """One RabbitMQ node. `start` after `stop` or `kill` keeps its queues, its ports and its folder."""

    def __init__(self) -> None:
        _require(RABBITMQ_SERVER, "rabbitmq-server")
        self._folder = _folder("hub-rabbitmq-")
        self._node = f"hub-{secrets.token_hex(4)}@localhost"
        self._cookie = secrets.token_hex(16)
        self._epmd: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self.port, self._dist_port, self._epmd_port = _free_ports(3)
        cookie = self._folder / ".erlang.cookie"
        cookie.write_text(self._cookie)
        cookie.chmod(0o400)
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.default = 127.0.0.1:{self.port}\n"
            "disk_free_limit.absolute = 50MB\n"
            "loopback_users = none\n"
            "log.console = false\n"
            "log.file.level = warning\n"
        )
        (self._folder / "enabled_plugins").write_text("[].\n")

    @property
    def pid(self) -> int:
        """The process at the root of the server's own."""
        assert self._server is not None, "start the server first"
        return self._server.pid

    @property
    def url(self) -> str:
        """The address of the default virtual host."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def start(self) -> "RabbitMQ":
        """Start the node and return when it answers an AMQP handshake."""
        if self._epmd is None:
            self._epmd = _spawn([_program("epmd"), "-address", "127.0.0.1"], self._folder / "epmd.log", self._env)
        self._server = _spawn([str(RABBITMQ_SERVER)], self._folder / "server.log", self._env)
        _await(self._answers, self._server, self._folder / "server.log")
        return self

    def stop(self) -> None:
        """Shut the node down in order."""
        _end(self._server, signal.SIGTERM)

    def kill(self) -> None:
        """Kill the node as a crash would."""
        _end(self._server, signal.SIGKILL)

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Kill the node and remove everything it kept."""
        self.kill()
        _end(self._epmd, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)

    def virtual_host(self) -> str:
        """Make a fresh virtual host and return its address."""
        name = f"test-{secrets.token_hex(6)}"
        self.evaluate(
            f'rabbit_vhost:add(<<"{name}">>, <<"tests">>),'
            f'rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"{name}">>,'
            f' <<".*">>, <<".*">>, <<".*">>, <<"tests">>).'
        )
        return f"{self.url}{name}"

    def evaluate(self, expression: str) -> str:
        """Evaluate one Erlang expression inside the node (milliseconds, where `control` takes a second or two)."""
        command = [_program("erl_call"), "-sname", self._node, "-c", self._cookie, "-e", "-timeout", "60"]
        done = subprocess.run(
            command, input=f"{expression}\n".encode(), env=self._env, capture_output=True, check=False, timeout=60
        )
        answer = (done.stdout + done.stderr).decode()
        if done.returncode != 0 or not answer.startswith("{ok,"):
            raise AssertionError(f"RabbitMQ would not evaluate {expression!r}: {answer}")
        return answer

    def control(self, *arguments: str) -> str:
        """Run `rabbitmqctl` against this node and return what it printed."""
        command = [str(RABBITMQ_CONTROL), "--quiet", "--node", self._node, *arguments]
        return subprocess.run(command, env=self._env, capture_output=True, check=True, text=True, timeout=60).stdout

    def close_connections(self) -> None:
        """Close every client connection from the server's side."""
        self.evaluate('[rabbit_networking:close_connection(P, "test") || P <- rabbit_networking:connections()].')

    @property
    def _env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_CRASH_DUMP": "/dev/null",
            "RABBITMQ_ALLOW_INPUT": "1",  # the script then becomes the node, so a signal reaches the node itself
            "RABBITMQ_SERVER_START_ARGS": "-noinput",
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self._folder / "no-environment"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
        }

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"  # a method frame: Connection.Start


class PostgreSQL:
    """One PostgreSQL cluster with durable commits. `start` after `stop` or `kill` keeps its data."""

    def __init__(self) -> None:
        _require(POSTGRES_BIN / "initdb", "postgresql")
        self._user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
        self._folder = _folder("hub-postgres-")
        self._data = self._folder / "data"
        if self._user:
            shutil.chown(self._folder, self._user)
        (self.port,) = _free_ports(1)
        self._server: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(self._data), "-U", "hub", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")

    @property
    def pid(self) -> int:
        """The process at the root of the server's own."""
        assert self._server is not None, "start the server first"
        return self._server.pid

    @property
    def url(self) -> str:
        """The address of the maintenance database."""
        return self._url("postgres")

    def start(self) -> "PostgreSQL":
        """Start the server and return when it takes connections."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
            "max_connections": "100",
            "fsync": "on",
            "shared_buffers": "64MB",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(POSTGRES_BIN / "postgres"), "-D", str(self._data), *options]
        self._server = _spawn(command, self._folder / "server.log", _plain_environment(), self._user)
        _await(self._answers, self._server, self._folder / "server.log")
        return self

    def stop(self) -> None:
        """Shut down in order; connections are ended."""
        _end(self._server, signal.SIGINT)

    def kill(self) -> None:
        """End at once without a checkpoint, as a crash would; the next start recovers from the log."""
        _end(self._server, signal.SIGQUIT)

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Kill the server and remove everything it kept."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """Make a database once with `build(url)` and return its name, for `database(template=name)`."""
        self.execute(f'CREATE DATABASE "{name}"')
        build(self._url(name))
        return name

    def database(self, template: str = "template1") -> str:
        """Make a fresh database, a copy of the template, and return its address."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._url(name)

    def execute(self, statement: str, database: str = "postgres") -> str:
        """Run one statement through psql and return what it printed, without headings."""
        return self._run(
            "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "hub", "-d", database,
            "-v", "ON_ERROR_STOP=1", "-qAtX", "-c", statement,
        )  # fmt: skip

    def _url(self, database: str) -> str:
        return f"postgresql://hub@127.0.0.1:{self.port}/{database}"

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(POSTGRES_BIN / program), *arguments],
            env=_plain_environment(), cwd=self._folder, user=self._user,
            capture_output=True, check=False, text=True, timeout=START_TIMEOUT,
        )  # fmt: skip
        if done.returncode != 0:
            raise AssertionError(f"{program} failed: {done.stderr}")
        return done.stdout

    def _answers(self) -> bool:
        command = [str(POSTGRES_BIN / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False, timeout=10).returncode == 0


@functools.cache
def rabbitmq() -> RabbitMQ:
    """Return this process's RabbitMQ, started at the first call and removed at exit."""
    server = RabbitMQ()
    atexit.register(server.close)
    return server.start()


@functools.cache
def postgres() -> PostgreSQL:
    """Return this process's PostgreSQL, started at the first call and removed at exit."""
    server = PostgreSQL()
    atexit.register(server.close)
    return server.start()


def _require(program: Path, package: str) -> None:
    if not program.exists():
        raise MissingServer(f"{program} is missing; run: apt-get install --no-install-recommends {package}")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise MissingServer(f"{name} is missing; run: apt-get install --no-install-recommends rabbitmq-server")
    return found


def _folder(prefix: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=prefix))


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _plain_environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def _spawn(
    command: Sequence[str], log: Path, environment: dict[str, str], user: str | None = None
) -> subprocess.Popen[bytes]:
    """Start a server in a process group of its own that is killed when this process dies, however it dies."""
    as_user: list[str] = []
    if user is not None:
        entry = pwd.getpwnam(user)
        as_user = [f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
    with log.open("ab") as output:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *as_user, *command],
            env=environment, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip


def _await(ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if ready():
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.05)
            break
    raise AssertionError(f"{server.args} did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _end(server: subprocess.Popen[bytes] | None, how: signal.Signals) -> None:
    """Signal the server and reap it; what is left of its process group is killed."""
    if server is None or server.returncode is not None:
        return
    server.send_signal(how)
    try:
        server.wait(STOP_TIMEOUT)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(STOP_TIMEOUT)

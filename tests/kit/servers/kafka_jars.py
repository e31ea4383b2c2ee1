"""The jars of Apache Kafka, resolved once into an ignored folder, and the Java that runs them."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.kit.servers.process import UnavailableError
from tests.kit.servers.run import locked

RECIPE = Path(__file__).parents[3] / "deploy" / "kafka-dev"
POM = RECIPE / "pom.xml"
LIBS = RECIPE / "libs"
RESOLVE_SECONDS = 150


def kafka_version() -> str:
    """The version that the recipe pins."""
    pinned = re.search(r"<kafka\.version>(.+?)</kafka\.version>", POM.read_text())
    assert pinned
    return pinned[1]


@cache
def java() -> str:
    """The path of a Java that runs, or UnavailableError."""
    path = shutil.which("java")
    if path is None:
        raise UnavailableError("no java on the PATH (17 or later is needed)")
    # A Mac without Java has a java that only says so.
    if subprocess.run([path, "-version"], capture_output=True, check=False).returncode:
        raise UnavailableError(f"{path} does not run")
    return path


def jars() -> Path:
    """The folder of the jars, filled by Maven when it is missing or of another version."""
    complete = LIBS / f"kafka_2.13-{kafka_version()}.jar"
    with locked(RECIPE / "libs.lock"):
        if not complete.exists():
            _resolve()
    return LIBS


def java_command(main: str, *arguments: str, options: tuple[str, ...] = ()) -> list[str]:
    """The command line that runs one of Kafka's classes."""
    return [java(), *options, "-cp", f"{jars()}/*", main, *arguments]


def _resolve() -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise UnavailableError(f"no jars in {LIBS.name}/ and no mvn on the PATH to fetch them")
    partial = RECIPE / "libs.partial"
    shutil.rmtree(partial, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={partial}", "-DincludeScope=runtime"]
    try:
        said = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RESOLVE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"mvn took longer than {RESOLVE_SECONDS} s") from None
    if said.returncode:
        raise UnavailableError(f"mvn said: {said.stdout[-600:].strip()}")
    shutil.rmtree(LIBS, ignore_errors=True)
    partial.rename(LIBS)

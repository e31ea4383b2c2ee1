"""The image: how it is described, and that a wheel carries all that the code reads beside it."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.deploy.files import COMPOSE, DOCKERFILE, EXACT_TAG, ROOT, image_environment, tool

DIGEST = "sha256:" + "0123456789abcdef" * 4


def test_the_dockerfile_has_nothing_that_hadolint_minds(tmp_path: Path) -> None:
    found = tool("hadolint", "--no-color", DOCKERFILE)
    assert (found.returncode, found.stdout) == (0, "")
    planted = tmp_path / "Dockerfile"
    planted.write_text(DOCKERFILE.read_text().replace("python:3.11.14-slim-bookworm", "python"))
    assert "DL3006" in tool("hadolint", "--no-color", planted).stdout


def test_its_base_is_an_exact_version_of_the_python_that_the_project_asks_for() -> None:
    (base,) = re.findall(r"^FROM (\S+:\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    assert EXACT_TAG.match(base)
    floor = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert base.startswith(f"python:{floor.removeprefix('>=')}.")


def test_it_runs_as_a_numbered_user_and_starts_the_one_program() -> None:
    stage = DOCKERFILE.read_text().rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", stage, re.MULTILINE) == ["10001:10001"]
    assert re.findall(r"^ENTRYPOINT (.+)$", stage, re.MULTILINE) == ['["opendoor"]']
    assert image_environment()["OPENDOOR_HOST"] == "0.0.0.0"  # noqa: S104 - within its pod alone


def test_everything_that_is_installed_is_installed_by_its_hash() -> None:
    steps = DOCKERFILE.read_text().replace("\\\n", " ")
    installs = re.findall(r"pip install [^&\n]+", steps)
    assert len(installs) == 3
    assert [one for one in installs if "--require-hashes" not in one] == [installs[-1]]
    assert "--no-deps" in installs[-1]


def test_only_what_the_image_is_made_of_is_sent_to_be_built() -> None:
    kept = (ROOT / ".dockerignore").read_text().splitlines()
    assert kept[1] == "*"
    sent = {one[1:] for one in kept if one.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    assert sent == {part for line in copied for part in line.split()}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the image installs, built and unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    for name in sources("services", "shared"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    flags = ("--wheel", "--no-build-isolation", "--offline", "--python", sys.executable)
    built = tool("uv", "build", "--quiet", "--no-cache", *flags, "-o", folder / "out", folder)
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def sources(*folders: str) -> list[str]:
    """What git knows or would take, so that work in progress counts."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders]
    said = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    return [one for one in said.stdout.splitlines() if (ROOT / one).exists()]


def test_the_wheel_has_every_file_of_the_product(unpacked: Path) -> None:
    there = {str(one.relative_to(unpacked)) for one in unpacked.rglob("*") if one.is_file()}
    assert set(sources("services", "shared")) - there == set()


def test_what_the_wheel_holds_makes_a_database(unpacked: Path, tmp_path: Path) -> None:
    environment = {
        "PYTHONPATH": str(unpacked),
        "OPENDOOR_ENVIRONMENT": "development",
        "OPENDOOR_DATA_DIR": str(tmp_path),
    }
    said = subprocess.run(
        [sys.executable, "-m", "services", "migrate", "learning"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert (tmp_path / "learning.db").exists()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with the files that name images, and a docker that answers with a digest."""
    repository = tmp_path / "repository"
    repository.mkdir()
    for one in (DOCKERFILE, COMPOSE):
        (repository / one.name).write_bytes(one.read_bytes())
    (tmp_path / "bin").mkdir()
    return repository


def pin(repository: Path, docker: str) -> subprocess.CompletedProcess[str]:
    program = repository.parent / "bin" / "docker"
    program.write_text(f"#!/bin/sh\n{docker}\n")
    program.chmod(0o755)
    return subprocess.run(
        [ROOT / "deploy" / "pin-digests", repository],
        env={"PATH": f"{program.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_one_command_pins_every_image_of_others_and_renews_a_pin(copy: Path) -> None:
    assert pin(copy, f"echo {'sha256:' + 64 * '0'}").returncode == 0
    said = pin(copy, f"echo {DIGEST}")
    assert said.returncode == 0, said.stderr
    text = (copy / "Dockerfile").read_text() + (copy / "docker-compose.yml").read_text()
    assert f"FROM python:3.11.14-slim-bookworm@{DIGEST} AS base\n" in text
    assert f"image: postgres:18.6-trixie@{DIGEST}\n" in text
    assert text.count(DIGEST) == text.count("@sha256:") == 5
    assert "image: open-door:0.1.0\n" in text


@pytest.mark.parametrize("docker", ["exit 1", "echo latest"])
def test_where_one_digest_cannot_be_had_nothing_is_pinned(copy: Path, docker: str) -> None:
    said = pin(copy, f'case "$*" in *python*) {docker};; *) echo {DIGEST};; esac')
    assert said.returncode == 1
    assert "No digest for python:3.11.14-slim-bookworm" in said.stderr
    assert "Nothing was changed." in said.stderr
    assert (copy / "Dockerfile").read_bytes() == DOCKERFILE.read_bytes()
    assert (copy / "docker-compose.yml").read_bytes() == COMPOSE.read_bytes()

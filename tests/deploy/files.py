"""The deploy files as values, and the validators that are programs."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
COMPOSE = ROOT / "docker-compose.yml"
RULES = ROOT / "deploy" / "prometheus" / "rules" / "open-door.yml"
RULE_TESTS = ROOT / "deploy" / "prometheus" / "rules_test.yml"
PROMETHEUS = ROOT / "deploy" / "prometheus" / "prometheus.yml"
GRAFANA = ROOT / "deploy" / "grafana"
K8S = ROOT / "deploy" / "k8s"
OWN_IMAGE = "open-door"

EXACT_TAG = re.compile(r"[\w./-]+:v?\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?\Z", re.ASCII)
"""A name with a version of at least two numbers; a digest may follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of the product, as a file describes it: `probe` is the path by which it is
    found ready, empty where it ends by itself."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    probe: str = ""


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a validator that came with the development tools."""
    program = Path(sys.executable).parent / name
    return subprocess.run(
        [program, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
    )


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def compose_services() -> dict[str, dict[str, Any]]:
    return dict(read_yaml(COMPOSE)["services"])


def compose_containers() -> Iterator[Container]:
    """The product's own containers of docker-compose.yml."""
    for name, one in compose_services().items():
        if one["image"].split(":")[0] == OWN_IMAGE:
            yield Container(
                name=name,
                command=tuple(one["command"]),
                environment={**image_environment(), **one["environment"]},
                probe="".join(
                    re.findall(r"127\.0\.0\.1:\d+(/[\w/]+)", str(one.get("healthcheck")))
                ),
            )


def image_environment() -> dict[str, str]:
    """What the Dockerfile's last stage sets."""
    stage = DOCKERFILE.read_text().rpartition("\nFROM ")[2].replace("\\\n", " ")
    lines = re.findall(r"^ENV (.+)$", stage, re.MULTILINE)
    return dict(part.split("=", 1) for line in lines for part in line.split())


def render(overlay: str) -> list[dict[str, Any]]:
    """What `kubectl apply -k` would send for a folder of deploy/k8s, without a cluster."""
    rendered = tool("kubectl", "kustomize", K8S / overlay)
    assert rendered.returncode == 0, rendered.stderr
    return [one for one in yaml.safe_load_all(rendered.stdout) if one]


def pod_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The pod's description within a Deployment or a Job."""
    return dict(resource["spec"]["template"]["spec"])


def cluster_containers(rendered: Sequence[Mapping[str, Any]]) -> Iterator[Container]:
    """The product's own containers of an overlay, those of a pod that come first among them."""
    maps = {one["metadata"]["name"]: one["data"] for one in rendered if one["kind"] == "ConfigMap"}
    for resource in rendered:
        if resource["kind"] not in ("Deployment", "Job"):
            continue
        pod = pod_of(resource)
        for one in (*pod.get("initContainers", ()), *pod["containers"]):
            yield Container(
                name=f"{resource['metadata']['name']}/{one['name']}",
                command=tuple(one["args"]),
                environment={**image_environment(), **environment_of(one, maps)},
                probe=one.get("readinessProbe", {}).get("httpGet", {}).get("path", ""),
            )


def environment_of(
    container: Mapping[str, Any], maps: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """What a container is given; `<secret:NAME/KEY>` for a value that only a cluster has."""
    found = dict[str, str]()
    for source in container.get("envFrom", ()):
        found |= maps[source["configMapRef"]["name"]]
    for one in container.get("env", ()):
        value = one.get("value")
        if value is None:
            secret = one["valueFrom"]["secretKeyRef"]
            value = f"<secret:{secret['name']}/{secret['key']}>"
        found[one["name"]] = re.sub(r"\$\((\w+)\)", lambda named: found[named[1]], value)
    return found

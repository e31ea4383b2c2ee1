"""deploy/k8s, rendered without a cluster: schemas, security, probes, spread, network, operators."""

import copy
import ipaddress
import warnings
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest

from services.__main__ import load_services
from shared.contracts.base import PARTITIONS
from shared.runtime.verbs.processes import API_GRACE, PROBE_GRACE, WORKER_GRACE
from tests.deploy import operators
from tests.deploy.files import EXACT_TAG, K8S, pod_of, tool

KUBERNETES = "1.37"
CLOSING = 5
"""Seconds in which a process closes its log and its connections, after all else has ended."""

Rendered = list[dict[str, Any]]


def of(rendered: Rendered, *kinds: str) -> Rendered:
    return [one for one in rendered if one["kind"] in kinds]


def named(rendered: Rendered, kind: str, name: str) -> dict[str, Any]:
    (found,) = (one for one in of(rendered, kind) if one["metadata"]["name"] == name)
    return found


def pods(rendered: Rendered) -> Iterator[tuple[str, dict[str, Any], dict[str, str]]]:
    """Name, description and labels of each pod of the product."""
    for one in of(rendered, "Deployment", "Job"):
        labels = one["spec"]["template"]["metadata"]["labels"]
        yield one["metadata"]["name"], pod_of(one), labels


def containers(rendered: Rendered) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, pod, _ in pods(rendered):
        for one in (*pod.get("initContainers", ()), *pod["containers"]):
            yield f"{name}/{one['name']}", one


def unfit(resource: dict[str, Any]) -> list[str]:
    """What its schema has against a resource, of Kubernetes or of an operator."""
    if (resource["apiVersion"], resource["kind"]) in operators.FIELDS:
        return operators.faults(resource)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            kubernetes_validate.validate(resource, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            return [str(error.message)]
    return []


def test_every_resource_is_what_its_schema_says(rendered: Rendered) -> None:
    assert {one["metadata"]["name"]: unfit(one) for one in rendered if unfit(one)} == {}


@pytest.mark.parametrize(
    ("kind", "name", "place", "key"),
    [
        ("Deployment", "intake-api", ("spec", "strategy"), "maxUnavailble"),
        ("NetworkPolicy", "broker", ("spec",), "egres"),
        ("KafkaTopic", "opendoor.intake.v1", ("spec",), "partitons"),
        ("ScaledObject", "intake-worker", ("spec",), "maxReplicas"),
        ("Cluster", "intake-keys", ("spec", "postgresql"), "synchronus"),
    ],
)
def test_a_misspelt_field_is_found(
    production: Rendered, kind: str, name: str, place: tuple[str, ...], key: str
) -> None:
    planted = copy.deepcopy(named(production, kind, name))
    inner = planted
    for step in place:
        inner = inner[step]
    inner[key] = 1
    assert unfit(planted)


def test_no_secret_and_no_placeholder_lies_in_a_manifest(rendered: Rendered) -> None:
    assert of(rendered, "Secret") == []
    files = [one for one in K8S.rglob("*") if one.is_file()]
    assert [one for one in files if "SERVICE" in one.read_text()] == [
        one
        for one in files
        if one.parent.name in ("service", "naming") and "SERVICE" in one.read_text()
    ]
    assert "SERVICE" not in str(rendered)
    for name, one in containers(rendered):
        for variable in one["env"]:
            secret = any(word in variable["name"] for word in ("PASSWORD", "SECRET", "USER"))
            assert not secret or "secretKeyRef" in variable.get("valueFrom", {}), name


def test_every_service_has_its_processes_and_each_its_command(rendered: Rendered) -> None:
    commands = {name: one["args"] for name, one in containers(rendered)}
    assert commands == {
        place: command
        for one in load_services()
        for place, command in (
            (f"{one.name}-api/api", ["serve", one.name]),
            (f"{one.name}-worker/worker", ["work", one.name]),
            (f"{one.name}-migrate/migrate", ["migrate", one.name]),
            (f"{one.name}-migrate/read-models", ["projections", "build", one.name]),
        )
    }


def test_pods_are_held_to_the_restricted_profile(rendered: Rendered) -> None:
    (namespace,) = of(rendered, "Namespace")
    for mode in ("enforce", "audit", "warn"):
        label = namespace["metadata"]["labels"][f"pod-security.kubernetes.io/{mode}"]
        assert label == "restricted"
    for name, pod, _ in pods(rendered):
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True, name
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert all({"emptyDir", "secret", "configMap"} & one.keys() for one in pod["volumes"])
    for name, one in containers(rendered):
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name


def test_every_container_says_what_it_needs_and_which_image_it_is(rendered: Rendered) -> None:
    for name, one in containers(rendered):
        assert {"cpu", "memory"} <= one["resources"]["requests"].keys(), name
        assert "memory" in one["resources"]["limits"]
        assert EXACT_TAG.match(one["image"])
    for one in of(rendered, "Cluster"):
        assert EXACT_TAG.match(one["spec"]["imageName"])


def test_every_process_that_goes_on_has_three_probes(rendered: Rendered) -> None:
    for one in of(rendered, "Deployment"):
        (container,) = pod_of(one)["containers"]
        service, process = one["metadata"]["name"].rsplit("-", 1)
        prefix = f"/{service}" if process == "api" else ""
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        for kind, path in (("startup", "startupz"), ("liveness", "livez"), ("readiness", "readyz")):
            asked = container[f"{kind}Probe"]["httpGet"]
            assert asked["path"] == f"{prefix}/{path}"
            assert asked["port"] in ports
        assert ports["metrics"] == 8081


def test_a_pod_has_longer_to_end_than_it_takes(rendered: Rendered) -> None:
    for one in of(rendered, "Deployment"):
        pod = pod_of(one)
        (container,) = pod["containers"]
        pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        is_api = container["name"] == "api"
        assert (pause > 0) == is_api
        takes = API_GRACE if is_api else PROBE_GRACE + WORKER_GRACE
        assert pause + takes + CLOSING < pod["terminationGracePeriodSeconds"]


def test_a_roll_out_or_a_drained_node_leaves_enough_of_them(rendered: Rendered) -> None:
    budgets = [one["spec"] for one in of(rendered, "PodDisruptionBudget")]
    for one in of(rendered, "Deployment"):
        rolling = one["spec"]["strategy"]["rollingUpdate"]
        assert rolling == {"maxUnavailable": 0, "maxSurge": 1}
        wanted = {"maxUnavailable": 1, "selector": one["spec"]["selector"]}
        assert wanted in budgets, one["metadata"]["name"]
        spread = pod_of(one)["topologySpreadConstraints"]
        assert {part["topologyKey"] for part in spread} == {
            "topology.kubernetes.io/zone",
            "kubernetes.io/hostname",
        }
        for part in spread:
            assert part["maxSkew"] == 1
            assert part["labelSelector"] == one["spec"]["selector"]


def test_selectors_of_services_and_of_deployments_meet_their_own_pods_alone(
    rendered: Rendered,
) -> None:
    for one in of(rendered, "Deployment"):
        name, selector = one["metadata"]["name"], one["spec"]["selector"]
        assert [pod for pod, _, labels in pods(rendered) if selects(selector, labels)] == [name]
    for one in of(rendered, "Service"):
        selector = {"matchLabels": one["spec"]["selector"]}
        met = [pod for pod, _, labels in pods(rendered) if selects(selector, labels)]
        assert met == [one["metadata"]["name"]]


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a label selector takes a pod with these labels."""
    exact = selector.get("matchLabels", {}).items() <= labels.items()
    checks = {
        "In": lambda one: labels.get(one["key"]) in one["values"],
        "Exists": lambda one: one["key"] in labels,
    }
    return exact and all(
        checks[one["operator"]](one) for one in selector.get("matchExpressions", ())
    )


def policies(rendered: Rendered, labels: dict[str, str], way: str) -> Rendered:
    """What is let through for a pod, in or out."""
    found = [
        one["spec"].get(way.lower(), [])
        for one in of(rendered, "NetworkPolicy")
        if way in one["spec"]["policyTypes"] and selects(one["spec"]["podSelector"], labels)
    ]
    return [rule for rules in found for rule in rules]


def test_everything_is_denied_both_ways_before_anything_is_named(rendered: Rendered) -> None:
    assert named(rendered, "NetworkPolicy", "default-deny")["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }
    stranger = {"app": "stranger"}
    assert policies(rendered, stranger, "Ingress") == []
    (names,) = policies(rendered, stranger, "Egress")
    assert {one["port"] for one in names["ports"]} == {53}


def test_nobody_reaches_the_internet(rendered: Rendered) -> None:
    for policy in of(rendered, "NetworkPolicy"):
        for rule in policy["spec"].get("egress", ()):
            assert rule.get("to"), policy["metadata"]["name"]
            for peer in rule["to"]:
                block = peer.get("ipBlock", {}).get("cidr")
                assert block is None or ipaddress.ip_network(block).is_private


def test_each_pod_reaches_what_it_needs_and_no_other_services_databases(
    rendered: Rendered,
) -> None:
    clusters = [one["metadata"]["name"] for one in of(rendered, "Cluster")]
    broker = {"strimzi.io/cluster": "open-door-kafka"}
    for name, _, labels in pods(rendered):
        peers = [
            peer["podSelector"]
            for rule in policies(rendered, labels, "Egress")
            for peer in rule["to"]
            if "podSelector" in peer
        ]
        reached = {
            one
            for one in clusters
            if any(selects(peer, {"cnpg.io/cluster": one}) for peer in peers)
        }
        service = name.split("-")[0]
        assert reached == {f"{service}-database", f"{service}-keys"}
        assert any(selects(peer, broker) for peer in peers) == (not name.endswith("-api"))
        back = policies(rendered, {"cnpg.io/cluster": f"{service}-keys"}, "Ingress")
        assert any(
            selects(peer.get("podSelector", {"matchLabels": {"no": "pod"}}), labels)
            for rule in back
            for peer in rule["from"]
        )


def test_only_apis_take_requests_and_only_from_the_namespaces_that_are_let_in(
    rendered: Rendered,
) -> None:
    for name, _, labels in pods(rendered):
        rules = policies(rendered, labels, "Ingress")
        ports = {port["port"] for rule in rules for port in rule["ports"]}
        expected = {"api": {"http", "metrics"}, "worker": {"metrics"}, "migrate": set()}
        assert ports == expected[name.rsplit("-", 1)[1]]
        assert all("namespaceSelector" in peer for rule in rules for peer in rule["from"])


def test_topics_are_those_of_the_contracts_and_kept_for_ever(rendered: Rendered) -> None:
    topics = {one["metadata"]["name"]: one["spec"] for one in of(rendered, "KafkaTopic")}
    assert {name: one["partitions"] for name, one in topics.items()} == dict(PARTITIONS)
    for one in topics.values():
        assert one["config"]["retention.ms"] == -1
        assert one["config"]["cleanup.policy"] == "delete"
    for one in of(rendered, "KafkaTopic", "KafkaUser", "KafkaNodePool"):
        assert one["metadata"]["labels"]["strimzi.io/cluster"] == "open-door-kafka"


def test_a_service_may_tell_on_its_topics_and_hear_those_of_its_reactions(
    rendered: Rendered,
) -> None:
    for service in load_services():
        user = named(rendered, "KafkaUser", f"{service.name}-kafka")
        given = {
            (one["resource"]["type"], one["resource"]["name"]): set(one["operations"])
            for one in user["spec"]["authorization"]["acls"]
        }
        assert given == {
            **{("topic", one): {"Create", "Describe", "Read", "Write"} for one in service.topics},
            **{("topic", one): {"Describe", "Read"} for one in service.hears},
            ("group", f"open-door-{service.name}"): {"Describe", "Read"},
        }


def test_workers_scale_by_what_they_hear_up_to_its_partitions(production: Rendered) -> None:
    for service in load_services():
        scaled = named(production, "ScaledObject", f"{service.name}-worker")["spec"]
        assert scaled["scaleTargetRef"] == {"name": f"{service.name}-worker"}
        asked = [one["metadata"] for one in scaled["triggers"]]
        assert {one["topic"] for one in asked} == set(service.hears)
        assert {one["consumerGroup"] for one in asked} == {f"open-door-{service.name}"}
        assert {one["excludePersistentLag"] for one in asked} == {"true"}
        assert scaled["maxReplicaCount"] == max(PARTITIONS[one] for one in service.hears)
        deployment = named(production, "Deployment", f"{service.name}-worker")
        assert "replicas" not in deployment["spec"]


def test_three_of_each_server_and_a_commit_waits_for_a_second_disk(production: Rendered) -> None:
    for one in of(production, "Cluster"):
        assert one["spec"]["instances"] == 3
        assert one["spec"]["postgresql"]["synchronous"] == {
            "method": "any",
            "number": 1,
            "dataDurability": "required",
        }
    assert {one["spec"]["replicas"] for one in of(production, "KafkaNodePool")} == {3}
    (kafka,) = of(production, "Kafka")
    config = kafka["spec"]["kafka"]["config"]
    assert (config["default.replication.factor"], config["min.insync.replicas"]) == (3, 2)
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    assert (listener["tls"], listener["authentication"]) == (True, {"type": "tls"})


def test_keys_lie_apart_and_their_archive_forgets_within_days(production: Rendered) -> None:
    kept = {
        one["metadata"]["name"]: int(one["spec"]["retentionPolicy"].removesuffix("d"))
        for one in of(production, "ObjectStore")
    }
    assert kept["keys-archive"] <= 7 < kept["database-archive"]
    backed_up = {one["spec"]["cluster"]["name"] for one in of(production, "ScheduledBackup")}
    clusters = {one["metadata"]["name"]: one["spec"] for one in of(production, "Cluster")}
    assert backed_up == clusters.keys()
    for name, one in clusters.items():
        part = name.split("-")[1]
        assert one["plugins"][0]["parameters"]["barmanObjectName"] == f"{part}-archive"
    assert clusters.keys() == {
        f"{one.name}-{part}" for one in load_services() for part in ("database", "keys")
    }


def test_every_secret_that_is_named_is_made_by_an_operator_or_told_of(rendered: Rendered) -> None:
    made = {f"{one['metadata']['name']}-app" for one in of(rendered, "Cluster")}
    made |= {one["metadata"]["name"] for one in of(rendered, "KafkaUser")}
    made |= {"open-door-kafka-cluster-ca-cert"}
    asked = {
        variable["valueFrom"]["secretKeyRef"]["name"]
        for _, one in containers(rendered)
        for variable in one["env"]
        if "valueFrom" in variable
    }
    asked |= {
        volume["secret"]["secretName"]
        for _, pod, _ in pods(rendered)
        for volume in pod["volumes"]
        if "secret" in volume
    }
    assert asked - made == {"open-door-master"}
    assert "open-door-master" in (K8S.parents[1] / "docs" / "running.md").read_text()


def test_a_folder_that_cannot_be_rendered_says_so() -> None:
    assert tool("kubectl", "kustomize", K8S / "nowhere").returncode != 0

"""The fields of other people's kinds that the deploy files use, as their operators describe them.

No package carries these schemas, so this is a table by hand: a field or a kind of value that does
not stand here is a fault until somebody has looked it up. It says nothing of fields not used.
"""

from collections.abc import Iterator
from typing import Any

METADATA: dict[str, type] = {"name": str, "namespace": str, "labels.*": str}

_REPLICATED: dict[str, type] = {"replicas": int, "storage.type": str}

FIELDS: dict[tuple[str, str], dict[str, type]] = {
    ("postgresql.cnpg.io/v1", "Cluster"): {
        "instances": int,
        "imageName": str,
        "enableSuperuserAccess": bool,
        "bootstrap.initdb.database": str,
        "bootstrap.initdb.owner": str,
        "bootstrap.initdb.encoding": str,
        "bootstrap.initdb.localeCType": str,
        "bootstrap.initdb.localeCollate": str,
        "postgresql.synchronous.method": str,
        "postgresql.synchronous.number": int,
        "postgresql.synchronous.dataDurability": str,
        "postgresql.parameters.*": str,
        "storage.size": str,
        "walStorage.size": str,
        "affinity.enablePodAntiAffinity": bool,
        "affinity.podAntiAffinityType": str,
        "affinity.topologyKey": str,
        "resources.requests.cpu": str,
        "resources.requests.memory": str,
        "resources.limits.memory": str,
        "plugins.[].name": str,
        "plugins.[].isWALArchiver": bool,
        "plugins.[].parameters.*": str,
    },
    ("postgresql.cnpg.io/v1", "ScheduledBackup"): {
        "schedule": str,
        "backupOwnerReference": str,
        "cluster.name": str,
        "method": str,
        "pluginConfiguration.name": str,
    },
    ("barmancloud.cnpg.io/v1", "ObjectStore"): {
        "retentionPolicy": str,
        "configuration.destinationPath": str,
        "configuration.endpointURL": str,
        "configuration.s3Credentials.accessKeyId.name": str,
        "configuration.s3Credentials.accessKeyId.key": str,
        "configuration.s3Credentials.secretAccessKey.name": str,
        "configuration.s3Credentials.secretAccessKey.key": str,
        "configuration.wal.compression": str,
    },
    ("kafka.strimzi.io/v1", "KafkaNodePool"): {
        **_REPLICATED,
        "roles.[]": str,
        "storage.volumes.[].id": int,
        "storage.volumes.[].type": str,
        "storage.volumes.[].size": str,
        "storage.volumes.[].kraftMetadata": str,
        "storage.volumes.[].deleteClaim": bool,
    },
    ("kafka.strimzi.io/v1", "Kafka"): {
        "kafka.listeners.[].name": str,
        "kafka.listeners.[].port": int,
        "kafka.listeners.[].type": str,
        "kafka.listeners.[].tls": bool,
        "kafka.listeners.[].authentication.type": str,
        "kafka.authorization.type": str,
        "kafka.config.*": object,
        "entityOperator.topicOperator": dict,
        "entityOperator.userOperator": dict,
    },
    ("kafka.strimzi.io/v1", "KafkaTopic"): {"partitions": int, "replicas": int, "config.*": object},
    ("kafka.strimzi.io/v1", "KafkaUser"): {
        "authentication.type": str,
        "authorization.type": str,
        "authorization.acls.[].resource.type": str,
        "authorization.acls.[].resource.name": str,
        "authorization.acls.[].resource.patternType": str,
        "authorization.acls.[].operations.[]": str,
    },
    ("keda.sh/v1alpha1", "TriggerAuthentication"): {
        "secretTargetRef.[].parameter": str,
        "secretTargetRef.[].name": str,
        "secretTargetRef.[].key": str,
    },
    ("keda.sh/v1alpha1", "ScaledObject"): {
        "scaleTargetRef.name": str,
        "minReplicaCount": int,
        "maxReplicaCount": int,
        "pollingInterval": int,
        "cooldownPeriod": int,
        "triggers.[].type": str,
        **{
            f"triggers.[].metadata.{one}": str
            for one in (
                "bootstrapServers",
                "consumerGroup",
                "topic",
                "lagThreshold",
                "excludePersistentLag",
                "offsetResetPolicy",
                "tls",
            )
        },
        "triggers.[].authenticationRef.name": str,
    },
}


def faults(resource: dict[str, Any]) -> list[str]:
    """What of a resource the table does not know. Raises KeyError for a kind that is not in it."""
    known = FIELDS[resource["apiVersion"], resource["kind"]]
    spec = list(_leaves(resource["spec"], ()))
    said = [
        f"metadata.{path}"
        for path, value in _leaves(resource["metadata"], ())
        if not _fits(path, value, METADATA)
    ]
    said += [f"spec.{path}" for path, value in spec if not _fits(path, value, known)]
    said += [one for one in resource if one not in ("apiVersion", "kind", "metadata", "spec")]
    return said


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Every value with its path; an empty mapping is one. Keys with full stops stay whole."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name.replace(".", "/")))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, (*path, "[]"))
    else:
        yield ".".join(path), value


def _fits(path: str, value: Any, known: dict[str, type]) -> bool:
    kind = known.get(path) or known.get(path.rpartition(".")[0] + ".*")
    return kind is object or (kind is not None and type(value) is kind)

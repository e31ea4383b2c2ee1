"""A broker as the operator makes it: TLS, a certificate for each user, nothing without a right."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._acl import AclBinding, AclOperation, AclPermissionType
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType

from tests.kit.certificates import Authority
from tests.kit.servers.kafka import QUIET, OwnKafka
from tests.kit.servers.process import free_port
from tests.kit.servers.run import current_run

SECURED = """
# Fifty, as by default, take a busy machine longer to make than groups wait.
offsets.topic.num.partitions=3
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
# Who comes in the clear is the broker itself, and this test.
super.users=User:ANONYMOUS
ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
"""


class SecuredKafka(OwnKafka):
    """Listens by TLS beside the listener in the clear, which tests set it up by."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        super().__init__(folder)
        self.tls_port = 0
        self._authority = authority

    def _format(self) -> None:
        super()._format()
        self.tls_port = free_port()
        certificate, key = self._authority.issue("broker")
        keystore = certificate.with_name("broker.pem")
        keystore.write_bytes(key.read_bytes() + certificate.read_bytes())
        own = f"SSL://127.0.0.1:{self.tls_port}"
        text = self._properties.read_text()
        for line in ("listeners=", "advertised.listeners="):
            text = text.replace(f"\n{line}PLAINTEXT", f"\n{line}{own},PLAINTEXT")
        text = text.replace("CONTROLLER:PLAINTEXT", "CONTROLLER:PLAINTEXT,SSL:SSL")
        text += SECURED.format(keystore=keystore, authority=self._authority.certificate)
        self._properties.write_text(text)

    def allow(self, user: str, acls: Iterable[dict[str, Any]]) -> None:
        """Gives a user the rights of a KafkaUser."""
        admin = AdminClient({"bootstrap.servers": self.server.bootstrap}, logger=QUIET)
        wanted = [
            AclBinding(
                ResourceType[one["resource"]["type"].upper()],
                one["resource"]["name"],
                ResourcePatternType[one["resource"]["patternType"].upper()],
                f"User:CN={user}",
                "*",
                AclOperation[_operation(operation)],
                AclPermissionType.ALLOW,
            )
            for one in acls
            for operation in one["operations"]
        ]
        for made in admin.create_acls(wanted).values():
            made.result(timeout=20)


def _operation(name: str) -> str:
    """`IdempotentWrite` is IDEMPOTENT_WRITE."""
    return "".join(f"_{one}" if one.isupper() else one for one in name).strip("_").upper()


@contextmanager
def secured_kafka(authority: Authority) -> Iterator[SecuredKafka]:
    """Started, and gone afterwards; UnavailableError where Kafka cannot be started."""
    own = SecuredKafka(current_run().new_folder("secured-kafka"), authority)
    try:
        own.start()
        yield own
    finally:
        own.close()

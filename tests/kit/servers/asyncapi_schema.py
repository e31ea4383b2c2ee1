"""AsyncAPI's own JSON Schema, as its makers publish it, fetched once into an ignored folder."""

import json
import tarfile
from typing import Any

from tests.kit.servers.npm import packed

PACKAGE = "@asyncapi/specs@6.11.1"
SHA512 = (
    "0375812ea00a1a8276fba15616da63065090d6814272ce06c45ef3b081af36aa"
    "7f9251941e3940dda01c67d5cc3292c613cccf7980f3db1f4598ee834ae2ab69"
)
MEMBER = "package/schemas/3.1.0.json"


def asyncapi_schema() -> dict[str, Any]:
    """The schema; UnavailableError where it is not there and cannot be fetched."""
    with tarfile.open(packed(PACKAGE, SHA512)) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        schema: dict[str, Any] = json.loads(member.read())
    return schema

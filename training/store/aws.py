"""The artifact store in an S3 bucket.

`create` rests on S3's conditional write: PutObject with ``If-None-Match: *`` is refused with 412
where there is an object, and with 409 while another conditional write is under way
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).
"""

from __future__ import annotations

import uuid
from pathlib import Path

from botocore.exceptions import ClientError

from training.clients import aws
from training.errors import UserError
from training.store import ObjectExistsError

SCHEME = "s3://"
EXISTS, CONFLICT = "PreconditionFailed", "ConditionalRequestConflict"
CONFLICTS = 10
WRITER = "writer"
# Of a stack that was destroyed not even the bucket is there.
MISSING = ("NoSuchKey", "NoSuchBucket")


def open_at(uri: str) -> S3Store:
    """The store in the bucket ``s3://BUCKET``; raises UserError for a path in a bucket."""
    store, key = located(uri)
    if key:
        raise UserError(f"store {uri!r} names a path in a bucket; allowed: s3://BUCKET")
    return store


def located(address: str) -> tuple[S3Store, str]:
    """The store and the key that ``s3://BUCKET/KEY`` means."""
    bucket, _, key = address.removeprefix(SCHEME).partition("/")
    return S3Store(bucket), key.rstrip("/")


class S3Store:
    """Objects of one bucket, encrypted as the bucket says."""

    def __init__(self, bucket: str) -> None:
        self.uri = f"{SCHEME}{bucket}"
        self.bucket = bucket
        self._client = aws.client("s3")

    def read(self, key: str) -> bytes:
        try:
            return self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if aws.code(error) in MISSING:
                raise KeyError(key) from None
            raise

    def write(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self.bucket, Key=key, Body=content)

    def create(self, key: str, content: bytes) -> None:
        writer = uuid.uuid4().hex
        for attempt in range(1, CONFLICTS + 1):
            try:
                self._client.put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=content,
                    IfNoneMatch="*",
                    Metadata={WRITER: writer},
                )
            except ClientError as error:
                if aws.code(error) == CONFLICT and attempt < CONFLICTS:
                    continue
                # After an answer that was lost, the client's own repetition finds the object.
                if aws.code(error) == EXISTS and self._writer(key) == writer:
                    return
                if aws.code(error) == EXISTS:
                    raise ObjectExistsError(key) from None
                raise
            return

    def keys(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{prefix}/" if prefix else ""
        )
        return sorted(item["Key"] for page in pages for item in page.get("Contents", []))

    def folders(self, prefix: str) -> list[str]:
        """The names of the folders in the folder `prefix`, without what is in them."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{prefix}/" if prefix else "", Delimiter="/"
        )
        folders = [part["Prefix"] for page in pages for part in page.get("CommonPrefixes", [])]
        return sorted(folder.rstrip("/").rsplit("/", 1)[-1] for folder in folders)

    def fetch(self, key: str, folder: Path) -> Path:
        content = self.read(key)
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self.bucket, Key=key)

    def _writer(self, key: str) -> str | None:
        head = self._client.head_object(Bucket=self.bucket, Key=key)
        return head["Metadata"].get(WRITER)

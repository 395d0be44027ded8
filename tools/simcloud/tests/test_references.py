"""What inputs name has to exist: references, and texts that mention resources, in small clouds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_simcloud.failures import CloudError
from pulumi_simcloud.kinds import Kind, Ref
from pulumi_simcloud.mentions import mentions, principals
from pulumi_simcloud.property_values import ASSET, SIGNATURE
from pulumi_simcloud.references import dangling, used_by
from pulumi_simcloud.state import Row
from pulumi_simcloud.world import World

ACCOUNT = "123456789012"
TOPIC, ROLE, BUCKET = "aws:sns/topic:Topic", "aws:iam/role:Role", "aws:s3/bucket:Bucket"
ARNS = {
    TOPIC: "arn:{partition}:sns:{region}:{account}:{name}",
    ROLE: "arn:{partition}:iam::{account}:role/{name}",
    BUCKET: "arn:{partition}:s3:::{bucket}",
    # One whose ARN is that of something else.
    "aws:sns/alias:Alias": "{topicArn}",
}
TOPIC_ARN, ROLE_ARN = f"arn:aws:sns:eu-west-1:{ACCOUNT}:t", f"arn:aws:iam::{ACCOUNT}:role/r"
BUCKET_ARN = "arn:aws:s3:::store"


def row(token: str, identity: str, inputs: dict[str, Any] | None = None, **outputs: Any) -> Row:
    return Row(token, identity, f"urn::{token}::{identity}", identity, inputs or {}, outputs)


ROWS = [row(TOPIC, "t", arn=TOPIC_ARN, name="t"), row(ROLE, "r", arn=ROLE_ARN, name="r"),
        row(BUCKET, "store", arn=BUCKET_ARN, bucket="store")]  # fmt: skip


def world(kind: Kind | None = None, rows: list[Row] = ROWS, **more: Any) -> World:
    catalog = {
        token: Kind(token, computed={"arn": arn}, handles=("id", "arn", "name", "bucket"))
        for token, arn in ARNS.items()
    }
    if kind is not None:
        catalog[kind.token] = kind
    variables = {"account": ACCOUNT, "partition": "aws", **more.pop("variables", {})}
    return World(rows, catalog, variables, **more)


def kind(*refs: Ref, **more: Any) -> Kind:
    return Kind("aws:lambda/function:Function", refs=refs, **more)


def used(of: Kind, inputs: dict[str, Any], **more: Any) -> list[list[str]]:
    return used_by(of, inputs, world(of, **more))


# References ---------------------------------------------------------------------------------------


def test_what_is_named_is_remembered_once() -> None:
    of = kind(Ref("role", (ROLE,)), Ref("topics[*].name", (TOPIC, BUCKET)))
    inputs = {"role": ROLE_ARN, "topics": [{"name": "t"}, {"name": "store"}, {"name": "t"}],
              "text": f"to {TOPIC_ARN}", "number": 7}  # fmt: skip
    assert used(of, inputs) == [[ROLE, "r"], [TOPIC, "t"], [BUCKET, "store"]]


def test_what_is_missing_is_told_once_each() -> None:
    of = kind(Ref("role", (ROLE,)), Ref("topics[*].name", (TOPIC,)))
    other = TOPIC_ARN.replace(":t", ":u")
    inputs = {"role": "x", "topics": [{"name": "t"}, {"name": "r"}], "a": {"b": f"{other} {other}"}}
    with pytest.raises(CloudError) as error:
        used(of, inputs)
    assert str(error.value) == (
        'ResourceNotFound: Function: role: "x" does not exist; '
        f'topics[1].name: "r" does not exist; a.b: "{other}" does not exist'
    )
    assert used(of, inputs, closed=False) == [[TOPIC, "t"]]


def test_a_reference_says_by_what_it_names_and_what_lives_elsewhere() -> None:
    assert used(kind(Ref("role", (ROLE,), by=("arn",))), {"role": ROLE_ARN}) == [[ROLE, "r"]]
    with pytest.raises(CloudError):
        used(kind(Ref("role", (ROLE,), by=("arn",))), {"role": "r"})
    alias = kind(Ref("key", (ROLE,), allow=r"alias/aws/\w+"))
    assert used(alias, {"key": "alias/aws/s3"}) == [] and used(alias, {"key": "r"}) == [[ROLE, "r"]]
    for name in ("alias/aws/s3/x", "xalias/aws/s3", "x"):
        with pytest.raises(CloudError):
            used(alias, {"key": name})
    caller = {"principal": "somebody"}
    assert used(kind(Ref("who", (ROLE,))), {"who": "somebody"}, variables=caller) == []
    with pytest.raises(CloudError):
        used(kind(Ref("who", (ROLE,))), {"who": "somebody"})


def test_a_reference_picks_a_name_out_of_a_text() -> None:
    pick = kind(Ref("source", (TOPIC,), pick=r"topic/(\w+)/(\w+)"))
    assert used(pick, {"source": "topic/t/u"}) == [[TOPIC, "t"]]
    assert used(pick, {"source": "queue/t/u"}) == used(pick, {"source": 7}) == []
    key = kind(Ref("document", (TOPIC,), key="Topic"))
    text = json.dumps({"a": [{"Topic": "t"}, {"Topic": 7, "Other": "x"}], "Topic": {"Topic": "t"}})
    assert used(key, {"document": text}) == [[TOPIC, "t"]]
    with pytest.raises(CloudError, match='document: "u" does not exist'):
        used(key, {"document": json.dumps({"a": {"Topic": "u"}})})
    # The rest of such a text is looked at as any other.
    with pytest.raises(CloudError):
        used(key, {"document": json.dumps({"a": TOPIC_ARN.replace(":t", ":u")})})


def test_a_text_that_a_reference_covers_is_looked_at_once() -> None:
    arn = f"{TOPIC_ARN}-late"
    assert used(kind(Ref("topic", (TOPIC,), allow=".*-late")), {"topic": arn}) == []
    with pytest.raises(CloudError):
        used(kind(), {"topic": arn})
    assert used(kind(), {"code": {SIGNATURE: ASSET, "text": arn}}) == [], "a file's content"


def test_what_is_looked_at_later_is_told_of_a_cloud_at_rest() -> None:
    later = kind(Ref("topic", (TOPIC,), later=True), Ref("role", (ROLE,)), deferred=("policy", "d"))
    arn = TOPIC_ARN.replace(":t", ":u")
    statement = {"Principal": {"AWS": ROLE_ARN}, "Resource": arn}
    inputs = {"topic": "u", "role": "r", "policy": json.dumps({"Statement": [statement]})}
    assert used(later, inputs) == [[ROLE, "r"]]
    own = row(later.token, "f", inputs)
    told = dangling([own, *ROWS], world(later))
    assert [(failure.path, failure.reason) for failure in told] == [
        ("f topic", '"u" does not exist'), ("f policy", f'"{arn}" does not exist')
    ]  # fmt: skip
    right = {"topic": "t", "role": "gone", "policy": json.dumps({"Resource": TOPIC_ARN}), "x": arn}
    assert dangling([row(later.token, "f", right)], world(later)) == []
    # But a principal has to be there already, which IAM makes an id of.
    other = json.dumps({"Statement": {"Principal": {"AWS": f"{ROLE_ARN}x"}}})
    with pytest.raises(CloudError, match="policy: "):
        used(later, {"policy": other})
    assert used(later, {"policy": f"Principal {arn}", "d": "{}"}) == []


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"Statement": [{"Principal": {"AWS": ["a", "b"], "Federated": "c", "Service": "d"}}]},
         "abc"),
        ({"Statement": {"Principal": {"AWS": "a"}}}, "a"), ({"Statement": {"Principal": "*"}}, ""),
        ({"Statement": [{"Effect": "Allow"}]}, ""), ({}, ""), ([], ""),
    ],
)  # fmt: skip
def test_principals_of_a_policy(document: Any, expected: str) -> None:
    assert list(principals(document)) == list(principals(json.dumps(document))) == list(expected)


# Mentions -----------------------------------------------------------------------------------------


def named(cloud: str, text: str, of: World) -> list[tuple[str, str | None]]:
    return [(item.text, item.row and item.row.id) for item in mentions(cloud, text, of)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing", []), (f"a {TOPIC_ARN}, b", [(TOPIC_ARN, "t")]),
        (f"{TOPIC_ARN}x", [(f"{TOPIC_ARN}x", None)]), (f"{TOPIC_ARN}:s", [(f"{TOPIC_ARN}:s", "t")]),
        (f"{BUCKET_ARN}/k", [(f"{BUCKET_ARN}/k", "store")]),
        (f"{BUCKET_ARN}s", [(f"{BUCKET_ARN}s", None)]),
        ("arn:aws:s3:::st*", [("arn:aws:s3:::st*", "store")]),
        ("arn:aws:s3:::store/?", [("arn:aws:s3:::store/?", "store")]),
        ("arn:aws:s3:::x*", [("arn:aws:s3:::x*", None)]),
        ("s3://store/k", [("s3://store", "store")]),
        ("s3://other", [("s3://other", None)]), (f"arn:aws:iam::{ACCOUNT}:policy/p", []),
        ("arn:aws:iam::aws:role/r", []), ("arn:aws:iam::999999999999:role/r", []),
        ("arn:aws:sns:eu-west-1::t", []), (f"arn:aws:sqs:eu-west-1:{ACCOUNT}:t", []),
        (f'"{ROLE_ARN}"', [(ROLE_ARN, "r")]), (f"arn:aws:iam::{ACCOUNT}:role/rx", [
            (f"arn:aws:iam::{ACCOUNT}:role/rx", None)]),
    ],
)  # fmt: skip
def test_mentions_of_aws(text: str, expected: list[Any]) -> None:
    assert named("aws", text, world()) == expected


GCP = {
    "gcp:storage/bucket:Bucket": ("{name}", ("id", "name")),
    "gcp:bigquery/dataset:Dataset": ("projects/{project}/datasets/{name}", ("id",)),
    "gcp:bigquery/table:Table": ("projects/{project}/datasets/{d}/tables/{name}", ("id",)),
    "gcp:serviceaccount/account:Account": ("projects/{project}/serviceAccounts/{e}", ("email",)),
}
EMAIL = "a@p.iam.gserviceaccount.com"
DATASET = "projects/p/datasets/d"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gs://b/x", [("gs://b", "b")]), ("gs://c", [("gs://c", None)]),
        ("bq://p.d", [("bq://p.d", DATASET)]),
        ("bq://p.e", [("bq://p.e", None)]), ("bq://q.d", []), (f"x:{EMAIL}", [(EMAIL, "account")]),
        ("z@p.iam.gserviceaccount.com", [("z@p.iam.gserviceaccount.com", None)]),
        ("a@q.iam.gserviceaccount.com", []), (DATASET, [(DATASET, DATASET)]),
        ("projects/42/datasets/d", [("projects/42/datasets/d", DATASET)]),
        ("projects/q/datasets/d", []), ("projects/p/topics/t", []),
        ("projects/p/datasets/e", [("projects/p/datasets/e", None)]),
        (f"{DATASET}/tables/t", [(f"{DATASET}/tables/t", f"{DATASET}/tables/t")]),
        (f"{DATASET}/tables/u", [(f"{DATASET}/tables/u", None)]),
        (f"{DATASET}/models/m", [(f"{DATASET}/models/m", DATASET)]),
    ],
)  # fmt: skip
def test_mentions_of_google(text: str, expected: list[Any]) -> None:
    catalog = {t: Kind(t, id=identity, handles=by) for t, (identity, by) in GCP.items()}
    rows = [row("gcp:storage/bucket:Bucket", "b", name="b"),
            row("gcp:bigquery/dataset:Dataset", DATASET),
            row("gcp:bigquery/table:Table", f"{DATASET}/tables/t"),
            row("gcp:serviceaccount/account:Account", "account", email=EMAIL)]  # fmt: skip
    of = World(rows, catalog, {"project": "p", "project_number": "42"})
    assert named("gcp", text, of) == expected


GROUP = "/subscriptions/s/resourceGroups/g"
STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/store"
AZURE = {
    "azure-native:resources:ResourceGroup": "/subscriptions/{subscription}/resourceGroups/{name}",
    "azure-native:storage:StorageAccount": "/subscriptions/{subscription}/resourceGroups/{g}"
    "/providers/Microsoft.Storage/storageAccounts/{name}",
    "azure-native:machinelearningservices:Datastore": "{name}",
    "azure-native:authorization:RoleDefinition": "{name}",
}
DEFINITIONS = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://store.blob.core.windows.net/c", [("https://store.blob.core.windows.net", STORE)]),
        ("https://other.blob.core.windows.net", [("https://other.blob.core.windows.net", None)]),
        ("azureml://datastores/d/paths", [("azureml://datastores/d/", "d")]),
        ("azureml://datastores/e/paths", [("azureml://datastores/e/", None)]),
        *((f"azureml://datastores/workspace{name}/x", []) for name in
          ("blobstore", "filestore", "artifactstore", "workingdirectory")),
        (GROUP, [(GROUP, GROUP)]), (GROUP.lower(), [(GROUP.lower(), GROUP)]),
        (f"{GROUP}x", [(f"{GROUP}x", None)]), (STORE, [(STORE, STORE)]),
        (f"{STORE}y", [(f"{STORE}y", None)]),
        (f"{STORE}/blobServices/default", [(f"{STORE}/blobServices/default", STORE)]),
        # Kinds that the catalog does not know.
        (f"{GROUP}/providers/Microsoft.Web/sites/w", []),
        (f"{STORE}/providers/Microsoft.Insights/diagnosticSettings/d", []),
        ("/subscriptions/z/resourceGroups/g", []),  # another subscription
        ("/subscriptions/s", []), ("Microsoft.Resources/subscriptions/resourceGroups/read", []),
        (f"{DEFINITIONS}/known", []), (f"{DEFINITIONS}/own", [(f"{DEFINITIONS}/own", "own")]),
        (f"{DEFINITIONS}/none", [(f"{DEFINITIONS}/none", None)]),
    ],
)  # fmt: skip
def test_mentions_of_azure(text: str, expected: list[Any]) -> None:
    catalog = {t: Kind(t, id=identity, handles=("id", "name")) for t, identity in AZURE.items()}
    group, account, datastore, role = AZURE
    rows = [row(group, GROUP), row(account, STORE, name="store"), row(datastore, "d", name="d"),
            row(role, "own", name="own")]  # fmt: skip
    of = World(rows, catalog, {"subscription": "s", "roles": {"known": 1}})
    assert named("azure-native", text, of) == expected

"""What the references of Cloud Storage, Artifact Registry, KMS and BigQuery state."""

from __future__ import annotations

import json
from typing import Any

from planted.case import REMOVED
from samples.gcp import NUMBER, PROJECT

from stated.case import Stated

AGENT = f"bq-{NUMBER}@bigquery-encryption.iam.gserviceaccount.com"
ELSEWHERE = (
    ("ring2", "ring", {"name": "elsewhere", "location": "us-east1"}),
    ("key2", "key", {"name": "elsewhere", "keyRing": "${ring2.id}"}),
)
ENCRYPTED = (
    *ELSEWHERE,
    ("identity", "agent", {"service": "bigquery.googleapis.com"}),
    ("here", "vertexagent", {"member": f"serviceAccount:{AGENT}"}),
    ("there", "vertexagent", {"member": f"serviceAccount:{AGENT}", "cryptoKeyId": "${key2.id}"}),
)
PLAIN = (
    (
        "plain",
        "table",
        {
            "tableId": "plain",
            "schema": json.dumps([{"name": "a", "type": "STRING"}]),
            "timePartitioning": REMOVED,
        },
    ),
)
FILES = "externalDataConfiguration"
SECRET = "remoteRepositoryConfig.upstreamCredentials.usernamePasswordCredentials"
AES = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def _aged(**condition: Any) -> dict[str, Any]:
    return {"lifecycleRules": [{"action": {"type": "Delete"}, "condition": condition}]}


def _dual(location: str) -> dict[str, Any]:
    regions = {"dataLocations": ["EUROPE-WEST1", "EUROPE-WEST4"]}
    return {"location": location, "customPlacementConfig": regions, "encryption": REMOVED}


def _filtered(network: str) -> dict[str, Any]:
    source = {"network": network, "allowedIpCidrRanges": ["10.0.0.0/8"]}
    return {"ipFilter": {"mode": "Enabled", "vpcNetworkSources": [source]}}


def _remote(format_: str, kind: str, public: str) -> dict[str, Any]:
    config = {f"{kind}Repository": {"publicRepository": public}}
    return {"mode": "REMOTE_REPOSITORY", "format": format_, "remoteRepositoryConfig": config}


def _virtual(*upstreams: tuple[str, str]) -> dict[str, Any]:
    policies = [
        {"id": name, "repository": repository, "priority": number}
        for number, (name, repository) in enumerate(upstreams, 1)
    ]
    return {
        "repositoryId": "virtual",
        "mode": "VIRTUAL_REPOSITORY",
        "format": "DOCKER",
        "virtualRepositoryConfig": {"upstreamPolicies": policies},
    }


def _kept(name: str) -> dict[str, Any]:
    policy = {"id": name, "action": "DELETE", "condition": {"olderThan": "30d"}}
    return {"cleanupPolicies": [policy]}


def _ranged(mode: str) -> dict[str, Any]:
    column = {"name": "n", "type": "INT64", "mode": mode}
    by = {"field": "n", "range": {"start": 0, "end": 10, "interval": 1}}
    return {
        "schema": json.dumps([column]),
        "timePartitioning": REMOVED,
        "rangePartitioning": by,
    }


def _read(**credentials: str) -> dict[str, Any]:
    return {**_remote("DOCKER", "docker", "DOCKER_HUB"), SECRET: credentials}


def _without(**more: Any) -> dict[str, Any]:
    return {"schema": REMOVED, "timePartitioning": REMOVED, **more}


def _view(query: str, legacy: bool = False) -> dict[str, Any]:
    return _without(view={"query": query, "useLegacySql": legacy})


def _materialized(**more: Any) -> dict[str, Any]:
    query = f"SELECT a, COUNT(*) AS n FROM `{PROJECT}.sim.plain` GROUP BY a"
    return _without(materializedView={"query": query, **more})


def _files(*uris: str, **more: Any) -> dict[str, Any]:
    config = {"autodetect": True, "sourceFormat": "CSV", "sourceUris": list(uris), **more}
    return _without(externalDataConfiguration=config)


def _objects(kind: str) -> dict[str, Any]:
    config = {
        "autodetect": False,
        "sourceUris": ["gs://sim-bucket/*"],
        "connectionId": "projects/p/locations/eu/connections/c",
        "objectMetadata": kind,
    }
    return _without(externalDataConfiguration=config)


def _hive(**more: Any) -> dict[str, Any]:
    options = {"mode": "AUTO", "sourceUriPrefix": "gs://sim-bucket/x/", **more}
    return _files("gs://sim-bucket/x/*", sourceFormat="PARQUET", hivePartitioningOptions=options)


def _column(kind: str, default: str) -> dict[str, Any]:
    column = {"name": "a", "type": kind, "defaultValueExpression": default}
    return {"schema": json.dumps([column]), "timePartitioning": REMOVED}


def _shared(role: str) -> dict[str, Any]:
    return {"accesses": [{"role": role, "userByEmail": "a@example.org"}]}


def _lent(name: str) -> dict[str, Any]:
    dataset = {"dataset": {"projectId": PROJECT, "datasetId": name}, "targetTypes": ["VIEWS"]}
    return {"accesses": [{"dataset": dataset}]}


def _shown(table: str) -> dict[str, Any]:
    return {"accesses": [{"view": {"projectId": PROJECT, "datasetId": "other", "tableId": table}}]}


def _replica(milliseconds: int) -> dict[str, Any]:
    source = {"sourceProjectId": "p", "sourceDatasetId": "d", "sourceTableId": "t"}
    return _without(tableReplicationInfo={**source, "replicationIntervalMs": milliseconds})


def _lake(**more: str) -> dict[str, Any]:
    lake = {
        "connectionId": f"{PROJECT}.europe-west4.c",
        "storageUri": "gs://sim-bucket/x",
        "fileFormat": "PARQUET",
        "tableFormat": "ICEBERG",
    }
    return {"biglakeConfiguration": {**lake, **more}, "timePartitioning": REMOVED}


def _foreign(column: str) -> dict[str, Any]:
    key = {
        "referencedTable": {"projectId": PROJECT, "datasetId": "sim", "tableId": "x"},
        "columnReferences": {"referencingColumn": column, "referencedColumn": "a"},
    }
    return {"tableConstraints": {"foreignKeys": [key]}}


def _signing(algorithm: str, level: str) -> dict[str, Any]:
    return {
        "purpose": "ASYMMETRIC_SIGN",
        "rotationPeriod": REMOVED,
        "versionTemplate": {"algorithm": algorithm, "protectionLevel": level},
    }


DATA = [
    Stated(
        "bucket",
        "each part between dots has 1 to 63",
        {"name": f"{'a' * 64}.example.com"},
        {"name": f"{'a' * 63}.{'b' * 30}.example.com"},
    ),
    Stated(
        "bucket",
        "is a syntactically valid DNS name",
        {"name": "sim_bucket.example.com"},
        {"name": "sim-bucket.example.com"},
    ),
    Stated("bucket", "EUROPE-WEST1 is not in US", _dual("US"), _dual("EU")),
    Stated(
        "bucket",
        "is not a location",
        {"location": "EUR9", "encryption": REMOVED},
        {"location": "EUR7", "encryption": REMOVED},
    ),
    Stated(
        "bucket",
        "The combination of locationConstraint and storageClass is not supported",
        {"location": "US", "storageClass": "REGIONAL", "encryption": REMOVED},
        {"storageClass": "REGIONAL"},
    ),
    Stated(
        "bucket",
        "The combination of locationConstraint and storageClass is not supported",
        {"storageClass": "MULTI_REGIONAL"},
        {"location": "US", "storageClass": "MULTI_REGIONAL", "encryption": REMOVED},
    ),
    *(
        Stated("bucket", "is out of range", _aged(age=1, **{name: -1}), _aged(age=1, **{name: 2}))
        for name in ("numNewerVersions", "daysSinceCustomTime", "daysSinceNoncurrentTime")
    ),
    *(
        Stated(
            "bucket",
            "has more than 1024 bytes",
            _aged(**{name: ["p" * 1025]}),
            _aged(**{name: ["p" * 1024]}),
        )
        for name in ("matchesPrefixes", "matchesSuffixes")
    ),
    Stated(
        "bucket",
        "projects/P/global/networks/N",
        _filtered("default"),
        _filtered("projects/p/global/networks/default"),
    ),
    Stated(
        "bucket",
        "is out of range",
        {"retentionPolicy": {"retentionPeriod": "3155760001"}},
        {"retentionPolicy": {"retentionPeriod": "3155760000"}},
    ),
    Stated(
        "bucket",
        "is not one of GET",
        {"cors": [{"methods": ["FETCH"], "origins": ["*"]}]},
        {"cors": [{"methods": ["GET", "OPTIONS"], "origins": ["*"]}]},
    ),
    Stated(
        "object",
        "has 3 bytes, a key has 32",
        {"customerEncryption": {"encryptionKey": "YWJj"}},
        {"customerEncryption": {"encryptionKey": AES}},
    ),
    Stated("object", "is not base64", {"customerEncryption": {"encryptionKey": "?"}}),
    Stated(
        "object",
        "is not one of AES256",
        {"customerEncryption": {"encryptionKey": AES, "encryptionAlgorithm": "AES128"}},
        {"customerEncryption": {"encryptionKey": AES, "encryptionAlgorithm": "AES256"}},
    ),
    Stated(
        "object",
        "The Cloud KMS key is in us-east1",
        {"kmsKeyName": "${key2.id}"},
        {"kmsKeyName": "${key.id}"},
        ELSEWHERE,
    ),
    Stated(
        "bucketmember",
        "are only available for buckets with uniform bucket-level access",
        {"condition": {"title": "a", "expression": "true"}, "bucket": "${acl.name}"},
        {"condition": {"title": "a", "expression": "true"}},
        (("acl", "bucket", {"name": "sim-acl", "uniformBucketLevelAccess": False}),),
    ),
    *(
        Stated(sample, "is not a location", {name: "EUROPE-WEST4"})
        for sample, name in (
            ("registry", "location"),
            ("ring", "location"),
            ("logbucket", "location"),
            ("endpoint", "location"),
            ("metadata", "region"),
            ("schedule", "location"),
            ("trigger", "location"),
            ("workflow", "region"),
            ("job", "region"),
        )
    ),
    Stated("ring", "is not a location", {"location": "eur1"}, {"location": "eur4"}),
    Stated(
        "registry",
        "does not go with the format DOCKER",
        _remote("DOCKER", "npm", "NPMJS"),
        _remote("NPM", "npm", "NPMJS"),
    ),
    Stated(
        "registry",
        "VIRTUAL_REPOSITORY is not supported for the format GENERIC",
        {"mode": "VIRTUAL_REPOSITORY", "format": "GENERIC"},
        {"mode": "STANDARD_REPOSITORY", "format": "GENERIC"},
    ),
    Stated("registry", "under 128 characters", _kept("i" * 128), _kept("i" * 127)),
    Stated("registry", "projects/P/locations/L/repositories/R", _virtual(("a", "upstream"))),
    Stated(
        "registry",
        "is there 2 times",
        _virtual(("a", "${up.id}"), ("a", "${up.id}")),
        _virtual(("a", "${up.id}")),
        (("up", "registry", {"repositoryId": "up", "format": "DOCKER"}),),
    ),
    Stated(
        "registry",
        "has the format NPM",
        _virtual(("a", "${up.id}")),
        {},
        (("up", "registry", {"repositoryId": "up", "format": "NPM"}),),
    ),
    Stated(
        "registry",
        "is in us-east1",
        _virtual(("a", "${up.id}")),
        {},
        (("up", "registry", {"repositoryId": "up", "format": "DOCKER", "location": "us-east1"}),),
    ),
    Stated(
        "registry",
        "projects/P/secrets/S/versions/V",
        _read(username="a", passwordSecretVersion="my-secret"),
        _read(username="a", passwordSecretVersion="projects/p/secrets/s/versions/1"),
    ),
    *(
        Stated(
            "key",
            f"{algorithm} is not supported for protection level: {bad}",
            _signing(algorithm, bad),
            _signing(algorithm, good),
        )
        for algorithm, bad, good in (
            ("EC_SIGN_SECP256K1_SHA256", "SOFTWARE", "HSM"),
            ("EC_SIGN_ED25519", "HSM", "SOFTWARE"),
            ("PQ_SIGN_ML_DSA_65", "HSM", "SOFTWARE"),
        )
    ),
    Stated(
        "dataset",
        "is not supported for this resource",
        _shared("roles/bigquery.jobUser"),
        _shared("roles/bigquery.dataViewer"),
    ),
    Stated(
        "dataset",
        "such as serviceAccount:EMAIL",
        {"accesses": [{"role": "READER", "iamMember": "a@example.org"}]},
        {"accesses": [{"role": "READER", "iamMember": "user:a@example.org"}]},
    ),
    Stated(
        "dataset",
        "a domain",
        {"accesses": [{"role": "READER", "domain": "@example.org"}]},
        {"accesses": [{"role": "READER", "domain": "example.org"}]},
    ),
    Stated("dataset", "does not exist", _shared("roles/bigquery.nothing")),
    Stated(
        "dataset",
        "Not found: Table",
        _shown("nowhere"),
        _shown("plain"),
        (
            ("other", "dataset", {"datasetId": "other"}),
            ("plain", "table", {**PLAIN[0][2], "datasetId": "other"}),
        ),
    ),
    Stated(
        "dataset",
        "Not found: Dataset",
        _lent("nowhere"),
        _lent("other"),
        (("other", "dataset", {"datasetId": "other"}),),
    ),
    Stated(
        "dataset",
        "is no tag key such as PROJECT/NAME",
        {"resourceTags": {"env": "prod"}},
        {"resourceTags": {f"{PROJECT}/env": "prod"}},
    ),
    Stated(
        "table",
        "names in backticks are standard SQL",
        _view(f"SELECT a FROM `{PROJECT}.sim.plain`", legacy=True),
        _view(f"SELECT a FROM `{PROJECT}.sim.plain`"),
        PLAIN,
    ),
    Stated(
        "table",
        "names in brackets are legacy SQL",
        _view(f"SELECT a FROM [{PROJECT}:sim.plain]"),
        _view(f"SELECT a FROM [{PROJECT}:sim.plain]", legacy=True),
        PLAIN,
    ),
    Stated(
        "table",
        "must be qualified with a dataset",
        _view("SELECT a FROM plain"),
        _view("WITH plain AS (SELECT a FROM sim.plain) SELECT a FROM plain"),
        PLAIN,
    ),
    Stated(
        "table",
        "sim.nowhere was not found",
        _view("SELECT a FROM sim.nowhere"),
        _view("SELECT EXTRACT(DAY FROM a) AS d FROM sim.plain, UNNEST([1]) WHERE a != 'FROM x'"),
        PLAIN,
    ),
    Stated("table", "Syntax error: Unexpected", _view("SELEC 1 AS a"), _view("(SELECT 1 AS a)")),
    Stated("table", "Unclosed string", _view("SELECT 'a AS b"), _view("SELECT 'it\\'s' AS b")),
    Stated(
        "table",
        "parentheses are not in pairs",
        _view("SELECT COUNT(* AS n FROM UNNEST([1])"),
        _view("SELECT COUNT(*) AS n -- :(\nFROM UNNEST([1])"),
    ),
    Stated(
        "table",
        "not with materializedView",
        {**_materialized(), "view": {"query": "SELECT 1 AS a", "useLegacySql": False}},
        _materialized(),
        PLAIN,
    ),
    Stated(
        "table",
        "is out of range",
        _materialized(refreshIntervalMs=59_999),
        _materialized(refreshIntervalMs=60_000),
        PLAIN,
    ),
    Stated(
        "table",
        "needed with materializedView.allowNonIncrementalDefinition",
        _materialized(allowNonIncrementalDefinition=True),
        {**_materialized(allowNonIncrementalDefinition=True), "maxStaleness": "0-0 0 4:0:0"},
        PLAIN,
    ),
    Stated(
        "table",
        "the wildcard comes after the bucket's name",
        _files("gs://*/a.csv"),
        _files("gs://sim-bucket/*"),
    ),
    Stated(
        "table",
        "has 2 wildcards, allowed is one",
        _files("gs://sim-bucket/*/a*.csv"),
        _files("gs://sim-bucket/b/a*.csv"),
    ),
    Stated(
        "table",
        "does not begin with the sourceUriPrefix",
        _hive(sourceUriPrefix="gs://sim-bucket/y/"),
        _hive(sourceUriPrefix="gs://sim-bucket/x/{day:DATE}"),
    ),
    Stated("table", "is not one of AUTO", _hive(mode="GUESS"), _hive(mode="STRINGS")),
    Stated(
        "table",
        "is out of range",
        _files("gs://sim-bucket/a", maxBadRecords=-1),
        _files("gs://sim-bucket/a", maxBadRecords=0),
    ),
    Stated(
        "table",
        "is out of range",
        _files("gs://sim-bucket/a", csvOptions={"quote": '"', "skipLeadingRows": -1}),
        _files("gs://sim-bucket/a", csvOptions={"quote": '"', "skipLeadingRows": 1}),
    ),
    Stated(
        "table",
        "is no type of BigQuery",
        _files("gs://sim-bucket/a", schema=json.dumps([{"name": "a", "type": "VARCHAR"}])),
        _files("gs://sim-bucket/a", schema=json.dumps([{"name": "a", "type": "STRING"}])),
    ),
    Stated(
        "table",
        "is not a JSON list of fields",
        _files("gs://sim-bucket/a", schema='{"fields": []}'),
    ),
    Stated("table", "'n' is REPEATED", _ranged("REPEATED"), _ranged("NULLABLE")),
    Stated(
        "table",
        "is not one of SIMPLE",
        _objects("FULL"),
        _objects("SIMPLE"),
    ),
    Stated(
        "table",
        "is there 2 times",
        _files("gs://sim-bucket/a", decimalTargetTypes=["NUMERIC", "NUMERIC"]),
        _files("gs://sim-bucket/a", decimalTargetTypes=["NUMERIC", "STRING"]),
    ),
    Stated(
        "table",
        "connections/C or P.L.C",
        _files("gs://sim-bucket/a", connectionId="mine"),
        _files("gs://sim-bucket/a", connectionId="projects/p/locations/eu/connections/c"),
    ),
    Stated(
        "table",
        "the dataset is in europe-west4",
        {"encryptionConfiguration": {"kmsKeyName": "${key2.id}"}},
        {"encryptionConfiguration": {"kmsKeyName": "${key.id}"}},
        ENCRYPTED,
    ),
    Stated(
        "table",
        "needs roles/cloudkms.cryptoKeyEncrypterDecrypter",
        {"encryptionConfiguration": {"kmsKeyName": "${key.id}"}},
    ),
    Stated(
        "table",
        "is out of range",
        {"timePartitioning.expirationMs": -1},
        {"timePartitioning.expirationMs": 1000},
    ),
    Stated("table", "Unrecognized name: abc", _column("STRING", "abc"), _column("STRING", "'abc'")),
    Stated(
        "table",
        "a default value has no subquery",
        _column("DATE", "(SELECT CURRENT_DATE)"),
        _column("DATE", "CURRENT_DATE"),
    ),
    Stated("table", "is no INT64", _column("INT64", "'5'"), _column("INT64", "5")),
    Stated("table", "is no STRING", _column("STRING", "5"), _column("STRING", "NULL")),
    Stated("table", "is no FLOAT64", _column("FLOAT64", "true"), _column("BOOL", "true")),
    Stated("table", "is out of range", _replica(59_999), _replica(60_000)),
    Stated("table", "gs://BUCKET/PATH", _lake(storageUri="s3://b/x"), _lake()),
    Stated("table", "is not one of PARQUET", _lake(fileFormat="ORC"), _lake()),
    Stated("table", "is not one of ICEBERG", _lake(tableFormat="DELTA"), _lake()),
    Stated(
        "table",
        "is there 2 times",
        {"tableConstraints": {"primaryKey": {"columns": ["logging_time"] * 2}}},
        {"tableConstraints": {"primaryKey": {"columns": ["logging_time"]}}},
    ),
    Stated("table", "'nope' is not in the schema", _foreign("nope"), _foreign("logging_time")),
    Stated(
        "table",
        "has 10001 columns, allowed are 10000",
        {
            "schema": json.dumps([{"name": f"c{n}", "type": "DATE"} for n in range(10_001)]),
            "timePartitioning": REMOVED,
        },
    ),
]

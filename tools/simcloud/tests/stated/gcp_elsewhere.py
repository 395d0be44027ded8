"""What Google's references state of other projects, of places of events, and of grants."""

from __future__ import annotations

from typing import Any

from planted.case import REMOVED

from stated.case import Stated

OTHER = "projects/other-project"
KEY = f"{OTHER}/locations/europe-west4/keyRings/r/cryptoKeys/k"
FAR = "projects/other-project/locations/europe-west1/keyRings/r/cryptoKeys/k"
ABSENT = "projects/sim-project/locations/europe-west4/keyRings/r/cryptoKeys/k"
PROTOBUF = "application/protobuf"
DOCUMENT = (("database", "(default)"), ("document", "users/*"))


def _event(kind: str, *filters: tuple[str, str], **more: Any) -> dict[str, Any]:
    criteria = [{"attribute": "type", "value": kind}]
    for name, value in filters:
        operator = {"operator": "match-path-pattern"} if "*" in value else {}
        criteria.append({"attribute": name, "value": value, **operator})
    return {"matchingCriterias": criteria, "transport": REMOVED, **more}


def _written(**more: Any) -> dict[str, Any]:
    return _event("google.cloud.firestore.document.v1.written", *DOCUMENT, **more)


def _audited(location: str) -> dict[str, Any]:
    filters = (("serviceName", "iam.googleapis.com"), ("methodName", "google.iam.SetIamPolicy"))
    return _event("google.cloud.audit.log.v1.written", *filters, location=location)


def _to(target: str) -> dict[str, Any]:
    return {"httpTarget": REMOVED, "pubsubTarget": {"topicName": target, "data": "e30="}}


PROJECTS = [
    Stated("subscription", "does not exist", {"topic": "absent"}, {"topic": f"{OTHER}/topics/t"}),
    Stated(
        "topic", "does not exist", {"kmsKeyName": ABSENT}, {"kmsKeyName": KEY.replace("/r/", "/s/")}
    ),
    Stated(
        "bucket",
        "the key is in europe-west1",
        {"encryption": {"defaultKmsKeyName": FAR}},
        {"encryption": {"defaultKmsKeyName": KEY}},
    ),
    Stated("storageagent", "does not exist", {"cryptoKeyId": ABSENT}, {"cryptoKeyId": KEY}),
    Stated(
        "sink",
        "does not exist",
        {"destination": "bigquery.googleapis.com/projects/sim-project/datasets/absent"},
        {"destination": f"bigquery.googleapis.com/{OTHER}/datasets/audit"},
    ),
    Stated(
        "trigger",
        "does not exist",
        {"serviceAccount": "nobody@sim-project.iam.gserviceaccount.com"},
        {"serviceAccount": "runner@other-project.iam.gserviceaccount.com"},
    ),
    # projects.locations.jobs, topicName: "The topic must be in the same project".
    Stated("job", "does not exist", _to(f"{OTHER}/topics/t"), _to("${topic.id}")),
    # projects.locations.triggers, workflow: "should be deployed in the same project".
    Stated(
        "trigger",
        "does not exist",
        {"destination": {"workflow": f"{OTHER}/locations/europe-west4/workflows/w"}},
        {"destination": {"workflow": "${workflow.id}"}},
    ),
    Stated(
        "policy",
        "does not exist",
        {"notificationChannels": [f"{OTHER}/notificationChannels/1"]},
        {"notificationChannels": ["${channel.name}"]},
    ),
]
EVENTS = [
    Stated(
        "trigger",
        '"" is not supported by this event type',
        _written(location="eur3"),
        _written(location="eur3", eventDataContentType=PROTOBUF),
    ),
    Stated(
        "trigger",
        "is not allowed in eur4 location",
        _written(location="eur4", eventDataContentType=PROTOBUF),
        _written(location="nam7", eventDataContentType=PROTOBUF),
    ),
    Stated("trigger", "is not allowed in nam5 location", {"location": "nam5"}),
    Stated("trigger", "is not allowed in eu location", _audited("eu"), _audited("global")),
    Stated("trigger", "is not allowed in global location", {"location": "global"}),
]
GRANTS = [
    Stated(
        "registrymember",
        "'europe-west-4' is not a location",
        {"repository": "sim", "location": "europe-west-4"},
        {"repository": "sim", "location": "europe-west4"},
    ),
    Stated("endpointmember", "'us' is not a location", {"location": "us"}),
    *(
        Stated(sample, f"Role {bad} is not supported", {"role": bad}, {"role": good})
        for sample, bad, good in (
            ("storageagent", "roles/container.admin", "roles/container.cloudKmsKeyUser"),
            ("bucketmember", "roles/compute.admin", "roles/dataflow.worker"),
            ("registrymember", "roles/spanner.viewer", "roles/artifactregistry.viewer"),
            ("datasetmember", "roles/secretmanager.admin", "roles/datacatalog.viewer"),
            ("topicmember", "roles/logging.logWriter", "roles/datacatalog.viewer"),
            ("accountmember", "roles/cloudsql.client", "roles/iam.serviceAccountUser"),
            ("endpointmember", "roles/eventarc.admin", "roles/aiplatform.user"),
        )
    ),
    Stated(
        "api-iam",
        "can't be enabled by itself",
        {"service": "source.googleapis.com"},
        {"service": "sourcerepo.googleapis.com"},
    ),
    Stated(
        "agent",
        "has not been configured for service identities",
        {"service": "dns.googleapis.com"},
        {"service": "pubsub.googleapis.com"},
    ),
]
POOL = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/sim/*"
# iam_bigquery_member_dataset.go of the provider; hashicorp/terraform-provider-google#26087, #7141.
MEMBERS = [
    *(
        Stated(
            "datasetmember",
            f"Failed to parse BigQuery Dataset IAM member type: {bad}",
            {"member": bad},
            {"member": good},
        )
        for bad, good in (
            (POOL, f"iamMember:{POOL}"),
            ("projectViewer:sim-project", "projectReaders"),
            ("projectOwner:sim-project", "projectOwners"),
            ("allUsers", "iamMember:allUsers"),
        )
    ),
    Stated(
        "topicmember",
        '"projectReaders" is not allowed',
        {"member": "projectReaders"},
        {"member": POOL},
    ),
    # resource_pubsub_subscription.go of the provider: with an empty ttl it never expires.
    Stated(
        "subscription",
        "is less than a day",
        {"expirationPolicy": {"ttl": "3600s"}},
        {"expirationPolicy": {"ttl": ""}},
    ),
]
# APIs that have no discovery document in the client's package.
SERVICES = [
    Stated(
        "api-iam",
        "is no API",
        {"service": f"{name}s.googleapis.com"},
        {"service": f"{name}.googleapis.com"},
    )
    for name in ("generativelanguage", "containerregistry", "containerscanning", "anthos")
]
ELSEWHERE = [*PROJECTS, *EVENTS, *GRANTS, *MEMBERS, *SERVICES]

"""A small platform on Google Cloud."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

config = pulumi.Config()
mistake = config.get("mistake")
place = "europe-west4"
api = gcp.projects.Service(
    "kms",
    gcp.projects.ServiceArgs(service="cloudkms.googleapis.com", disable_on_destroy=False),
)
vertex = None
if mistake != "api":
    vertex = gcp.projects.Service(
        "vertex",
        gcp.projects.ServiceArgs(service="aiplatform.googleapis.com", disable_on_destroy=False),
    )
pubsub = gcp.projects.Service("pubsub", service="pubsub.googleapis.com")
# Not on by default in a project.
iam = gcp.projects.Service("iam", service="iam.googleapis.com")
ring = gcp.kms.KeyRing(
    "sim", gcp.kms.KeyRingArgs(location=place), pulumi.ResourceOptions(depends_on=[api])
)
key = gcp.kms.CryptoKey("sim", gcp.kms.CryptoKeyArgs(key_ring=ring.id))
agent = gcp.storage.get_project_service_account()
granted = []
if mistake != "agent":
    member = gcp.kms.CryptoKeyIAMMember(
        "storage",
        gcp.kms.CryptoKeyIAMMemberArgs(
            crypto_key_id=key.id,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=agent.member,
        ),
    )
    granted = [member]
bucket = gcp.storage.Bucket(
    "store",
    gcp.storage.BucketArgs(
        location=config.get("location") or place,
        force_destroy=True,
        labels={"team": config.get("team") or "ml"},
        encryption=gcp.storage.BucketEncryptionArgs(default_kms_key_name=key.id),
    ),
    pulumi.ResourceOptions(depends_on=granted),
)
account = gcp.serviceaccount.Account(
    "steps",
    gcp.serviceaccount.AccountArgs(account_id="sim-steps"),
    pulumi.ResourceOptions(depends_on=[iam]),
)
gcp.storage.BucketIAMMember(
    "steps",
    gcp.storage.BucketIAMMemberArgs(
        bucket=bucket.name,
        role="roles/storage.objectUser",
        member=account.member,
    ),
)
gcp.vertex.AiEndpoint(
    "flights",
    gcp.vertex.AiEndpointArgs(
        name="Flights" if mistake == "pattern" else "4711", display_name="flights", location=place
    ),
    pulumi.ResourceOptions(depends_on=[vertex] if vertex else [], ignore_changes=["trafficSplit"]),
)
topic = gcp.pubsub.Topic("drift", opts=pulumi.ResourceOptions(depends_on=[pubsub]))
descriptor = gcp.monitoring.MetricDescriptor(
    "drift",
    gcp.monitoring.MetricDescriptorArgs(
        type="custom.googleapis.com/drift",
        metric_kind="GAUGE",
        value_type="DOUBLE",
        display_name="drift",
        description="drift",
    ),
)
channel = gcp.monitoring.NotificationChannel(
    "drift",
    gcp.monitoring.NotificationChannelArgs(type="pubsub", labels={"topic": topic.id}),
)
gcp.monitoring.AlertPolicy(
    "drift",
    gcp.monitoring.AlertPolicyArgs(
        display_name="drift",
        combiner="OR",
        notification_channels=[channel.name],
        conditions=[
            gcp.monitoring.AlertPolicyConditionArgs(
                display_name="drift",
                condition_threshold=gcp.monitoring.AlertPolicyConditionConditionThresholdArgs(
                    filter='metric.type="custom.googleapis.com/drift" AND resource.type="global"',
                    comparison="COMPARISON_GT",
                    duration="60s",
                    threshold_value=config.get_float("threshold") or 0.5,
                ),
            )
        ],
    ),
    pulumi.ResourceOptions(depends_on=[descriptor]),
)

pulumi.export("bucket", bucket.url)
pulumi.export("number", gcp.organizations.get_project().number)

"""Google Cloud's Vertex AI (Gemini Enterprise Agent Platform), with Cloud Storage and BigQuery."""

from components.targets import Question, Target

TARGET = Target(
    name="gcp",
    sdk="pulumi-gcp",
    module="pulumi_gcp",
    wheel_requirements=("google-auth", "requests"),
    step_requirements=("google-cloud-bigquery-storage",),
    stacks=("gcp-dev", "gcp-prod"),
    own_resources=True,
    exclusive=frozenset({"endpoint.canaryWaitMinutes", "endpoint.keepPreviousMinutes"}),
    # "Sampled every 60 seconds. After sampling, data is not visible for up to 120 seconds"
    # (cloud.google.com/monitoring/api/metrics_gcp_a_b).
    signal_minutes=3,
    limitations={
        "pipeline": "a resource for a definition: specs are objects in the store; a limit to the "
        "time a run takes",
        "endpoint": "copies of requests for a new version",
        "monitoring": "rights to make a budget: they are the billing account's, whose owner has to "
        "give them to whoever deploys",
    },
    lingering={
        "gcp.MetadataStore": "the store of metadata is the project's, for the runs of all stacks "
        "in the region; it has no key",
        "kms.KeyRing": "Google Cloud never deletes a key ring; it costs nothing",
        "kms.CryptoKey": "Google Cloud destroys the versions of a key and keeps its name",
        "iam.WorkloadIdentityPool": "Google Cloud keeps a deleted pool's name for 30 days",
        "logging.ProjectBucketConfig": "Google Cloud keeps a deleted log bucket, and what is in "
        "it, for 7 days; it costs nothing",
        "projects.IAMCustomRole": "Google Cloud keeps a deleted role for 7 days and its name for "
        "37; a project has at most 300",
    },
    storage_type="storage.Bucket",
    questions=(
        Question("project", "Google Cloud project", "gcp:project", required=True),
        Question("region", "region", "gcp:region", "europe-west1", required=True),
    ),
)

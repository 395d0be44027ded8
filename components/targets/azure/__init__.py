"""Azure Machine Learning, with Blob Storage, Azure Monitor and Log Analytics."""

from components.targets import Question, Target

TARGET = Target(
    name="azure",
    sdk="pulumi-azure-native",
    module="pulumi_azure_native",
    wheel_requirements=("azure-identity",),
    stacks=("azure-dev", "azure-prod"),
    own_resources=True,
    exclusive=frozenset(
        {
            "registry.shared",
            "compute.serverless",
            "endpoint.canaryWaitMinutes",
            "endpoint.keepPreviousMinutes",
            "endpoint.mirrorPercent",
        }
    ),
    # Platform metrics come each minute (learn.microsoft.com, "Azure Monitor Metrics overview").
    signal_minutes=3,
    limitations={
        "pipeline": "conditions between steps: all run, and end at once when not wanted",
        "monitoring": "alarms that look back more than two days, and alarms without data",
        "retraining": "day of month and month in a schedule; an event on an alarm: the drift "
        "check starts the training itself",
        "identity": "rights on the team's own data: give them to the steps yourself",
    },
    lingering={
        "keyvault.Vault": "Azure keeps a deleted vault and its name (soft delete); purge it, or "
        "bring the next stack up with its recovery",
        "machinelearningservices.Workspace": "Azure keeps a deleted workspace for 14 days (soft "
        "delete), and its name with it",
        "operationalinsights.Workspace": "Azure keeps deleted logs for 14 days (soft delete)",
    },
    storage_type="storage.StorageAccount",
    questions=(
        Question("region", "location", "azure-native:location", "westeurope", required=True),
    ),
)

"""The platform: settings, the five capabilities and the identities that may act on them."""

from components import config
from components.endpoint import Endpoint, EndpointArgs
from components.identity import Identity, IdentityArgs
from components.monitoring import Monitoring, MonitoringArgs
from components.pipeline import Pipeline, PipelineArgs
from components.publish import publish
from components.registry import Registry, RegistryArgs
from components.retraining import Retraining, RetrainingArgs

settings = config.load()

registry = Registry("registry", RegistryArgs(settings))
pipeline = Pipeline("pipeline", PipelineArgs(settings, registry))
endpoint = Endpoint("endpoint", EndpointArgs(settings, registry))
monitoring = Monitoring("monitoring", MonitoringArgs(settings, registry, pipeline, endpoint))
Retraining("retraining", RetrainingArgs(settings, registry, pipeline, monitoring))
Identity("identity", IdentityArgs(settings, registry, pipeline, endpoint))

publish(settings)

"""The platform: settings, the five capabilities and who may act on them, outputs."""

from components import settings
from components.endpoint import Endpoint, EndpointArgs
from components.exports import publish
from components.identity import Identity, IdentityArgs
from components.monitoring import Monitoring, MonitoringArgs
from components.pipeline import Pipeline, PipelineArgs
from components.registry import Registry, RegistryArgs
from components.retraining import Retraining, RetrainingArgs

stack = settings.load()

registry = Registry(RegistryArgs(stack))
pipeline = Pipeline(PipelineArgs(stack, registry))
endpoint = Endpoint(EndpointArgs(stack, registry))
monitoring = Monitoring(MonitoringArgs(stack, registry, pipeline, endpoint))
retraining = Retraining(RetrainingArgs(stack, registry, pipeline, monitoring))
identity = Identity(IdentityArgs(stack, registry, pipeline, endpoint))

publish(stack, registry, [pipeline, endpoint, monitoring, retraining, identity])

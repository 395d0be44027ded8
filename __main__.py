"""The platform: settings, the five capabilities and who may act on them, outputs."""

import gc

from components import config
from components.endpoint import Endpoint, EndpointArgs
from components.exports import publish
from components.identity import Identity, IdentityArgs
from components.monitoring import Monitoring, MonitoringArgs
from components.pipeline import Pipeline, PipelineArgs
from components.registry import Registry, RegistryArgs
from components.retraining import Retraining, RetrainingArgs

# A cloud's SDK makes a hundred thousand objects that live until the program ends: looking
# among them for garbage, now and again at exit, takes a fifth of a preview and finds nothing.
gc.disable()

stack = config.load()

registry = Registry(RegistryArgs(stack))
pipeline = Pipeline(PipelineArgs(stack, registry))
endpoint = Endpoint(EndpointArgs(stack, registry))
monitoring = Monitoring(MonitoringArgs(stack, registry, pipeline, endpoint))
retraining = Retraining(RetrainingArgs(stack, registry, pipeline, monitoring))
identity = Identity(IdentityArgs(stack, registry, pipeline, endpoint))

publish(stack, registry, [pipeline, endpoint, monitoring, retraining, identity])

gc.freeze()

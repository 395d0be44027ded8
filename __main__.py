"""The platform: settings, the five capabilities and who may act on them, outputs."""

import asyncio

import pulumi

from components import config
from components.dynamic import providers
from components.endpoint import Endpoint, EndpointArgs
from components.exports import publish
from components.identity import Identity, IdentityArgs
from components.monitoring import Monitoring, MonitoringArgs
from components.pipeline import Pipeline, PipelineArgs
from components.quick import make_quick
from components.registry import Registry, RegistryArgs
from components.retraining import Retraining, RetrainingArgs

make_quick()
stack = config.load()


async def platform() -> None:
    """Declare everything: what is declared is registered while the next capability loads."""
    opts = pulumi.ResourceOptions(providers=providers(stack.target))
    await asyncio.gather(config.refuse_another(stack), Registry.load(stack))
    registry = await Registry.declare(RegistryArgs(stack), opts)
    pipeline = await Pipeline.declare(PipelineArgs(stack, registry), opts)
    endpoint = await Endpoint.declare(EndpointArgs(stack, registry), opts)
    monitoring = await Monitoring.declare(MonitoringArgs(stack, registry, pipeline, endpoint), opts)
    retraining = await Retraining.declare(
        RetrainingArgs(stack, registry, pipeline, monitoring), opts
    )
    identity = await Identity.declare(IdentityArgs(stack, registry, pipeline, endpoint), opts)
    publish(stack, registry, [pipeline, endpoint, monitoring, retraining, identity], opts)


pulumi.run(platform)

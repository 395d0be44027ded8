"""The gRPC provider server: translates between the Pulumi engine and the simulated cloud."""

from __future__ import annotations

import copy
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from pulumi_simcloud.catalog import clouds
from pulumi_simcloud.cloud import Cloud, Diff
from pulumi_simcloud.failures import CloudError, Failure, PartialError
from pulumi_simcloud.platforms import PACKAGES, check_settings, principal_of, variables
from pulumi_simcloud.property_values import decode, encode
from pulumi_simcloud.schema.package import package_schema
from pulumi_simcloud.state import State

VERSION = "99.0.0"
SETTINGS = "pulumi:providers:"


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One provider for all three clouds.

    The engine opens a connection per provider instance, so settings belong to the peer.
    """

    def __init__(
        self,
        state: State,
        closed: bool = True,
        repeatable: bool = False,
        principal: str | None = None,
        empty: bool = False,
    ) -> None:
        self.state = state
        self.closed = closed
        self.repeatable = repeatable
        self.principal = principal
        self.empty = empty
        # The package that the engine asks for by this provider's address.
        self.package: str | None = None
        self.clouds: dict[str, Cloud] = {}
        # What a program last asked for, by URN, secrets in plain text.
        self.program_inputs: dict[str, dict[str, Any]] = {}

    def of(self, package: str) -> Provider:
        """This provider as one package's."""
        provider = copy.copy(self)
        provider.package = package
        return provider

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse(supports_autonaming_configuration=True)

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802
        # Programs in YAML need it. The request names no package, so each has a server of its own.
        assert self.package is not None, "this provider serves no one package"
        return provider_pb2.GetSchemaResponse(schema=package_schema(self.package, VERSION))

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        settings = decode(request.news)
        failures = check_settings(_package(request.urn), settings)
        return _checked(settings, failures)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_UNKNOWN)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        package = _package(request.urn) if request.urn else _package_of(request.variables)
        settings = variables(package, decode(request.args))
        principal = principal_of(package, decode(request.args)) or self.principal
        self.clouds[context.peer()] = Cloud(
            self.state, settings, self.closed, principal, self.empty
        )
        return provider_pb2.ConfigureResponse(
            supportsPreview=True, supports_autonaming_configuration=True
        )

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            answer = self._cloud(context).invoke(request.tok, decode(request.args))
        except CloudError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(encode(answer))
        return response

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs, failures = self._cloud(context).check(
            request.urn,
            decode(request.olds),
            decode(request.news),
            self._seed(request),
            request.autonaming.proposed_name or None,
        )
        self.program_inputs[request.urn] = inputs
        return _checked(inputs, failures)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        difference = self._cloud(context).diff(
            request.urn, decode(request.old_inputs), decode(request.news), decode(request.olds)
        )
        return _diff_response(difference)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            identity, outputs = self._cloud(context).create(
                request.urn, decode(request.properties), request.preview
            )
        except CloudError as error:
            _abort(context, error, request.properties)
        return provider_pb2.CreateResponse(id=identity, properties=encode(outputs))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            row = self._cloud(context).read(request.urn, request.id)
        except CloudError as error:
            _abort(context, error, request.inputs)
        if row is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=row.id, properties=encode(row.outputs), inputs=encode(row.inputs)
        )

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            outputs = self._cloud(context).update(
                request.urn,
                request.id,
                decode(request.news),
                decode(request.olds),
                request.preview,
            )
        except CloudError as error:
            _abort(context, error, request.news)
        return provider_pb2.UpdateResponse(properties=encode(outputs))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            self._cloud(context).delete(request.urn, request.id)
        except CloudError as error:
            _abort(context, error, request.properties)
        return empty_pb2.Empty()

    def _seed(self, request: Any) -> bytes:
        """The seed of an automatic name: if repeatable, the number of such resources."""
        if not self.repeatable:
            return request.randomSeed
        with self.state.transaction() as transaction:
            existing = transaction.count(request.urn)
        return f"{request.urn}#{existing}".encode()

    def _cloud(self, context: Any) -> Cloud:
        return self.clouds[context.peer()]


def start(
    provider: Provider, port: int = 0
) -> tuple[list[grpc.Server], dict[str, int], list[Provider]]:
    """Starts a server on this computer for each package: the servers, ports and providers.

    The first has the port given, the others those that follow (0: free ones).
    """
    packages = [provider.of(package) for package in clouds()]
    servers, ports = [], {}
    for number, package_provider in enumerate(packages):
        server, bound = _start(package_provider, port + number if port else 0)
        servers.append(server)
        ports[package_provider.package or ""] = bound
    return servers, ports, packages


def _start(provider: Provider, port: int) -> tuple[grpc.Server, int]:
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=32),
        options=[("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, bound


def _package(urn: str) -> str:
    # A provider may have a parent, whose type stands before its own.
    return urn.split("::")[2].rsplit(SETTINGS, 1)[-1]


def _package_of(names: Any) -> str:
    packages = {name.split(":")[0] for name in names}
    return next(package for package in PACKAGES if package in packages)


def _checked(inputs: dict[str, Any], failures: list[Failure]) -> Any:
    check_failures = [
        provider_pb2.CheckFailure(property=item.path, reason=_with_path(item)) for item in failures
    ]
    return provider_pb2.CheckResponse(inputs=encode(inputs), failures=check_failures)


def _with_path(failure: Failure) -> str:
    return f"{failure.path}: {failure.reason}" if failure.path else failure.reason


def _diff_response(difference: Diff) -> Any:
    kinds = provider_pb2.PropertyDiff.Kind
    detailed = {
        change.path: provider_pb2.PropertyDiff(
            kind=kinds.Value(change.kind + ("_REPLACE" if change.replaces else "")), inputDiff=True
        )
        for change in difference.changes
    }
    response = provider_pb2.DiffResponse
    return response(
        changes=response.DIFF_SOME if detailed else response.DIFF_NONE,
        replaces=[change.path for change in difference.changes if change.replaces],
        diffs=sorted({change.path.split(".")[0].split("[")[0] for change in difference.changes}),
        detailedDiff=detailed,
        hasDetailedDiff=True,
        deleteBeforeReplace=difference.delete_first,
    )


def _abort(context: Any, error: CloudError, inputs: Any) -> None:
    if isinstance(error, PartialError):
        detail = provider_pb2.ErrorResourceInitFailed(
            id=error.identity, properties=encode(error.outputs), reasons=[str(error)], inputs=inputs
        )
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
        status.details.add().Pack(detail)
        trailer = ("grpc-status-details-bin", status.SerializeToString())
        context.set_trailing_metadata((trailer,))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))

"""Terraform's plugin protocol 6: the messages, the handshake with Terraform and the server.

The `tf` package brings generated messages of protocol 6.5. Write-only attributes and ephemeral resources came later
(6.7, 6.8), so their fields and calls are added to its description before classes are made from it. Field numbers are those
of Terraform's tfplugin6.proto.
"""

import base64
import os
import re
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from tf.gen import grpc_controller_pb2, grpc_stdio_pb2, tfplugin_pb2

Descriptor = descriptor_pb2.FileDescriptorProto
Message = descriptor_pb2.DescriptorProto
Field = descriptor_pb2.FieldDescriptorProto

FIELD_TYPES = {"type_name": Field.TYPE_STRING, "private": Field.TYPE_BYTES}
MESSAGE_TYPES = {"config": "DynamicValue", "result": "DynamicValue", "diagnostics": "Diagnostic"}
EPHEMERAL_CALLS = {
    "ValidateEphemeralResourceConfig": ({"type_name": 1, "config": 2}, {"diagnostics": 1}),
    "OpenEphemeralResource": ({"type_name": 1, "config": 2}, {"diagnostics": 1, "result": 3, "private": 4}),
    "RenewEphemeralResource": ({"type_name": 1, "private": 2}, {"diagnostics": 1, "private": 3}),
    "CloseEphemeralResource": ({"type_name": 1, "private": 2}, {"diagnostics": 1}),
}


def _describe() -> Descriptor:
    """The protocol as the package describes it, with what it lacks."""
    protocol = Descriptor.FromString(tfplugin_pb2.DESCRIPTOR.serialized_pb)
    _named(_named(protocol.message_type, "Schema").nested_type, "Attribute").field.add(
        name="write_only", number=11, type=Field.TYPE_BOOL, label=Field.LABEL_OPTIONAL
    )
    _add_ephemeral_schemas(_named(_named(protocol.message_type, "GetProviderSchema").nested_type, "Response"))
    for call, (request, response) in EPHEMERAL_CALLS.items():
        message = protocol.message_type.add(name=call)
        _add_fields(message.nested_type.add(name="Request"), request)
        _add_fields(message.nested_type.add(name="Response"), response)
        protocol.service[0].method.add(name=call, input_type=f".tfplugin6.{call}.Request", output_type=f".tfplugin6.{call}.Response")
    return protocol


def _named(messages: Any, name: str) -> Any:
    return next(message for message in messages if message.name == name)


def _add_ephemeral_schemas(response: Message) -> None:
    entry = response.nested_type.add()
    entry.CopyFrom(_named(response.nested_type, "ResourceSchemasEntry"))
    entry.name = "EphemeralResourceSchemasEntry"
    kind = f".tfplugin6.GetProviderSchema.Response.{entry.name}"
    response.field.add(name="ephemeral_resource_schemas", number=8, type=Field.TYPE_MESSAGE, label=Field.LABEL_REPEATED, type_name=kind)


def _add_fields(message: Message, numbers: dict[str, int]) -> None:
    for name, number in numbers.items():
        field = message.field.add(name=name, number=number, label=Field.LABEL_OPTIONAL)
        field.type = FIELD_TYPES.get(name, Field.TYPE_MESSAGE)
        if name in MESSAGE_TYPES:
            field.type_name = f".tfplugin6.{MESSAGE_TYPES[name]}"
        if name == "diagnostics":
            field.label = Field.LABEL_REPEATED


_pool = descriptor_pool.DescriptorPool()
_pool.Add(_describe())


def message(name: str) -> Any:
    """The class of a message, such as `message("PlanResourceChange.Response")`."""
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"tfplugin6.{name}"))


def _calls() -> Iterator[tuple[str, str]]:
    """Every call of the protocol with the name of the method that answers it: PlanResourceChange, plan_resource_change."""
    for method in _pool.FindServiceByName("tfplugin6.Provider").methods:
        yield method.name, re.sub(r"(?<!^)(?=[A-Z])", "_", method.name).lower()


def serve(provider: object, certificate: Path) -> None:
    """Answer Terraform until it says Shutdown.

    `PlanResourceChange` is answered by `provider.plan_resource_change`; a call without such a method gets an empty response.
    """
    # Ctrl-C reaches the whole process group; Terraform decides when we stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    over = threading.Event()
    server = grpc.server(futures.ThreadPoolExecutor(32), options=[("grpc.max_receive_message_length", -1)])
    handlers = {call: _handler(call, getattr(provider, method, None)) for call, method in _calls()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("tfplugin6.Provider", handlers), *_plugin_services(over)))
    key, chain = certificate.with_suffix(".key").read_bytes(), certificate.read_bytes()
    with tempfile.TemporaryDirectory(prefix="standin-") as folder:
        socket = f"{folder}/socket"
        server.add_secure_port(f"unix://{socket}", grpc.ssl_server_credentials([(key, chain)]))
        server.start()
        print(f"1|6|unix|{socket}|grpc|{_handshake_certificate(chain)}", flush=True)
        terraform = os.getppid()
        while not over.wait(1) and os.getppid() == terraform:  # a killed Terraform says no Shutdown
            pass
        server.stop(0)


def _handler(call: str, answer: Callable[[Any], Any] | None) -> grpc.RpcMethodHandler:
    nothing = message(f"{call}.Response")
    return _unary(message(f"{call}.Request"), lambda request, _: answer(request) if answer else nothing())


def _unary(request: Any, answer: Callable[[Any, Any], Any]) -> grpc.RpcMethodHandler:
    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.FromString, response_serializer=lambda response: response.SerializeToString()
    )


def _plugin_services(over: threading.Event) -> Iterator[grpc.GenericRpcHandler]:
    """The two services go-plugin expects beside the provider's own."""

    def shutdown(request: Any, context: Any) -> Any:
        over.set()
        return grpc_controller_pb2.Empty()

    yield grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": _unary(grpc_controller_pb2.Empty, shutdown)})
    output = grpc.unary_stream_rpc_method_handler(
        lambda request, context: iter(()), response_serializer=grpc_stdio_pb2.StdioData.SerializeToString
    )
    yield grpc.method_handlers_generic_handler("plugin.GRPCStdio", {"StreamStdio": output})


def _handshake_certificate(pem: bytes) -> str:
    """The certificate as go-plugin reads it: DER in base64 without padding."""
    der = base64.b64decode(b"".join(line for line in pem.splitlines() if not line.startswith(b"-----")))
    return base64.b64encode(der).decode().rstrip("=")

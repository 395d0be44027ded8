"""What the tests' warm Pythons need not do again: imports, and what comes of them."""

from __future__ import annotations

import _imp
import contextlib
import ctypes
import importlib
import os
import re
import sqlite3
import sys
import zipimport
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, get_args

REPOSITORY = Path(__file__).resolve().parent.parent
LIBRARIES = (
    "mlflow.pyfunc", "mlflow.store.model_registry.sqlalchemy_store",
    "mlflow.store.tracking.sqlalchemy_store", "alembic.command", "sqlalchemy.dialects.sqlite",
    "pulumi", "pulumi.dynamic", "pulumi.policy", "pulumi_policy", "grpc", "pandas",
    "pyarrow.parquet", "scipy.stats", "sklearn.ensemble", "sklearn.linear_model",
    "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing", "sklearn.impute",
    "sklearn.metrics", "skops.io", "apscheduler", "boto3", "requests", "pydantic", "yaml",
    "uvicorn", "starlette.applications", "prometheus_client", "fastapi", "jinja2",
    "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.on", "uvloop", "msgspec", "smtplib",
    "prometheus_client.core", "apscheduler.schedulers.background", "apscheduler.triggers.cron",
    "grpc._server", "alembic.config", "pydantic.alias_generators", "onnx", "onnxruntime",
    "pyarrow.dataset", "pyarrow.pandas_compat", "narwhals._pandas_like.namespace",
    "narwhals._pandas_like.dataframe", "narwhals._interchange.dataframe",
)  # fmt: skip
# The modules of the clouds' SDKs that the program names.
SDKS = {"aws": "pulumi_aws", "azure": "pulumi_azure_native", "gcp": "pulumi_gcp"}
# Of AWS, those that a job calls.
SERVICES = ("s3", "sagemaker", "cloudwatch", "logs")
LARGE_PAGE = 2 * 1024 * 1024
MADV_COLLAPSE = 25
# What tests copy to places of their own, and run there.
COPIED = ("components", "policy", "training")


def prepare(folder: Path) -> None:
    """Import the libraries, for forks of this process; `folder` is theirs."""
    classes = _sdk_classes()
    for name in (*LIBRARIES, *dict.fromkeys(module for module, _ in classes)):
        with contextlib.suppress(ImportError):
            # An SDK loads the modules of its services when somebody asks for an attribute.
            getattr(importlib.import_module(name), "__all__", None)
        if "dill" in sys.modules:  # which pickles name, once Pulumi's SDK has loaded it
            sys.modules["dill"].extend(False)
    _resolve_types(classes)
    # MLflow looks at the files of every package once in a process that saves a model: a second.
    importlib.import_module("mlflow.utils.requirements_utils")._init_packages_to_modules_map()
    # And scikit-learn, by narwhals, once for plugins, in each that checks an array.
    sys.modules["sklearn.utils"].check_array([[0.0]])
    _share_tables(folder / "registry.db")
    _keep_compiled()
    if "boto3" in sys.modules:
        load_service_models_once()
        loader = (
            importlib.import_module("botocore.session").get_session().get_component("data_loader")
        )
        for service in SERVICES:
            for kind in ("service-2", "endpoint-rule-set-1", "paginators-1"):
                loader.load_service_model(service, kind)
        for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry"):
            loader.load_data(name)
    _collapse_pages()


def _sdk_classes() -> list[tuple[str, str]]:
    """Module and name of what the components name of the clouds' SDKs, by a look at their text."""
    names: dict[tuple[str, str], None] = {}
    for file in sorted((REPOSITORY / "components").rglob("*.py")):
        text = file.read_text()
        for sdk, module, name in re.findall(r"\b(aws|azure|gcp)\.([a-z]\w+)(?:\.(\w+))?", text):
            names[f"{SDKS[sdk]}.{module}", name] = None
    return list(names)


def _resolve_types(classes: list[tuple[str, str]]) -> None:
    """Fill the SDK's cache of the types of properties: a fifth of each program's time."""
    types = sys.modules["pulumi"]._types
    resources = [
        getattr(sys.modules.get(module), f"{name}{kind}", None)
        for module, name in classes
        for kind in ("", "Args", "InitArgs")
        if name
    ]
    left = [value for value in resources if isinstance(value, type)]
    seen: set[type] = set()
    while left:
        value = left.pop()
        if value in seen:
            continue
        seen.add(value)
        for part in types._types_from_py_properties(value).values():
            left += [inner for inner in _classes(part) if inner.__module__.startswith("pulumi_")]


def _classes(annotation: Any) -> Iterator[type]:
    """The classes in an annotation, such as that in a sequence of one."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _classes(part)


def _share_tables(first: Path) -> None:
    """Give each new registry the tables of the first: MLflow's migrations take two seconds."""
    initialize_tables = sys.modules["mlflow.store.db.utils"]._initialize_tables

    def initialize(engine: Any) -> None:
        database = Path(engine.url.database)
        if first.exists():
            _copy_database(first, database)
            return
        initialize_tables(engine)
        copy = first.with_name(f"{first.name}.{os.getpid()}")
        _copy_database(database, copy)
        copy.rename(first)

    for name in ("mlflow.store.db.utils", "mlflow.store.model_registry.sqlalchemy_store"):
        setattr(sys.modules[name], initialize_tables.__name__, initialize)


def _copy_database(source: Path, destination: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source)) as tables,
        contextlib.closing(sqlite3.connect(destination)) as database,
    ):
        tables.backup(database)


def _keep_compiled() -> None:
    """Compile no source of this project again, wherever a copy of it stands, also in a wheel."""
    codes: dict[bytes, CodeType | None] = {}
    for part in COPIED:
        for path in (REPOSITORY / part).rglob("*.py"):
            codes[path.read_bytes()] = SourceFileLoader(path.stem, str(path)).get_code(path.stem)

    def kept(compile_source: Callable[..., Any], source: bytes, path: str) -> Any:
        code = codes.get(source)
        if code is None:
            return compile_source()
        _imp._fix_co_filename(code, path)  # type: ignore[attr-defined] as for a .pyc file
        return code

    loader: Any = SourceFileLoader
    to_code, zip_to_code = loader.source_to_code, zipimport._compile_source  # type: ignore[attr-defined]
    loader.source_to_code = lambda self, data, path, **options: kept(
        partial(to_code, self, data, path, **options), data, path
    )
    zipimport._compile_source = lambda path, source: kept(  # type: ignore[attr-defined]
        partial(zip_to_code, path, source), source, path
    )


@cache
def load_service_models_once() -> None:
    """Parse what botocore knows of a service once in a process, not once in a session of it.

    Of SageMaker these are four megabytes; each stack of a test has a session of its own.
    """
    loader: Any = importlib.import_module("botocore.loaders").JSONFileLoader
    loader.load_file = staticmethod(cache(loader().load_file))


def _collapse_pages() -> None:
    """Put the memory of this process in large pages: a fork copies the table of all pages.

    madvise(2): MADV_COLLAPSE, since Linux 6.1. Where there is none, forks take twice the time.
    """
    madvise = ctypes.CDLL(None).madvise
    for line in Path("/proc/self/maps").read_text().splitlines():
        memory = re.fullmatch(r"(\w+)-(\w+) rw-p \S+ 00:00 0 *(\[heap\])?", line)
        if memory:
            begin = -(-int(memory[1], 16) // LARGE_PAGE) * LARGE_PAGE
            end = int(memory[2], 16) // LARGE_PAGE * LARGE_PAGE
            if begin < end:
                madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), MADV_COLLAPSE)

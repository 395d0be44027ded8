"""The vocabulary of the catalog: what one entry says about one resource type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pulumi_simcloud.context import Context
from pulumi_simcloud.failures import Failure
from pulumi_simcloud.state import Row

Inputs = dict[str, Any]
Rule = Callable[[Inputs], Iterable[Failure]]
Output = str | Callable[[Context], Any]


class Existing(Protocol):
    """The cloud as demands see it (`world.World`)."""

    variables: Mapping[str, Any]
    rows: list[Row]
    # Whether everything that is named has to be in this cloud.
    closed: bool
    # Whether nothing was in the account before (`harness.SimCloud`, `account`), and the accounts
    # of services that something made: by an identity of theirs, or by asking for them.
    empty: bool
    agents: frozenset[str]

    def find(self, tokens: Iterable[str], value: Any, by: tuple[str, ...] = ()) -> Row | None:
        """The resource of one of the types that goes by `value`, None if there is none."""
        ...

    def of(self, token: str) -> list[Row]:
        """The resources of one type."""
        ...


Demand = Callable[[Inputs, Existing], Iterable[str]]


@dataclass(frozen=True)
class Name:
    """The property that names the resource.

    `auto` lets the provider choose one (`stem`, resource name, random suffix) when it is left out;
    `prefix` is the property that gives its beginning instead; `uuid` makes it a UUID; `lower` puts
    the name of the resource in lower case; `ending` is a property that is true for names that end
    in a certain way, and that ending.
    """

    property: str = "name"
    longest: int = 255
    auto: bool = True
    prefix: str | None = None
    stem: str = ""
    uuid: bool = False
    lower: bool = False
    ending: tuple[str, str] | None = None


@dataclass(frozen=True)
class Ref:
    """A property whose value must name an existing resource of one of the types `to`.

    `path` may hold `[*]`; `by` limits the outputs it may match (default: the target's handles);
    `allow` is a pattern of values that live outside this cloud (a service's own key, say); `pick`
    a pattern whose first group is the name inside the value; `key` a key of the JSON text at
    `path`, whose values are the names; `later` one that the service doesn't check at creation;
    `own` one of the same project or account, where those of others are not known.
    """

    path: str
    to: tuple[str, ...]
    by: tuple[str, ...] = ()
    allow: str | None = None
    pick: str | None = None
    key: str | None = None
    later: bool = False
    own: bool = False


@dataclass(frozen=True)
class Settle:
    """A delay until a service knows a new resource, in an account that is empty.

    A create or update that names it is refused so many `attempts`, with the service's words in
    `message` (a template that sees the outputs and the id of what is named). Give it only where the
    provider does not itself try again; name the source beside it.

    Attributes:
        path: the property that names it, of one of the types `to`, by its handles or those in `by`.
        find: instead, what finds it in the inputs (in a text, say).
    """

    path: str
    to: tuple[str, ...]
    message: str
    attempts: int = 2
    by: tuple[str, ...] = ()
    find: Callable[[Inputs, Existing], Iterable[Row]] | None = None


@dataclass(frozen=True)
class Api:
    """The request of the service's own model that the inputs amount to.

    `shape` is `service:Operation` (botocore) or `api.version:Schema` (Google discovery); `at` the
    member that holds the inputs; `names` maps properties to dotted members where names differ;
    `but` are properties that the provider does not send as they are.
    """

    shape: str
    names: Mapping[str, str] = field(default_factory=dict)
    at: str = ""
    optional: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One resource type of the simulated cloud.

    Templates such as `arn:{partition}:sns:{region}:{account}:{name}` see the inputs and the
    platform's variables.

    Attributes:
        immutable: every change replaces, but for `mutable` ones; else only `replace` ones do. Of
            properties that the table of relations knows (`constraints.relations`) it decides.
        replace_if: top-level property to a condition on old and new inputs with which a change
            replaces, beside what always does.
        frozen: changes that the provider tries in place and the service refuses.
        rules: what is wrong with inputs on their own; `demands`: what the world lacks for them.
        planned: outputs that a preview of a create knows already; `computed`: those it doesn't;
            `volatile`: computed ones that an update changes too.
        handles: outputs by which others may name the resource.
        unique: what has to be the only one of its kind; `keeps_name`: why it stays taken after
            a delete, unless `revives` says that the inputs ask for it back.
        parent: id of what it lives in. service: the Google API that has to be enabled.
        deferred: properties whose text the service takes without looking names up.
        contents: the store of objects it holds; `force`: the input that allows deleting them.
        object_in: the store that it is an object of; `overwrites`: whether a create writes over
            one of the same name, as S3 and Cloud Storage do.
        resident: whether it goes when what it lives in goes, and keeps that from nothing.
        protected: the input that forbids deletion, with its default.
        settles: what it may name only a while after it was made.
    """

    token: str
    id: Output = "{name}"
    name: Name | None = None
    api: Api | None = None
    immutable: bool = False
    replace: tuple[str, ...] = ()
    mutable: tuple[str, ...] = ()
    replace_if: Mapping[str, Callable[[Inputs, Inputs], bool]] = field(default_factory=dict)
    refs: tuple[Ref, ...] = ()
    rules: tuple[Rule, ...] = ()
    demands: tuple[Demand, ...] = ()
    frozen: tuple[str, ...] = ()
    computed: Mapping[str, Output] = field(default_factory=dict)
    planned: Mapping[str, Output] = field(default_factory=dict)
    volatile: tuple[str, ...] = ()
    handles: tuple[str, ...] = ("id", "arn", "name")
    unique: str | None = None
    parent: str | None = None
    deferred: tuple[str, ...] = ()
    service: str | None = None
    keeps_name: str | None = None
    revives: Callable[[Inputs], bool] | None = None
    contents: str | None = None
    force: str | None = None
    object_in: str | None = None
    overwrites: bool = False
    resident: bool = False
    protected: tuple[str, bool] | None = None
    settles: tuple[Settle, ...] = ()

    @property
    def cloud(self) -> str:
        """`aws`, `azure-native` or `gcp`."""
        return self.token.split(":")[0]

    @property
    def namespace(self) -> str | None:
        """The resource provider of an Azure type, such as `Microsoft.Storage`."""
        if self.cloud != "azure-native" or not isinstance(self.id, str):
            return None
        path = self.id.rpartition("/providers/")[2] if "/providers/" in self.id else ""
        return path.partition("/")[0] or "Microsoft.Resources"

    @property
    def title(self) -> str:
        """The class name, for messages."""
        return self.token.rsplit(":", 1)[1]

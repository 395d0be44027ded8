"""Faults that people make, planted in the text of a module, one at a time.

A slip of a comparison or of its boundary, a sign, a unit's factor, a dropped condition, argument,
entry or line, swapped arguments, another constant, ``and`` for ``or``. Left out is what no test
should look at: annotations, docstrings, the words of errors and logs, and arguments that hold for
people or for the type checker (`UNSEEN_ARGUMENTS`).
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Node = TypeVar("Node", bound=ast.expr)

ORDERS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
# The order of their arguments says nothing, or is seen by the first call.
UNORDERED = {"gcd", "isinstance", "max", "min"}
PAIRS = {"min": "max", "max": "min", "any": "all", "all": "any"}
UNITS = {24, 60, 100, 1000, 1024, 3600, 86400, 1_000_000, 1e9}
# Without a default they hold for people, types or another system than the test's.
UNSEEN_ARGUMENTS = {
    "daemon", "description", "encoding", "exist_ok", "frozen", "help", "kw_only", "metavar",
    "name", "prog", "repr", "slots", "stacklevel", "strict", "thread_name_prefix",
}  # fmt: skip
# What they are called with is for people.
UNSEEN_CALLS = {
    "cast", "critical", "debug", "dataclass", "exception", "getLogger", "info", "namedtuple",
    "print", "warn", "warning", "TypeVar",
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """A fault: bytes `start` to `end` of the file at `path` become `text`."""

    path: str
    scope: str
    line: int
    last_line: int
    start: int
    end: int
    text: str
    change: str
    # In the body of a function: a module that is imported need not be imported anew.
    warm: bool
    repetition: int = 1

    @property
    def identity(self) -> str:
        """What names the fault as long as the code around it stays: no line numbers."""
        suffix = f" #{self.repetition}" if self.repetition > 1 else ""
        return f"{self.path}::{self.scope}: {self.change}{suffix}"

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]


def plant(root: Path, path: str, words: bool = False) -> list[Fault]:
    """All faults of a module, in the order of its text; `words` for those of prose as well."""
    source = (root / path).read_bytes()
    planter = _Planter(path, source, words)
    planter.visit(ast.parse(source))
    count: Counter[str] = Counter()
    faults = []
    for fault in planter.faults:
        count[fault.identity] += 1
        faults.append(Fault(**{**vars(fault), "repetition": count[fault.identity]}))
    return faults


class _Planter(ast.NodeVisitor):
    def __init__(self, path: str, source: bytes, words: bool) -> None:
        self.path = path
        self.words = words
        self.source = source
        self.faults: list[Fault] = []
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._scope: list[str] = []
        self._functions = 0
        self._statement: ast.stmt | None = None
        self._wordless = 0

    # Where and what -----------------------------------------------------------------------------

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def _add(self, node: ast.expr | ast.stmt, new: ast.AST | str, text: str = "") -> None:
        """Take `new` for `node`; `text` shows both if they are too long to."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        before = ast.unparse(node)
        after = new if isinstance(new, str) else ast.unparse(new)
        if before == after:
            return
        start = self._offset(node.lineno, node.col_offset)
        end = self._offset(node.end_lineno, node.end_col_offset)
        replacement = after if isinstance(node, ast.stmt) else f"({after})"
        if not self._compiles(start, end, replacement.encode()):
            return
        statement = self._statement or node
        change = text or f"{_short(before)} => {_short(after)}"
        scope = ".".join(self._scope) or "module"
        self.faults.append(
            Fault(
                self.path,
                scope,
                min(statement.lineno, node.lineno),
                node.end_lineno,
                start,
                end,
                replacement,
                change,
                self._functions > 0,
            )
        )

    def _compiles(self, start: int, end: int, replacement: bytes) -> bool:
        """Whether the module does with a replacement; by its statement alone, if that parses."""
        statement = self._statement
        first = self._starts[statement.lineno - 1] if statement else 0
        if statement and statement.end_lineno and statement.end_col_offset and first <= start:
            last = self._offset(statement.end_lineno, statement.end_col_offset)
            text = self.source[first:start] + replacement + self.source[end:last]
            with suppress(SyntaxError):  # so is `elif`, by itself
                ast.parse(b"if 1:\n" + text if statement.col_offset else text)
                return True
        try:
            compile(self.source[:start] + replacement + self.source[end:], self.path, "exec")
        except SyntaxError:
            return False
        return True

    def _change(self, node: Node, change: Callable[[Node], object], text: str = "") -> None:
        new = copy.deepcopy(node)
        change(new)
        self._add(node, new, text)

    # Statements ---------------------------------------------------------------------------------

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            outer, self._statement = self._statement, node
            super().visit(node)
            self._statement = outer
        else:
            super().visit(node)

    def _body(self, statements: list[ast.stmt]) -> None:
        for index, statement in enumerate(statements):
            if (
                index == 0
                and isinstance(statement, ast.Expr)
                and isinstance(statement.value, ast.Constant)
            ):
                continue  # a docstring
            self.visit(statement)

    def visit_Module(self, node: ast.Module) -> None:
        self._body(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._scope.append(node.name)
        self._body(node.body)
        self._scope.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if outside is not None:
                self._scope.append(node.name)
                self.visit(outside)
                self._scope.pop()
        self._scope.append(node.name)
        self._functions += 1
        self._body(node.body)
        self._functions -= 1
        self._scope.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Import(self, node: ast.Import) -> None:
        pass

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        pass

    def visit_Assert(self, node: ast.Assert) -> None:
        pass

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        if names & {"__all__", "__slots__"}:
            return
        if all(isinstance(target, (ast.Attribute, ast.Subscript)) for target in node.targets):
            self._add(node, "pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._add(node, "pass")
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._add(node, "pass")

    def visit_Raise(self, node: ast.Raise) -> None:
        self._add(node, "pass")
        self._wordless += 1
        self.generic_visit(node)
        self._wordless -= 1

    def visit_Continue(self, node: ast.Continue) -> None:
        self._add(node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        self._add(node, "pass")

    def visit_Expr(self, node: ast.Expr) -> None:
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(value, ast.Call) and _function_name(value) not in UNSEEN_CALLS:
            self._add(node, "pass")
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) in ("TYPE_CHECKING", "__name__ == '__main__'"):
            return
        self._condition(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self._condition(node.test)
        self.generic_visit(node)

    # Expressions --------------------------------------------------------------------------------

    def _condition(self, test: ast.expr) -> None:
        """Turn a condition round that no other fault does."""
        if not isinstance(test, (ast.Compare, ast.BoolOp, ast.Constant)) and not _is_not(test):
            self._add(test, ast.UnaryOp(ast.Not(), test))

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._condition(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self._add(condition, ast.Constant(True))
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for index, operator in enumerate(node.ops):
            for replacement in ORDERS[type(operator)]:
                self._change(node, lambda new, i=index, o=replacement: new.ops.__setitem__(i, o()))
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        opposite = ast.Or if isinstance(node.op, ast.And) else ast.And
        self._change(node, lambda new: setattr(new, "op", opposite()))
        for index in range(len(node.values)):
            operands = node.values[:index] + node.values[index + 1 :]
            self._add(node, operands[0] if len(operands) == 1 else ast.BoolOp(node.op, operands))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, (ast.Not, ast.USub)):
            self._add(node, node.operand)
        if not isinstance(node.operand, ast.Constant):
            self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        replacement = OPERATORS.get(type(node.op))
        if replacement and not (_is_text(node.left) or _is_text(node.right)):
            self._change(node, lambda new: setattr(new, "op", replacement()))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = _function_name(node)
        if function in UNSEEN_CALLS:
            return
        for index, keyword in enumerate(node.keywords):
            if keyword.arg not in UNSEEN_ARGUMENTS and len(node.keywords) + len(node.args) > 1:
                name = keyword.arg or f"**{ast.unparse(keyword.value)}"
                self._change(
                    node,
                    lambda new, i=index: new.keywords.pop(i),
                    f"{_short(ast.unparse(node.func))}(): no {name}",
                )
        plain = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
        if len(plain) == len(node.args) >= 2 and function not in UNORDERED:
            first, second, *more = node.args
            self._change(node, lambda new: setattr(new, "args", [second, first, *more]))
        if function in PAIRS and isinstance(node.func, ast.Name):
            self._change(node, lambda new: setattr(new.func, "id", PAIRS[function]))
        for argument in node.args:
            self.visit(argument)
        for keyword in node.keywords:
            if keyword.arg not in UNSEEN_ARGUMENTS:
                self.visit(keyword.value)
        self.visit(node.func)

    def visit_Dict(self, node: ast.Dict) -> None:
        def drop(index: int) -> Callable[[ast.Dict], None]:
            def change(new: ast.Dict) -> None:
                del new.keys[index], new.values[index]

            return change

        for index, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            entry = f"{ast.unparse(key)}: " if key else "**"
            if len(node.values) > 1:
                text = f"no entry {_short(entry + ast.unparse(value))}"
                self._change(node, drop(index), text)
        self.generic_visit(node)

    def _elements(self, node: ast.List | ast.Set | ast.Tuple) -> None:
        if len(node.elts) > 1:
            for index, element in enumerate(node.elts):
                text = f"no element {_short(ast.unparse(element))}"
                self._change(node, lambda new, i=index: new.elts.pop(i), text)
        self.generic_visit(node)

    def visit_List(self, node: ast.List) -> None:
        if isinstance(node.ctx, ast.Load):
            self._elements(node)

    visit_Set = _elements  # noqa: N815

    def visit_Tuple(self, node: ast.Tuple) -> None:
        if not isinstance(node.ctx, ast.Load):
            return
        if all(isinstance(element, ast.Constant) for element in node.elts):
            self._elements(node)
        else:  # a record: without an element it fits nowhere
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if self.words and not self._wordless:
            for index, part in enumerate(node.values):
                if isinstance(part, ast.Constant) and str(part.value).strip():
                    self._change(
                        node,
                        lambda new, i=index: setattr(new.values[i], "value", "altered"),
                        f"{_short(repr(part.value))} => 'altered'",
                    )

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._add(node, ast.Constant(not value))
        elif isinstance(value, (int, float)):
            for number in _numbers(value):
                self._add(node, ast.Constant(number))
        elif isinstance(value, str) and not self._wordless and (self.words or not _prose(value)):
            self._add(node, ast.Constant(f"{value}x"))


def _numbers(value: int | float) -> Iterator[int | float]:
    if value in UNITS:
        yield type(value)(1)
    elif isinstance(value, int):
        yield value + 1
    else:
        yield value / 2 if value else 1.0


def _function_name(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _prose(text: str) -> bool:
    """Words for people: some spaces, and nothing else than letters and stops."""
    return text.count(" ") >= 2 and not any(sign in text for sign in "=<>{}[]$\\/@|*_")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 90 else f"{text[:60]} ... {text[-25:]}"

"""Which function of models/ calls which, told from what stands in the files: a call is followed by its receiver.

`self`, `cls` and `super()` are the class itself, its bases and what inherits from it; `Name.x` is that class or module; a
bare name stands in the file or is imported; what an annotation, a foreign key or the class it was asked of says the class of
is that class. Of any other receiver nothing is known: then only a name that one function of models/ has, and that no value
of Python or peewee answers to, leads anywhere.
"""

import ast
import copy
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import peewee

from tests import source

MODELS = Path(__file__).parent.parent / "models"
# What strings, collections, files and queries answer to.
ANYBODYS = {
    word
    for kind in (str, bytes, list, dict, set, tuple, object, peewee.Model, peewee.ModelSelect, peewee.Field, peewee.Database)
    for word in dir(kind)
} | {"group", "read", "write", "close", "search", "match", "send"}
# What they do is never the right or the line of who calls them: the chain asks who reads it, a mail has lines of its own.
CLOSED = ("audit/audit_event:AuditEvent", "mail/outbox:Mail")
STRANGE = "not ours"

Function = ast.FunctionDef


@dataclass
class File:
    """One file: the names it imports, its functions, its classes."""

    imports: dict[str, str] = field(default_factory=dict)  # name -> 'room/file' or 'room/file:name'
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)


def place(path: Path) -> str:
    return path.relative_to(MODELS).with_suffix("").as_posix()


@cache
def files() -> dict[str, File]:
    """'room/file' -> what stands in it."""
    there = {place(path): path for path in sorted(MODELS.rglob("*.py"))}
    found = {}
    for where, path in there.items():
        here = found[where] = File()
        for node in _on_top(source.tree(path).body):
            if isinstance(node, ast.Import | ast.ImportFrom) and not (getattr(node, "module", "") or "").startswith("models"):
                here.imports |= {name.asname or name.name: STRANGE for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                home = "/".join(node.module.split(".")[1:])
                for name in node.names:
                    module = f"{home}/{name.name}".strip("/")
                    here.imports[name.asname or name.name] = module if module in there else f"{home}:{name.name}"
            elif isinstance(node, ast.FunctionDef):
                here.functions[node.name] = node
            elif isinstance(node, ast.ClassDef):
                here.classes[node.name] = node
    return found


def _on_top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield from _on_top(node.body) if isinstance(node, ast.If) else [node]


@cache
def functions() -> dict[str, Function]:
    """'room/file:name' or 'room/file:Class.name' -> its tree."""
    found = {}
    for where, here in files().items():
        found |= {f"{where}:{name}": node for name, node in here.functions.items()}
        for kind, body in here.classes.items():
            found |= {f"{where}:{kind}.{node.name}": node for node in body.body if isinstance(node, ast.FunctionDef)}
    return found


def class_called(word: str, where: str) -> str | None:
    """The class ('room/file:Class') that a name means in a file."""
    key = f"{where}:{word}" if word in files()[where].classes else files()[where].imports.get(word, "")
    home, _, name = key.partition(":")
    return key if home in files() and name in files()[home].classes else None


@cache
def family() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The bases of each class, and what inherits from it."""
    bases, heirs = {}, defaultdict(list)
    for where, here in files().items():
        for kind, node in here.classes.items():
            named = [class_called(base.id, where) for base in node.bases if isinstance(base, ast.Name)]
            bases[f"{where}:{kind}"] = [base for base in named if base]
            for base in bases[f"{where}:{kind}"]:
                heirs[base].append(f"{where}:{kind}")
    return bases, heirs


@cache
def lineage(kind: str, downwards: bool = False) -> list[str]:
    """A class and all its bases, the nearest first; `downwards`: and all that inherits from it, with their bases."""
    bases, heirs = family()
    found, todo = [], [kind]
    while todo:
        one = todo.pop(0)
        if one not in found:
            found.append(one)
            todo += bases[one] + (heirs[one] if downwards else [])
    return found


@cache
def method(kind: str, name: str, downwards: bool = False) -> list[str]:
    """The function that a class answers to a name with: as a list of one, or of none."""
    for one in lineage(kind, downwards):
        if f"{one}.{name}" in functions():
            return [f"{one}.{name}"]
    return []


@cache
def alone() -> dict[str, str]:
    """The names that one function of models/ has, and nothing else."""
    found = defaultdict(list)
    for key in functions():
        found[re.split(r"[:.]", key)[-1]].append(key)
    return {name: keys[0] for name, keys in found.items() if len(keys) == 1 and name not in ANYBODYS}


@cache
def keys_of(kind: str) -> dict[str, str]:
    """The foreign keys of a class and its bases -> the class they point to."""
    found = {}
    for one in lineage(kind):
        where, _, name = one.partition(":")
        for node in files()[where].classes[name].body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value.args:
                to = node.value.args[0]
                word = getattr(to, "id", None) or (to.value if isinstance(to, ast.Constant) else None)
                if getattr(node.value.func, "id", "") == "ForeignKeyField" and word:
                    found.setdefault(node.targets[0].id, one if word == "self" else class_called(word, where))
    return {name: to for name, to in found.items() if to}


def known(node: Function, where: str, kind: str | None) -> dict[str, str]:
    """The names within a function whose class is known -> that class."""
    found = {"self": kind, "cls": kind} if kind else {}
    given = node.args
    for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs):
        for word in re.findall(r"\b[A-Z]\w+", ast.unparse(argument.annotation)) if argument.annotation else ():
            if to := class_called(word, where):
                found.setdefault(argument.arg, to)
    for part in ast.walk(node):
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.NamedExpr(target=ast.Name(id=name), value=value):
                if to := class_of(value, found, where, kind):
                    found.setdefault(name, to)
    return found


def class_of(node: ast.expr, names: dict[str, str], where: str, kind: str | None) -> str | None:
    """The class that an expression is, or is a row of, when that is known."""
    match node:
        case ast.Name(id=word):
            return names.get(word) or class_called(word, where)
        case ast.Attribute(value=of, attr=word):
            owner = class_of(of, names, where, kind)
            return keys_of(owner).get(word) if owner else None
        case ast.BoolOp(values=values):
            return next(filter(None, (class_of(value, names, where, kind) for value in values)), None)
        case ast.Call(func=called):
            if told := [to for key in leads_to(node, names, where, kind) if (to := _returned(key))]:
                return told[0]
            if isinstance(called, ast.Name):
                return class_called(called.id, where)
            # `Name.held()` that does not say what it returns, `cls.create()`, `Name.get_by_id()`.
            word = called.value.id if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) else ""
            return kind if word == "cls" else None if word in names else class_called(word, where)
    return None


@cache
def _returned(key: str) -> str | None:
    """The class that a function says it returns a row of."""
    said = functions()[key].returns
    words = re.findall(r"\b[A-Z]\w+", ast.unparse(said)) if said else []
    return next(filter(None, (class_called(word, key.partition(":")[0]) for word in words)), None)


def leads_to(call: ast.Call, names: dict[str, str], where: str, kind: str | None) -> list[str]:
    """The functions of models/ that a call means."""
    called, here = call.func, files()[where]
    if isinstance(called, ast.Name):
        if called.id in here.functions:
            return [f"{where}:{called.id}"]
        return [key] if (key := here.imports.get(called.id, "")) in functions() else []
    if not isinstance(called, ast.Attribute):
        return []
    of = called.value
    if isinstance(of, ast.Call) and getattr(of.func, "id", "") == "super":
        return [key for base in family()[0].get(kind, []) for key in method(base, called.attr)][:1]
    module = here.imports.get(of.id, "") if isinstance(of, ast.Name) and of.id not in names else ""
    if module == STRANGE or module in files():
        return [key] if (key := f"{module}:{called.attr}") in functions() else []
    if to := class_of(of, names, where, kind):
        return method(to, called.attr, downwards=isinstance(of, ast.Name) and of.id in ("self", "cls"))
    return [alone()[called.attr]] if called.attr in alone() else []


def calls(key: str, node: Function | None = None) -> Iterator[tuple[ast.Call, list[str]]]:
    """Each call in a function, or in what is made of it (`node`), with the functions of models/ that it means."""
    where, _, name = key.partition(":")
    kind = f"{where}:{name.split('.')[0]}" if "." in name else None
    node = node or functions()[key]
    names = known(node, where, kind)
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            yield call, leads_to(call, names, where, kind)


@cache
def _edges(key: str) -> frozenset[str]:
    return frozenset(to for _, found in calls(key) for to in found)


def led_to(key: str, instead: Function | None = None) -> set[str]:
    """All that a function calls, itself and by way of others; `instead` is read in place of its own tree."""
    of = {key: frozenset(to for _, found in calls(key, instead) for to in found)} if instead else {}
    todo, seen = [key], set()
    while todo:
        one = todo.pop()
        edges = of[one] if one in of else _edges(one)
        todo += [to for to in edges - seen if key.startswith(CLOSED) or not to.startswith(CLOSED)]
        seen |= edges
    return seen


def without(key: str, wanted: set[str], named: str = "$^") -> Function | None:
    """A function whose own calls of `wanted`, and of what is called like `named`, were taken out; None when it has none."""

    def gone(call: ast.Call, found: list[str]) -> bool:
        return bool(wanted & set(found) or re.match(named, getattr(call.func, "attr", getattr(call.func, "id", ""))))

    twin = copy.deepcopy(functions()[key])
    taken = [call for call, found in calls(key, twin) if gone(call, found)]
    return _Without(taken).visit(twin) if taken else None


class _Without(ast.NodeTransformer):
    def __init__(self, taken: list[ast.Call]):
        self.taken = set(map(id, taken))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return ast.Constant(None) if id(node) in self.taken else self.generic_visit(node)

"""What a mutant changes: cosmic-ray's operators, and three for a style of in-place operations."""

from collections.abc import Iterator
from dataclasses import dataclass

import parso
from cosmic_ray import plugins
from cosmic_ray.ast import Visitor, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

# Shifts and bits are a TypeError on floats, whatever the tests; so is `|` of two annotations.
TRIVIAL = ("Shift", "Bit", "Invert", "VariableReplacer", "VariableInserter")

AUGMENTED = {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "&=": "|="}
NAMES = {"minimum": "maximum", "maximum": "minimum", "min": "max", "max": "min", "any": "all"}
NAMES |= {"all": "any", "multiply": "divide", "add": "subtract", "subtract": "add"}
NAMES |= {"ones": "zeros", "zeros": "ones", "zeros_like": "ones_like", "ones_like": "zeros_like"}


class SwapAugmented(Operator):
    """Turns ``x += y`` into ``x -= y``, and ``x *= y`` into ``x /= y``."""

    def mutation_positions(self, node):
        if node.type == "operator" and node.value in AUGMENTED:
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        node.value = AUGMENTED[node.value]
        return node

    @classmethod
    def examples(cls):
        return ()


class SwapName(Operator):
    """Turns ``np.minimum`` into ``np.maximum``, and other functions into their opposites."""

    def mutation_positions(self, node):
        if node.type == "name" and node.value in NAMES and _is_called(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        node.value = NAMES[node.value]
        return node

    @classmethod
    def examples(cls):
        return ()


class RemoveStatement(Operator):
    """Leaves out a call, an assignment to a part or an augmented one."""

    def mutation_positions(self, node):
        if node.type == "simple_stmt" and _is_removable(node.children[0]):
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        statement = node.children[0]
        node.children[0] = parso.parse(statement.get_first_leaf().prefix + "pass").children[0]
        return node

    @classmethod
    def examples(cls):
        return ()


def _is_called(name):
    last = name.parent if name.parent.type == "trailer" else name
    after = last.get_next_sibling()
    return after is not None and after.type == "trailer" and after.children[0].value == "("


def _is_removable(statement):
    if statement.type != "expr_stmt":
        return statement.type == "atom_expr"
    target, operator = statement.children[0], statement.children[1]
    return operator.type == "operator" and (operator.value != "=" or target.type == "atom_expr")


OPERATORS = {
    **{
        name.removeprefix("core/"): plugins.get_operator(name)()
        for name in plugins.operator_names()
        if not any(part in name for part in TRIVIAL)
    },
    "SwapAugmented": SwapAugmented(),
    "SwapName": SwapName(),
    "RemoveStatement": RemoveStatement(),
}


@dataclass(frozen=True)
class Mutant:
    """One change of one file; the `occurrence`-th place where its operator finds one."""

    path: str
    operator: str
    occurrence: int
    line: int

    def source(self) -> str | None:
        """Return the changed file, or None where Python would refuse it."""
        with open(self.path) as file:
            mutated = mutate_code(file.read(), OPERATORS[self.operator], self.occurrence)
        try:
            compile(mutated, self.path, "exec")
        except SyntaxError:
            return None
        return mutated

    def lines(self) -> tuple[str, str]:
        """Return what the changed lines were, and what they are now."""
        with open(self.path) as file:
            old, new = file.read().splitlines(), self.source().splitlines()
        first = next(i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
        # From the end: a number may be replaced in a line that its statement shares with others.
        last = next(i for i, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b)
        return (
            " ".join(line.strip() for line in old[first : len(old) - last]),
            " ".join(line.strip() for line in new[first : len(new) - last]),
        )


class _Places(Visitor):
    """Collects the mutants of a file, by the place that they change."""

    def __init__(self, path: str):
        self._path = path
        self._seen = dict.fromkeys(OPERATORS, 0)
        self.mutants: dict[tuple, list[Mutant]] = {}

    def visit(self, node):
        for name, operator in OPERATORS.items():
            for start, end in operator.mutation_positions(node):
                mutant = Mutant(self._path, name, self._seen[name], start[0])
                self._seen[name] += 1
                if not _only_declares(node):
                    self.mutants.setdefault((start, end), []).append(mutant)
        return node


def _only_declares(node):
    """Whether a change here is the type checker's to see, or lifts a check that never fails.

    Abstract methods, frozen classes, marks between arguments, and the equal lengths in ``zip``.
    """
    if node.type == "decorator":
        return "abstractmethod" in node.get_code()
    if node.parent is None:
        return False
    named = node.parent.children[0] if node.parent.type == "argument" else None
    return node.parent.type == "parameters" or getattr(named, "value", None) in ("frozen", "strict")


def places(path: str) -> Iterator[list[Mutant]]:
    """Yield the places of a file that can be changed, each with its mutants."""
    with open(path) as file:
        visitor = _Places(path)
        visitor.walk(get_ast(file.read()))
    yield from visitor.mutants.values()

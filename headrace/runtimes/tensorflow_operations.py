"""What a SavedModel may be made of: operations that compute, and nothing that reaches outside.

A graph is a program. Its operations can read and write files, open sockets and call back into
Python, and TensorFlow runs some of them while it loads. So a list says what is allowed, and an
operation that is not on it is refused, whatever a later TensorFlow adds.

Only a graph's saver may read a checkpoint, and only the part of it that saves, which nobody runs
here, may write one.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headrace.runtimes.tensorflow_allowed import ALLOWED

RESTORING = ALLOWED | {"RestoreV2"}
SAVING = RESTORING | {"MergeV2Checkpoints", "SaveV2", "ShardedFilename"}


def refused_operations(saved_model: Any) -> list[str]:
    """Return the operations of a SavedModel that are not allowed where they stand, sorted.

    Args:
        saved_model: The parsed `saved_model.pb`.
    """
    return sorted({name for graph in saved_model.meta_graphs for name in _refused(graph)})


def _refused(graph: Any) -> Iterator[str]:
    """Check what serves or loads, then what restores, then what is left for saving alone.

    What is reached in more than one way is held to the strictest of them.
    """
    nodes = {node.name: node for node in graph.graph_def.node}
    functions = {function.signature.name: function for function in graph.graph_def.library.function}
    saver = graph.saver_def
    restoring = _reach(nodes, functions, [_node(saver.restore_op_name)])
    saving = _reach(nodes, functions, [_node(saver.save_tensor_name)])
    serving = _reach(nodes, functions, _roots(graph, nodes, functions, restoring | saving))
    for part, allowed in (
        (serving, ALLOWED),
        (restoring - serving, RESTORING),
        (saving - serving - restoring, SAVING),
    ):
        yield from (operation for _, operation in part if operation not in allowed)


Step = tuple[str, str]
"""A node by its name (that of its function before it), and its operation."""


def _roots(
    graph: Any, nodes: Mapping[str, Any], functions: Mapping[str, Any], savers: set[Step]
) -> Iterator[str]:
    """Name all that may be run for another reason than to save or restore."""
    of_savers = {name for name, _ in savers}
    yield from (name for name in nodes if name not in of_savers)
    yield from (
        function
        for function in functions
        if not any(name.startswith(f"{function}/") for name in of_savers)
    )
    yield from graph.object_graph_def.concrete_functions
    for signature in graph.signature_def.values():
        yield from (_node(tensor.name) for tensor in signature.outputs.values())
    for collection in graph.collection_def.values():
        yield from map(_node, collection.node_list.value)


def _reach(
    nodes: Mapping[str, Any], functions: Mapping[str, Any], roots: Iterable[str]
) -> set[Step]:
    """Follow inputs and calls from nodes or functions, by name, to all that they need."""
    found: set[Step] = set()
    pending = list(roots)
    seen = set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in nodes:
            node = nodes[name]
            found.add((name, node.op))
            pending += [*map(_node, node.input), *_called(node)]
        if name in functions:
            for node in functions[name].node_def:
                found.add((f"{name}/{node.name}", node.op))
                pending += _called(node)
    return found


def _called(node: Any) -> Iterator[str]:
    for value in node.attr.values():
        if value.func.name:
            yield value.func.name
        yield from (function.name for function in value.list.func)


def _node(tensor: str) -> str:
    return tensor.removeprefix("^").partition(":")[0]

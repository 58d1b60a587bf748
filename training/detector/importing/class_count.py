"""How many classes a TFLite detector tells apart, as its own postprocessing says."""

from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers  # type: ignore[import-untyped]

from training.detector.importing.imported import ContractError

POSTPROCESS = "TFLite_Detection_PostProcess"


def class_count(model: bytes) -> int:
    """Return the number of classes of a graph that ends in its postprocessing.

    Args:
        model: The content of a TFLite file that LiteRT has loaded.

    Raises:
        ContractError: It has no such operation, or one that does not say so.
    """
    root = schema.Model.GetRootAsModel(model, 0)
    graph = root.Subgraphs(0)
    for place in range(graph.OperatorsLength()):
        operator = graph.Operators(place)
        if root.OperatorCodes(operator.OpcodeIndex()).CustomCode() == POSTPROCESS.encode():
            options = flexbuffers.Loads(operator.CustomOptionsAsNumpy().tobytes())
            count = options.get("num_classes") if isinstance(options, dict) else None
            if isinstance(count, int) and count > 0:
                return count
    raise ContractError(f"no {POSTPROCESS} that says how many classes there are")

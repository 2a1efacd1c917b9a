"""Reads the parameters of an ONNX graph that PyTorch's exporter wrote, under the names that the model gave them.

The exporter keeps names of biases, norms and embeddings. The weight of a linear layer it stores transposed, under a
number; the name is in the path of the node that multiplies by it. Values that are equal it stores once.
"""
import onnx
import torch
from onnx import numpy_helper


def read(content):
    """The graph in a file's bytes."""
    return onnx.load_from_string(content)


def parameters(model):
    """Name to tensor, numbers unchanged; parameters stored once have each of their names."""
    stored = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in model.graph.initializer}
    found = {name: value for name, value in stored.items() if not name.startswith("onnx::")}
    for node in model.graph.node:
        if node.op_type == "Identity" and node.input[0] in stored:
            found[node.output[0]] = stored[node.input[0]].clone()
        if node.op_type == "MatMul" and node.input[1] in stored:
            path = node.name.strip("/").removesuffix("/MatMul").replace("/", ".")
            found[path + ".weight"] = stored[node.input[1]].T.contiguous()
    return found, {name: value for name, value in stored.items() if name.startswith("onnx::")}


def run(model, inputs, name):
    """A value inside the graph, computed by onnxruntime."""
    import onnxruntime

    if name not in [output.name for output in model.graph.output]:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return torch.from_numpy(session.run([name], {key: value.numpy() for key, value in inputs.items()})[0])

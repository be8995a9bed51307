"""Models as ONNX or OpenVINO graphs that run without PyTorch: made, checked, and only then put in place."""

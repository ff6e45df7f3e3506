"""One script for each model: data -> fit -> ONNX and card, everything tracked in MLflow."""

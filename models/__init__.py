"""Code that answers, and the artifacts it answers with: one folder a model. numpy and onnxruntime only."""

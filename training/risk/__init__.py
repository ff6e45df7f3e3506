"""From a table to a glass-box risk model: learners, one table a term, calibration, ONNX, parity."""

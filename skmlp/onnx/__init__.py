"""Conversion to ONNX: what skl2onnx has to know about skmlp's estimators."""

from skmlp.onnx._converters import register

__all__ = ["register"]

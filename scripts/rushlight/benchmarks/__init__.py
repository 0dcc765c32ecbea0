"""Measures: networks and ops against libtorch, kernels against each other, the edit loop."""

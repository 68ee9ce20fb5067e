"""Figures of speed, each against the bare engine in the same run on the same machine: `banyan bench` (docs/benchmarks.md)."""

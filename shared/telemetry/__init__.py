"""Structured logs, traces and metrics: everyone above the kernel may log and count."""

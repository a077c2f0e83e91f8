"""Tiphys runs Argo Workflows and Argo Events without Kubernetes, and lets AI agents act safely around them."""

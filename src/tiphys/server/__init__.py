"""The HTTP edge: Argo Server's paths and shapes under `/api/v1`, ours under `/tiphys/v1`."""

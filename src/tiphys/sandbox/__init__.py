"""The practice cluster: the part of the Kubernetes API that our steps use, with real processes as pods."""

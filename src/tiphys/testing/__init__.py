"""Shipped fakes and the harness for users' own manifests; the fakes pass the same contract suites as the real parts."""

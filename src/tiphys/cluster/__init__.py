"""What talks to a Kubernetes API: a small typed client, read-only resolvers, the step programs of the catalog."""

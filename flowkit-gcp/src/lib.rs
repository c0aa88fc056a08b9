//! Google Cloud and Kubernetes adapters for flowkit.

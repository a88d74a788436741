"""The use cases: one file per feature; one method is one transaction. Rights are checked here, on every call."""

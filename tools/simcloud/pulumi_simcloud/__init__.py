"""A cloud behind the real Pulumi engine: one provider server for aws, azure-native and gcp."""

"""The Pulumi components: a folder per capability, a module per target."""

"""From a build to a running stage in an AWS account, and back. docs/deploy.md walks through it."""

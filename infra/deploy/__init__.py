"""From a build to a running stage in an AWS account, and back, one deployer at a time. docs/deploy.md walks through it."""

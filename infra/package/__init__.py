"""From the source tree to what CloudFormation is given: one zip, one template, a manifest. See docs/packaging.md."""

"""From the source tree to what CloudFormation is given: one zip, one template, a manifest.

See docs/decisions/0030-plain-cloudformation-from-a-build.md.
"""

"""What each packaged function can reach in AWS, read from the code and never run. See docs/permissions.md.

`program` is the code as data, `inference` says of what class an expression is, `edges` what a function names, `uses`
what it asks of AWS, `closure` puts them together, and `grants` makes IAM statements of the result.
"""

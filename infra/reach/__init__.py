"""What each packaged function can reach in AWS, read from the code and never run. See docs/permissions.md.

`program` is the code as data, `kinds`, `scopes` and `inference` say of what class an expression is, `edges` what a
function names, `uses` what it asks of AWS; `closure` puts them together, `grants` makes IAM statements of the result,
`iam` and `never` judge them.
"""

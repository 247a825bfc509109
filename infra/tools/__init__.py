"""Tools that read the code and write the documents that must follow it. `make docs` runs them all."""

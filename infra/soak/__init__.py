"""A long run: customers trade, calls fail, processes are killed; then the books are proven."""

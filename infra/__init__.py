"""What stands around the shop: its resources, its local run, its tools. Never shipped to Lambda."""

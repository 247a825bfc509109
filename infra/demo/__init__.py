"""`make demo`: a customer's walk through the running shop, request by request, with what each one cost."""

"""The OpenAPI 3.1 document, made from the operations: it says what the front door does."""

from chalicelib.http.openapi.document import BASE_PATH, Undocumented, document

__all__ = ["BASE_PATH", "Undocumented", "document"]

"""`/api/v1`: what programs read and do with a token, and its OpenAPI description."""

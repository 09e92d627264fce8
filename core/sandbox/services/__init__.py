"""The outside services the sandbox plays."""

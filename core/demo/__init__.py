"""The sample world and its history: what the sandbox is loaded with."""

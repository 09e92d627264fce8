"""The couriers that the sandbox plays: read only, with the shapes of their real answers."""

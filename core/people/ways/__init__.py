"""Ways to sign in beside the password: passkeys, another service's word, badges."""

"""Signing in and out: pages of ours outside Streamlit, and the one cookie."""

"""Emitted networks against independent implementations."""

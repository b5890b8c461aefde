"""Renderers. ``base`` is the protocol; one module per engine."""

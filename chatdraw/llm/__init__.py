"""Language-model engines. ``base`` is the protocol; one module per engine."""

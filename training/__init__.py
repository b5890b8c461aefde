"""How the bundled models are made. Never imported by ``chatdraw``."""

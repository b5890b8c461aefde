"""How good the bundled models are, measured: ``python -m evals COMMAND``.

Imports ``chatdraw`` and the storybook world, never a trainer; nothing imports ``evals``, except the trainer of its
own measuring tool.
"""

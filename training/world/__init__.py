"""The storybook world: pictures we draw ourselves, with captions whose truth is known."""

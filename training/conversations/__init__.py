"""Simulated conversations: what people may say while a picture grows, and the plan that answers each message.

``phrases/`` holds the wording as data, in the grammar of ``grammar.py``; ``wishes.py`` and ``newcomers.py`` say what
it means; ``simulator.py`` puts conversations together, ``noise.py`` makes them look typed, ``examples.py`` renders them
as chats.
"""

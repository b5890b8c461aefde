"""How a turn is taken, stage by stage; :mod:`chatdraw.conversation` puts the stages in their order."""

"""The sample company, which plays by itself: real mail in, the engine and the agents at work, real mail out."""

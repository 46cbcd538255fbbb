"""The demo: what lifeworld is for, from a sentence and from real recordings to dreams, plans and a report, step by step."""

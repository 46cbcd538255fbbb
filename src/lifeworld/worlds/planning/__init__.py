"""Planning: find what to do by trying it in a world's `rollout`, be it physics, a dream or embeddings that are never drawn."""

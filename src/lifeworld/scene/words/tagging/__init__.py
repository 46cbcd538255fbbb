"""Words of a text become tags: what each does in its sentence."""

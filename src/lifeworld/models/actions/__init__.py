"""Latent actions: inferred from pictures, as codes or numbers, and made of true ones."""

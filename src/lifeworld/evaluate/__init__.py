"""What a model is worth: one page on which every number stands beside its floor, with its interval, seeds and hashes.

Nothing here loads PyTorch: a model is a `Subject`, arrays in and arrays out, and so anyone's can be judged.
"""

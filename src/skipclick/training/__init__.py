"""Training: what the network learns from and how it is judged while it learns."""

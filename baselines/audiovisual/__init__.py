"""Sound and picture without a net: chance, and canonical correlation of simple statistics."""

"""Look-alikes of published corpora, a module each: `make(data)` writes the published layout."""

"""A static site of all boards: pages that work from a file, without a server or a request."""

from mirbench.site.build import build_site

__all__ = ["build_site"]

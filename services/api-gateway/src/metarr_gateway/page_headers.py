"""What a page may do in a browser: nothing but talk to this server. Pure."""

from collections.abc import Mapping


def page_headers(nonce: str | None = None) -> Mapping[str, str]:
    """Headers of a page beside those of every answer; with a nonce it may add styles that have it."""
    styles = "'self'" if nonce is None else f"'self' 'nonce-{nonce}'"
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src {styles}",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return {"Content-Security-Policy": "; ".join(policy)}

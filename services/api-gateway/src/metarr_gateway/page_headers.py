"""What a page may do in a browser: nothing but talk to this server. Pure."""

from collections.abc import Mapping

NO_SNIFF: Mapping[str, str] = {"X-Content-Type-Options": "nosniff"}


def page_headers(styles: str) -> Mapping[str, str]:
    """Headers of a page; `styles` is the source of styles that it has apart from this server's own files."""
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {styles}",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return {
        **NO_SNIFF,
        "Content-Security-Policy": "; ".join(policy),
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

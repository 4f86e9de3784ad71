"""What browsers are told that a page may do."""

from metarr_gateway.page_headers import page_headers

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-abc'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def test_a_page_talks_to_this_server_alone() -> None:
    """The policy word for word, and the headers beside it."""
    assert page_headers("'nonce-abc'") == {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

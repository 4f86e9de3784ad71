"""TMDB, OMDb and fanart.tv: pure requests and parsers, one thin HTTP client."""

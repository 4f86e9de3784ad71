"""Plans the nightly run: says when it is due. A provider that is out of quota waits for that moment."""

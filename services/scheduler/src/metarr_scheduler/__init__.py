"""Says when the nightly run is due and starts it then. A provider that is out of quota waits for that moment."""

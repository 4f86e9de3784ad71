"""The gateway translates HTTP and WebSocket to the bus and back. It decides nothing and keeps nothing that matters."""

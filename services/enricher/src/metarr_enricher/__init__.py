"""The write side: consumes commands, asks providers, decides, appends events; answers the library commands."""

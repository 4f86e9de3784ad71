"""The words that Metarr's services speak with each other and with the world.

Nothing here does IO. `registry` lists every message on the bus, `subjects` and `streams` where they travel, `http` and
`websocket` what leaves the system.
"""

"""What every Metarr service needs to run: settings, logs, the bus, the event store, shared rates, health, the clock."""

"""The whole of Metarr on one machine: embedded servers, the services as processes, the `metarr` command."""

"""The provider sandbox: a local server that speaks the real APIs of TMDB, OMDb and fanart.tv and draws pictures."""

from metarr_sandbox.app import create_app
from metarr_sandbox.catalog import demo_library
from metarr_sandbox.fanart import KEY as FANART_KEY
from metarr_sandbox.fanart import PERSONAL_KEY as FANART_PERSONAL_KEY
from metarr_sandbox.omdb import KEY as OMDB_KEY
from metarr_sandbox.tmdb import KEY as TMDB_KEY

__all__ = ["FANART_KEY", "FANART_PERSONAL_KEY", "OMDB_KEY", "TMDB_KEY", "create_app", "demo_library"]

"""The projector folds METARR_EVENTS into Postgres read models and answers questions about them.

`bootstrap` wires it. `decoding`, `fold*`, `patches*`, `staging*`, `runs`, `estimate`, `notes`, `listing`, `history` and
`views*` are pure; `feed` reads the stream, `writer` alone writes rows, `projection` and `rebuild` move the checkpoint,
`queries` answers.
"""

"""The desktop annotator, in Qt; nothing outside this package imports Qt.

Its parts know nothing of one another and meet in the window, through signals:

- `canvas` shows an image with masks and clicks, zooms and pans;
- `tools` turn the pointer's moves into requests in image pixels;
- `worker` runs the model in threads of its own;
- `work` holds the project, `clicking` and `editing` change it, `display` keeps the canvas in step with it;
- `files` opens and saves, `transfer` exports and imports, `leaving` sees that nothing is lost;
- `actions` is the table of everything that can be done, `program` starts the whole.

`viewport`, `pyramid`, `layers`, `tiles`, `agenda`, `answering`, `bytecache`, `drafts`, `focus`, `places`,
`screen` and `snapshot` need no Qt.
"""

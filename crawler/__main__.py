"""`python -m crawler FOLDER`: the crawl in a process of its own, see crawler/run.py."""

import sys

from crawler.run import main

sys.exit(main())

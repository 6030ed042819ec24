"""`python -m tests.faults [F-12 …]`: the campaign."""

import sys

from tests.faults.campaign import main

sys.exit(main(sys.argv[1:]))

"""The step m037: the occasion of a request, and whether it was taxable, as the settings said when it was made.

An occasion is one of a company's list, and may still tell of a person: retention removes it.
"""

from typing import Final

# requests.occasion: its name; empty where nobody was asked. requests.taxable: NULL where the settings don't say.
# workflow_runs.occasion: as the workflow gave it, empty once the run has an answer.
M037: Final = """
ALTER TABLE requests ADD COLUMN occasion TEXT NOT NULL DEFAULT '';;
ALTER TABLE requests ADD COLUMN taxable INTEGER CHECK (taxable IN (0, 1));;
ALTER TABLE workflow_runs ADD COLUMN occasion TEXT NOT NULL DEFAULT ''
"""

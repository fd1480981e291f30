"""The source form of every report, as types: what `--format json` prints and what text and markdown render.

`scripts/generate-schemas` makes the JSON Schemas in `report/schema/` from them: the docstring of a class or a key is
its description there. Objects hold the keys of their class and no others. Nothing here needs pydantic at run time.

The version stands here because a report is built without reading the types: that costs some milliseconds.
"""

from typing import Final

FORMAT_VERSION: Final = "1.0"

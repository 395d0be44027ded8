"""Former name of `components.targets.gcp.dynamic`, which states of earlier versions hold.

The engine deletes a dynamic resource by the module that its state names.
"""

import sys

from components.targets.gcp import dynamic

sys.modules[__name__] = dynamic

"""Former name of `components.targets.local.dynamic`, which states of earlier versions hold.

The engine deletes a dynamic resource by the module that its state names.
"""

import sys

from components.targets.local import dynamic

sys.modules[__name__] = dynamic

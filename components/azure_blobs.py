"""Former name of `components.targets.azure.dynamic`, which states of earlier versions hold.

The engine deletes a dynamic resource by the module that its state names.
"""

import sys

from components.targets.azure import dynamic

sys.modules[__name__] = dynamic

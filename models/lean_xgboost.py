"""XGBoost without its scikit-learn wrapper.

Where scikit-learn is installed, `import xgboost` loads all of it for that wrapper, which makes a
cold start four times as long. Here it is not seen during the import, unless loaded before.
"""

import sys

_hidden = "sklearn" not in sys.modules and "xgboost" not in sys.modules
if _hidden:
    sys.modules["sklearn"] = None  # type: ignore[assignment]  # makes its import fail
try:
    from xgboost import Booster, DMatrix
    from xgboost.core import XGBoostError
finally:
    if _hidden:
        del sys.modules["sklearn"]

__all__ = ["Booster", "DMatrix", "XGBoostError"]

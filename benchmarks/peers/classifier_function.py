"""The usual XGBoost function: everything loaded when the module is imported."""

import os

from classifier import load_handler

handler = load_handler(os.environ["MODEL"])

"""What runs a model's bytes: one file for each runtime, all under the contract of `base`.

    base         the contract; which runtime takes which file; opening one
    xgboost      boosted trees, as UBJSON or JSON
    onnx         ONNX files: networks, and whatever skl2onnx converts
    litert       TFLite files
    tensorflow   SavedModels, only if asked for by name

Each is an optional package, imported when a version is opened that needs it.
"""

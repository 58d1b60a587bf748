"""What runs a model's bytes: one file for each runtime, all under the contract of `base`.

    names        the runtimes by name, and which of them takes a file
    base         the contract, and how one is opened
    files        the files of a version that a runtime takes
    exercise     a run on made-up inputs, for what crashes
    xgboost      boosted trees, as UBJSON or JSON
    onnx         ONNX files: networks, and whatever skl2onnx converts
    litert       TFLite files
    tensorflow   SavedModels, only if asked for by name

Each is an optional package, imported when a version is opened that needs it.
"""

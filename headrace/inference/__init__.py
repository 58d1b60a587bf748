"""A published model answers rows: what stands between a record's JSON and a runtime's tensors.

    schema      the version's input schema (JSON Schema) becomes a type that reads rows
                (schema_types: of one value)
    columns     which part of a row becomes which input of the graph; the schema a graph implies
    packing     many rows become one set of tensors
    answers     tensors become one answer for each row
    golden      samples that a loaded version must answer as recorded
    spec        what a version says about itself, so that it can be loaded without other code
    model       all of it together
    publishing  files become a version (files: which of them; examining: what they turn out to do)

`headrace.model_worker` makes a worker of it.
"""

"""An SSD of our own: scenes, network, training, evaluation and export, one file per job."""

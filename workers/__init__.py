"""The application: four workers, each one screenful, each exporting `handler`."""

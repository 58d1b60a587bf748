"""What every adapter of our runner needs: settings of a requirement, and failure records."""

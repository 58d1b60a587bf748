"""The page at `/`, in plain files without a build step, and what it asks about models."""

"""The page for people: a few plain files, without a build step."""

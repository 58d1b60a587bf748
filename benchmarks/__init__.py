"""Each benchmark measures us beside what a user would pick instead, in one run."""

"""The images, built once a session from the Dockerfiles."""

from tests.support.containers import images, models, podman, training_image

__all__ = ["images", "models", "podman", "training_image"]

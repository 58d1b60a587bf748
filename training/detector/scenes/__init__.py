"""Made pictures: handwritten digits over photographs."""

"""What a worker declares as its input: `class Orders(Worker[Order])`, and `record.data` is it."""

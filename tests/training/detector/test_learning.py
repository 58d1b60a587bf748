import numpy as np
import pytest

from tests.support.lazily import Lazily
from training.detector.progress import TrainingProgress

composed = Lazily("training.detector.scenes.scenes")

keras = Lazily("keras")
tiny_detector = Lazily("tests.support.models.tiny_detector")
feed = Lazily("training.detector.feed")
learning = Lazily("training.detector.learner")
matching = Lazily("training.detector.network.matching")


@pytest.fixture(scope="module")
def scenes():
    return composed.Scenes(64, 0, 4)


def test_a_step_is_fed_its_own_part_of_the_stream(scenes):
    (images, boxes, labels), *rest = feed.batches(scenes, batch=3, start=4, steps=6, size=64)
    assert len(rest) == 1
    for place in range(3):
        example = scenes.training(4 * 3 + place)
        count = len(example.labels)
        assert np.array_equal(images[place], example.image)
        assert np.array_equal(boxes[place, :count], example.boxes)
        assert labels[place].numpy().tolist() == [
            *example.labels.tolist(),
            *[matching.PADDING] * (scenes.max_objects - count),
        ]


@pytest.mark.slow
def test_what_is_seen_again_and_again_is_learned(scenes):
    (batch,) = feed.batches(scenes, batch=2, start=0, steps=1, size=64)
    learner = learning.Learner(tiny_detector.recipe(steps=60, peak_rate=0.01), 10, 0)
    losses = [sum(map(float, learner.step(*batch))) for _ in range(60)]
    assert np.mean(losses[-5:]) < 0.6 * np.mean(losses[:5])


def test_gains_and_biases_do_not_decay():
    learner = learning.Learner(tiny_detector.recipe(), 10, 0)
    decayed = {
        variable.path.rsplit("/", 1)[-1]
        for variable in learner.model.trainable_variables
        if learner.optimizer._use_weight_decay(variable)
    }
    assert decayed == {"kernel"}
    assert isinstance(learner.optimizer, keras.optimizers.AdamW)


def test_where_no_terminal_is_progress_is_plain_lines(capsys):
    with TrainingProgress(steps=4, done=0) as progress:
        progress.step(2, "class loss 0.500")  # too soon after the start for a line
        progress.say("step 2  mAP@.5 0.100")
        progress.step(4, "class loss 0.250")
    assert capsys.readouterr().err.splitlines() == [
        "step 2  mAP@.5 0.100",
        "step 4/4  class loss 0.250",
    ]

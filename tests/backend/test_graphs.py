"""What back ends of exported models have in common, over a runtime of a few lines of numpy."""

from __future__ import annotations

import dataclasses
import threading
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from skipclick.backend.exported import GraphInfo
from skipclick.backend.graphs import ArrayFeatures, Arrays, GraphBackend
from skipclick.backend.protocol import Backend, StoringBackend
from skipclick.errors import ModelError
from skipclick.prompt import Click, Prompt

INFO = GraphInfo("toy", "abcd", 2, "float32", ("red", "mean"), "{}")


class NumpyGraphs(GraphBackend):
    """Logits are the red channel, plus the previous mask, plus the number of clicks."""

    running = 0
    overlaps = 0

    def __init__(self, info: GraphInfo = INFO) -> None:
        super().__init__(info, "cpu")

    def _run_encode(self, image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        assert image.shape[0] == 1
        assert image.flags.c_contiguous
        return [image[:, 0], image.mean(axis=(1, 2, 3))]

    def _run_click(self, inputs: Arrays) -> NDArray[np.float32]:
        self.running += 1
        self.overlaps += self.running > 1
        time.sleep(0.002)
        used = (inputs["points"].max(axis=-1) >= 0).sum()
        assert inputs["points"].shape[:2] == (1, 2)
        self.running -= 1
        return np.asarray(inputs["red"][:, None] + inputs["previous"] + used, np.float32)


@pytest.fixture
def model() -> NumpyGraphs:
    return NumpyGraphs()


def pictures(count: int) -> NDArray[np.float32]:
    return np.random.default_rng(count).random((count, 3, 4, 6), dtype=np.float32)


def test_it_keeps_the_protocol(model: NumpyGraphs) -> None:
    kept: Backend = model
    stored: StoringBackend = model
    assert (kept.name, stored.fingerprint, kept.stride, kept.device) == ("toy", "abcd", 2, "cpu")
    features = kept.encode(pictures(2))
    assert (features.batch, features.size) == (2, (4, 6))
    assert features.nbytes == 2 * (4 * 6 + 1) * 4


def test_one_prompt_per_image(model: NumpyGraphs) -> None:
    images = pictures(3)
    prompts = [Prompt((Click(1, 1),) * count) for count in range(3)]
    logits = model.decode(model.encode(images), prompts)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, images[:, 0] + np.arange(3)[:, None, None], rtol=1e-6)


def test_clicks_are_drawn_for_graphs_that_ask_for_it() -> None:
    class Drawn(NumpyGraphs):
        def __init__(self) -> None:
            GraphBackend.__init__(self, INFO, "cpu", radius=1.0)

        def _run_click(self, inputs: Arrays) -> NDArray[np.float32]:
            assert set(inputs) == {"red", "mean", "disks", "previous"}
            positive, negative = inputs["disks"][0]
            return np.asarray(positive - negative, np.float32)[None, None]

    model = Drawn()
    prompt = Prompt((Click(1, 1), Click(5, 3, positive=False)))
    (answer,) = model.decode(model.encode(pictures(1)), [prompt])
    np.testing.assert_array_equal(
        answer, [[0, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], [0, 1, 0, 0, 0, -1], [0, 0, 0, 0, -1, -1]]
    )


def test_many_prompts_on_one_image(model: NumpyGraphs) -> None:
    images, previous = pictures(1), np.full((4, 6), 0.5, np.float32)
    prompts = [Prompt(), Prompt((Click(0, 0), Click(1, 1, False)), previous)]
    logits = model.decode(model.encode(images), prompts)
    np.testing.assert_allclose(logits[0], images[0, 0])
    np.testing.assert_allclose(logits[1], images[0, 0] + 2.5)


def test_a_mirrored_view_is_encoded_too(model: NumpyGraphs) -> None:
    images = pictures(1)[..., ::-1]
    np.testing.assert_allclose(model.decode(model.encode(images), [Prompt()]), images[:, 0])


def test_features_come_apart_and_together(model: NumpyGraphs) -> None:
    features = model.encode(pictures(2))
    arrays = model.features_to_arrays(features)
    assert list(arrays) == ["red", "mean"]
    again = model.features_from_arrays(dict(reversed(arrays.items())), features.size)
    prompts = [Prompt(), Prompt()]
    np.testing.assert_array_equal(model.decode(again, prompts), model.decode(features, prompts))


def test_wrong_things_are_refused(model: NumpyGraphs) -> None:
    class Foreign:
        batch, size, nbytes = 1, (4, 6), 0

    with pytest.raises(ModelError, match="multiples of 2"):
        model.encode(np.zeros((1, 3, 4, 5), np.float32))
    with pytest.raises(ModelError, match="do not fit"):
        model.decode(model.encode(pictures(2)), [Prompt()])
    with pytest.raises(ModelError, match="another back end"):
        model.decode(Foreign(), [Prompt()])
    with pytest.raises(ModelError, match="another back end"):
        model.decode(ArrayFeatures({"red": pictures(1)[:, 0]}, (4, 6), model), [Prompt()])
    with pytest.raises(ModelError, match="another back end"):
        model.features_to_arrays(Foreign())
    with pytest.raises(ModelError, match="another model"):
        model.features_from_arrays({"red": pictures(1)[:, 0]}, (4, 6))


def test_features_of_other_weights_are_refused(model: NumpyGraphs) -> None:
    features = model.encode(pictures(1))
    other = NumpyGraphs(dataclasses.replace(INFO, name="tuned", fingerprint="ef01"))
    with pytest.raises(ModelError, match="made by toy with other weights"):
        other.decode(features, [Prompt()])
    with pytest.raises(ModelError, match="made by toy with other weights"):
        other.features_to_arrays(features)


def test_the_same_weights_loaded_twice_share_features(model: NumpyGraphs) -> None:
    features = model.encode(pictures(1))
    again = NumpyGraphs().decode(features, [Prompt()])
    np.testing.assert_array_equal(again, model.decode(features, [Prompt()]))


def test_sessions_in_threads_take_turns(model: NumpyGraphs) -> None:
    features = model.encode(pictures(1))
    workers = [threading.Thread(target=model.decode, args=(features, [Prompt()] * 5)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert model.overlaps == 0

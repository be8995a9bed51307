"""The whole way with the embedded model: a photo, clicks, and a mask as good as promised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick import Click, Session, SkipClickPredictor, encode_image, load_model
from skipclick.apps.cli import main
from skipclick.backend.protocol import Backend
from skipclick.datasets import open_dataset
from skipclick.evaluation.clicker import Clicker
from skipclick.evaluation.metrics import summarise
from skipclick.evaluation.protocol import EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset
from skipclick.mask import iou
from skipclick.weights.files import load_model_file, save_model_file
from skipclick.weights.loading import load_weights

CLICKS = 8
EXPECTED = {"astronaut": 0.92, "chelsea": 0.50, "coffee": 0.95, "rocket": 0.80}
"""IoU that the embedded model reaches on each photo within so many simulated clicks."""


def best_iou(session: Session, truth: np.ndarray, clicks: int) -> float:
    clicker = Clicker(truth.astype(np.int8))
    best = 0.0
    for _ in range(clicks):
        best = max(best, iou(session.add(clicker.next_click(session.mask)), truth))
    return best


@pytest.mark.parametrize("name", EXPECTED)
def test_a_few_clicks_cut_the_object_out(embedded_model: Backend, photo: Callable, name: str) -> None:
    picture = photo(name)
    session = Session(embedded_model, picture.path)
    assert best_iou(session, picture.mask, CLICKS) >= EXPECTED[name]


def test_a_damaged_mask_is_repaired(embedded_model: Backend, photo: Callable) -> None:
    picture = photo("coffee")
    damaged = np.roll(picture.mask, (18, -25), axis=(0, 1))
    session = Session(embedded_model, picture.path, start=damaged)
    np.testing.assert_array_equal(session.mask, damaged)
    before = iou(session.mask, picture.mask)
    assert best_iou(session, picture.mask, 4) > before + 0.05


def test_undo_is_exact_on_a_real_network(embedded_model: Backend, photo: Callable) -> None:
    session = Session(embedded_model, photo("rocket").path)
    states = []
    for click in (Click(200, 130), Click(50, 50, positive=False), Click(201.5, 180)):
        states.append((session.mask.copy(), session.probability.copy()))
        session.add(click)
    for mask, probability in reversed(states):
        assert session.undo()
        np.testing.assert_array_equal(session.mask, mask)
        np.testing.assert_array_equal(session.probability, probability)


def test_the_predictor_is_a_session(embedded_model: Backend, photo: Callable) -> None:
    picture = photo("astronaut")
    encoded = encode_image(embedded_model, picture.image)
    session = Session(embedded_model, encoded)
    session.add(Click(190, 330))
    session.add(Click(60, 60, positive=False))
    predictor = SkipClickPredictor(embedded_model)
    predictor.set_image(picture.image)
    masks, scores, _logits = predictor.predict(
        point_coords=np.array([[190, 330], [60, 60]]), point_labels=np.array([1, 0])
    )
    np.testing.assert_array_equal(masks[0], session.mask)
    assert 0 < scores[0] <= 1


def test_the_command_line_writes_what_a_session_answers(
    embedded_model: Backend, photo: Callable, tmp_path: Path
) -> None:
    picture = photo("coffee")
    target = tmp_path / "mask.png"
    arguments = ["segment", str(picture.path), "--click", "150,90", "--click", "20,20:-", "-o", str(target)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--device", "cpu"])
    assert not ended.value.code
    session = Session(embedded_model, picture.path)
    session.add(Click(150, 90))
    session.add(Click(20, 20, positive=False))
    with Image.open(target) as mask:
        np.testing.assert_array_equal(np.asarray(mask) == 255, session.mask)


def test_simulated_noc_on_a_small_data_set(
    embedded_model: Backend, photos: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two photos laid out as DAVIS: one encode each, and a NoC that is far from never."""
    for folder in ("img", "gt"):
        (tmp_path / folder).mkdir()
    for name in ("astronaut", "coffee"):
        (tmp_path / "img" / f"{name}.jpg").write_bytes(photos[name].path.read_bytes())
        (tmp_path / "gt" / f"{name}.png").write_bytes(photos[name].mask_path.read_bytes())
    encoded: list[int] = []
    encode = embedded_model.encode

    def counting(images: np.ndarray):
        encoded.append(len(images))
        return encode(images)

    monkeypatch.setattr(embedded_model, "encode", counting)
    protocol = EvaluationProtocol(max_clicks=CLICKS, size=(448, 448))
    traces = evaluate_dataset(embedded_model, open_dataset("DAVIS", tmp_path), protocol)
    assert encoded == [2, 2]
    assert summarise(traces, cap=CLICKS).noc[0.85] <= 4


def test_the_embedded_model_survives_its_own_file_format(
    embedded_model: Backend, photo: Callable, tmp_path: Path
) -> None:
    config, state, _name = load_weights("skipclick-s")
    path = tmp_path / "copy.safetensors"
    save_model_file(path, config, state)
    assert load_model_file(path)[0] == config
    copy = load_model(path, device="cpu")
    encoded = [encode_image(model, photo("rocket").path) for model in (embedded_model, copy)]
    sessions = [Session(model, image) for model, image in zip((embedded_model, copy), encoded, strict=True)]
    for session in sessions:
        session.add(Click(200, 130))
    np.testing.assert_allclose(sessions[1].probability, sessions[0].probability, atol=1e-6)

"""Durations of phones."""

import torch

from diamoe.flow.duration import utterance_pace
from tests.factory import make_batch, tiny_model


def test_boundaries_take_no_time_and_padding_changes_nothing():
    model = tiny_model()
    pace = torch.tensor([2.0])

    def predict(batch):
        sounding = model.sounding(batch.ids, batch.token_mask)
        rows = len(batch.ids)
        return model.duration.predict(
            batch.ids, batch.token_mask, sounding, batch.dialect, pace.expand(rows)
        )

    alone, padded, mates = make_batch([1]), make_batch([1], extra=5), make_batch([1, 0])
    length = int(alone.tokens[0])
    frames = predict(alone)
    assert (frames[alone.durations == 0] == 0).all()
    assert torch.equal(frames[0], predict(padded)[0, :length])
    assert torch.equal(frames[0], predict(mates)[0, :length])


def test_pace_is_the_mean_log_of_spoken_phones():
    durations = torch.tensor([[4, 0, 16, 50]])
    phones = torch.tensor([[True, True, True, False]])
    assert torch.isclose(utterance_pace(durations, phones)[0], torch.tensor(8.0).log())


def test_learns_durations():
    model, batch = tiny_model().train(), make_batch([0, 1, 2, 3])
    durations = torch.where(batch.durations > 0, 1 + batch.ids % 7, 0)
    sounding = model.sounding(batch.ids, batch.token_mask)
    pauses = model.pausing[batch.ids]
    optimiser = torch.optim.AdamW(model.duration.parameters(), lr=1e-2)
    for _ in range(150):
        loss = model.duration.loss(
            batch.ids, batch.token_mask, sounding, batch.dialect, durations, pauses
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.02

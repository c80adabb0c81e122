"""`python -m diamoe.synthesis.onnx_field`: the velocity field as an ONNX file, and run from one.

The file's inputs are those of `DiT.forward`: `x` (batch, frames, n_mels), `time` (batch,), `text`
(batch, frames, text_dim), `prompt` (batch, frames, n_mels), `known` and `mask` (batch, frames)
bool; its output is `velocity` (batch, frames, n_mels). Batch and frames are free; frames are a
multiple of the model's patch.
"""

import argparse
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from diamoe import bundle as bundles
from diamoe.errors import ConfigError, DiamoeError
from diamoe.extras import extra
from diamoe.flow.matching import AcousticModel
from diamoe.flow.sampling import BUCKET
from diamoe.model.dit import Conditioning, DiT

INPUTS = ("x", "time", "text", "prompt", "known", "mask")
"""Names of the inputs, in their order."""


class _Field(nn.Module):
    """`DiT.forward` with the conditioning's tensors one by one."""

    def __init__(self, dit: DiT):
        super().__init__()
        self.dit = dit

    def forward(
        self, x: Tensor, time: Tensor, text: Tensor, prompt: Tensor, known: Tensor, mask: Tensor
    ) -> Tensor:
        return self.dit(x, time, Conditioning(text, prompt, known, mask))


def export_field(dit: DiT, file: str | Path) -> Path:
    """Write the velocity field of a model.

    Raises:
        MissingBackend: the packages that write ONNX are not installed.
    """
    with extra("onnx", "an ONNX export"):
        import onnxscript  # noqa: F401
    config, frames = dit.config, 2 * BUCKET
    mel = torch.zeros(2, frames, config.n_mels)
    text = torch.zeros(2, frames, config.text_dim)
    whole = torch.ones(2, frames, dtype=torch.bool)
    example = (mel, torch.zeros(2), text, mel.clone(), ~whole, whole)
    batch = torch.export.Dim("batch", min=1, max=256)
    length = config.patch * torch.export.Dim("positions", min=2, max=8192)
    axes = {name: {0: batch} if name == "time" else {0: batch, 1: length} for name in INPUTS}
    with torch.no_grad():
        torch.onnx.export(
            _Field(dit).eval(), example, str(file), dynamo=True, dynamic_shapes=axes,
            input_names=list(INPUTS), output_names=["velocity"], external_data=False,
            optimize=False, verbose=False,
        )  # fmt: skip
    return Path(file)


class OnnxField:
    """The velocity field of an ONNX file, computed by ONNX Runtime in float32."""

    def __init__(self, file: str | Path):
        """Raises:
        MissingBackend: ONNX Runtime is not installed.
        """
        with extra("onnx", "engine onnx"):
            import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(str(file), options, providers=providers)

    def __call__(self, x: Tensor, time: Tensor, conditioning: Conditioning) -> Tensor:
        told = [getattr(conditioning, name) for name in INPUTS[2:]]
        values = zip(INPUTS, (x, time, *told), strict=True)
        inputs = {name: value.contiguous().numpy() for name, value in values}
        return torch.from_numpy(self.session.run(["velocity"], inputs)[0])


def main() -> int:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(prog="diamoe.synthesis.onnx_field", description=__doc__)
    parser.add_argument("out", type=Path, help="the .onnx file")
    parser.add_argument("--bundle", type=Path, default=bundles.SHIPPED, help="bundle folder")
    arguments = parser.parse_args()
    try:
        model = bundles.load(arguments.bundle).model
        if not isinstance(model, AcousticModel):
            raise ConfigError("an ONNX export is of our own networks, not of imported ones")
        export_field(model.dit, arguments.out)
    except DiamoeError as error:
        print(f"onnx: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

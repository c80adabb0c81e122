"""Recognisers and speaker models with random weights, in the files that real ones come in."""

import json
from pathlib import Path

import torch


def tiny_whisper(folder: Path) -> Path:
    """A Whisper of one layer for faster-whisper; returns its folder."""
    import ctranslate2
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, WhisperConfig, WhisperForConditionalGeneration

    source = folder / "source"
    source.mkdir(parents=True)
    letters = {c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab=letters, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    names = ["endoftext", "startoftranscript", "zh", "en", "translate", "transcribe"]
    names += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    tokenizer.add_special_tokens([AddedToken(f"<|{n}|>", special=True) for n in names])
    tokenizer.add_tokens([AddedToken(f"<|{i * 0.02:.2f}|>") for i in range(1501)])
    end = "<|endoftext|>"
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=end, bos_token=end, unk_token=end
    ).save_pretrained(source)
    last = tokenizer.token_to_id(end)
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=tokenizer.get_vocab_size(),
            d_model=64,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=1,
            decoder_attention_heads=1,
            encoder_ffn_dim=64,
            decoder_ffn_dim=64,
            bos_token_id=last,
            eos_token_id=last,
            pad_token_id=last,
            decoder_start_token_id=tokenizer.token_to_id("<|startoftranscript|>"),
        )
    )
    model.generation_config.suppress_tokens = []
    model.generation_config.begin_suppress_tokens = []
    model.save_pretrained(source)
    features = {"feature_size": 80, "sampling_rate": 16000, "hop_length": 160, "n_fft": 400}
    (source / "preprocessor_config.json").write_text(json.dumps(features))
    files = ["tokenizer.json", "preprocessor_config.json"]
    converter = ctranslate2.converters.TransformersConverter(str(source), copy_files=files)
    converter.convert(str(folder / "model"))
    return folder / "model"


def tiny_wavlm(folder: Path) -> Path:
    """A WavLM of one layer with an x-vector head; returns its folder."""
    from transformers import WavLMConfig, WavLMForXVector

    torch.manual_seed(0)
    WavLMForXVector(
        WavLMConfig(
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            conv_dim=(32,) * 7,
            num_conv_pos_embeddings=16,
            num_conv_pos_embedding_groups=2,
            tdnn_dim=(32, 32, 32, 32, 64),
            xvector_output_dim=16,
        )
    ).save_pretrained(folder)
    return folder

"""Pipecat against a server: `python pipecat_client.py URL`, with an interpreter that has it.

It prints, as JSON, what the first sentence gave, and leaves a second one in the middle, as an
interruption does. This file uses nothing of the project, whose pins are not Pipecat's.
"""

import asyncio
import json
import sys

from pipecat.frames.frames import ErrorFrame, TTSAudioRawFrame
from pipecat.services.openai.tts import OpenAITTSService

LONG = "今天天气好，我们去公园走走。" * 100


async def main(url: str) -> None:
    service = OpenAITTSService(
        api_key="none",
        base_url=f"{url}/v1",
        settings=OpenAITTSService.Settings(model="diamoe-chengdu", voice="coral"),
    )
    service._sample_rate = 24_000
    frames = [f async for f in service.run_tts("今天天气好。", "context") if f is not None]
    sound = [f for f in frames if isinstance(f, TTSAudioRawFrame)]
    speech = service.run_tts(LONG[:3000], "context")
    async for frame in speech:
        if isinstance(frame, TTSAudioRawFrame):
            break
    found = {
        "bytes": sum(len(f.audio) for f in sound),
        "rates": sorted({f.sample_rate for f in sound}),
        "errors": [f.error for f in frames if isinstance(f, ErrorFrame)],
        "interrupted_after": len(frame.audio),
    }
    print(json.dumps(found), flush=True)
    await asyncio.to_thread(sys.stdin.readline)  # until the server has been looked at
    await speech.aclose()  # what an interruption does
    await asyncio.sleep(0)
    print("closed", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


asyncio.run(main(sys.argv[1]))

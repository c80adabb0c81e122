// The audio graph: queued samples -> analyser -> loudspeaker.
export class Player {
  constructor(onPlayed) {
    this.onPlayed = onPlayed;
    this.played = 0;
    this.loudest = 0;
  }

  async open(sampleRate) {
    if (!this.context) {
      this.context = new AudioContext({ sampleRate });
      await this.context.audioWorklet.addModule(new URL("player-worklet.js", import.meta.url));
      this.node = new AudioWorkletNode(this.context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
      this.analyser = this.context.createAnalyser();
      this.node.connect(this.analyser).connect(this.context.destination);
      this.node.port.onmessage = ({ data }) => this.tell(data);
    }
    await this.context.resume();
  }

  tell(played) {
    this.played = played;
    const heard = new Float32Array(this.analyser.fftSize);
    this.analyser.getFloatTimeDomainData(heard);
    for (const sample of heard) this.loudest = Math.max(this.loudest, Math.abs(sample));
    this.onPlayed(played);
  }

  push(samples) {
    this.node.port.postMessage(samples, [samples.buffer]);
  }

  clear() {
    this.node?.port.postMessage("clear");
    this.played = 0;
  }
}

export function toFloats(buffer) {
  const whole = new Int16Array(buffer);
  return Float32Array.from(whole, (value) => value / 32768);
}

export function toWav(parts, rate) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * length));
  const write = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  write(0, "RIFF"); view.setUint32(4, 36 + 2 * length, true); write(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  write(36, "data"); view.setUint32(40, 2 * length, true);
  let at = 44;
  for (const part of parts) for (const value of part) {
    view.setInt16(at, Math.max(-1, Math.min(1, value)) * 32767, true);
    at += 2;
  }
  return new Blob([view], { type: "audio/wav" });
}

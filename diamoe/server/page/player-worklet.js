// Plays what is queued, sample by sample, and tells how far it is.
class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.clear();
    this.port.onmessage = ({ data }) => {
      if (data === "clear") {
        this.clear();
        this.port.postMessage(0);
      }
      else this.queue.push(data);
    };
  }

  clear() {
    this.queue = [];
    this.offset = 0;
    this.played = 0;
    this.told = 0;
  }

  process(_, [[out]]) {
    for (let i = 0; i < out.length && this.queue.length; ) {
      const part = this.queue[0];
      const count = Math.min(out.length - i, part.length - this.offset);
      out.set(part.subarray(this.offset, this.offset + count), i);
      i += count;
      this.offset += count;
      this.played += count;
      if (this.offset === part.length) {
        this.queue.shift();
        this.offset = 0;
      }
    }
    if (this.played - this.told > 480 || (this.played !== this.told && !this.queue.length)) {
      this.told = this.played;
      this.port.postMessage(this.played);
    }
    return true;
  }
}
registerProcessor("player", Player);

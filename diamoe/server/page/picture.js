// Mel spectrogram with the pitch over it, drawn as it comes.
const HOP = 256;
const LOWEST = 60, HIGHEST = 450;  // Hz

const COLOURS = [[11, 14, 26], [60, 30, 100], [150, 45, 105], [225, 95, 65], [252, 190, 90], [252, 253, 200]];

function colour(value) {
  const place = (value / 255) * (COLOURS.length - 1);
  const low = Math.min(Math.floor(place), COLOURS.length - 2), part = place - low;
  return COLOURS[low].map((from, i) => from + (COLOURS[low + 1][i] - from) * part);
}

export function pitchOf(samples, rate) {
  // Normalised autocorrelation of half the samples; 0 where nothing is voiced.
  const half = new Float32Array(samples.length >> 1);
  for (let i = 0; i < half.length; i++) half[i] = samples[2 * i] + samples[2 * i + 1];
  const step = HOP / 2, window = 480, pitch = [];
  const shortest = Math.floor(rate / 2 / HIGHEST), longest = Math.ceil(rate / 2 / LOWEST);
  for (let start = 0; start < half.length; start += step) {
    let best = 0, lag = 0;
    if (start + window + longest < half.length) {
      let own = 1e-4;
      for (let i = 0; i < window; i++) own += half[start + i] ** 2;
      for (let l = shortest; l <= longest; l++) {
        let sum = 0, other = 1e-4;
        for (let i = 0; i < window; i++) {
          sum += half[start + i] * half[start + i + l];
          other += half[start + i + l] ** 2;
        }
        const likeness = sum / Math.sqrt(own * other);
        if (likeness > best + 0.02) { best = likeness; lag = l; }
      }
    }
    pitch.push(best > 0.6 ? rate / 2 / lag : 0);
  }
  return pitch;
}

export class Picture {
  constructor(canvas) {
    this.canvas = canvas;
    this.columns = [];
    this.pitch = [];
  }

  add({ data, frames, bands }) {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    for (let i = 0; i < frames; i++) this.columns.push(bytes.subarray(i * bands, (i + 1) * bands));
    this.draw();
  }

  setPitch(pitch) {
    this.pitch = pitch;
    this.draw();
  }

  draw(now = -1) {
    const { canvas, columns } = this;
    if (!columns.length) return;
    const bands = columns[0].length, width = columns.length;
    if (!this.image || this.image.width !== width) {
      this.image = new ImageData(width, bands);
      columns.forEach((column, x) => column.forEach((value, band) => {
        this.image.data.set([...colour(value), 255], 4 * ((bands - 1 - band) * width + x));
      }));
      canvas.width = width;
      canvas.height = bands;
    }
    const context = canvas.getContext("2d");
    context.putImageData(this.image, 0, 0);
    context.fillStyle = "#3df2ff";
    this.pitch.forEach((hz, x) => {
      if (hz) context.fillRect(x, bands * (1 - Math.log(hz / LOWEST) / Math.log(HIGHEST / LOWEST)), 2, 2);
    });
    if (now >= 0) {
      context.fillStyle = "#fff";
      context.fillRect(now, 0, 1, bands);
    }
  }
}

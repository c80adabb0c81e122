// One dialect's speech: words, picture, phones, and what can be done with it.
import { Picture, pitchOf } from "./picture.js";
import { toWav } from "./player.js";
import { t } from "./phrases.js";

const make = (tag, more = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), more);
  element.append(...children);
  return element;
};

export class Card {
  constructor(dialect, text, actions) {
    Object.assign(this, { dialect, text, actions });
    this.corrections = new Map();
    this.title = make("h2", { textContent: `${dialect.name_zh} ${dialect.name}` });
    this.play = make("button", { type: "button", disabled: true, onclick: () => actions.replay(this) });
    this.play.dataset.t = "play";
    this.save = make("a", { download: `${dialect.id}.wav`, hidden: true });
    this.save.dataset.t = "download";
    this.words = make("div", { className: "words", lang: "zh" });
    this.canvas = make("canvas", { width: 1, height: 1 });
    this.canvas.setAttribute("role", "img");
    this.phones = make("div", { className: "phones", tabIndex: 0, lang: "und-fonipa" });
    this.phones.setAttribute("role", "group");
    this.phones.setAttribute("aria-label", "IPA");
    this.note = make("p", { className: "hint" });
    const head = make("header", {}, this.title, make("div", { className: "row" }, this.play, this.save));
    this.element = make("article", {}, head, this.words, this.canvas, this.phones, this.note);
    this.clear();
    this.translate();
  }

  // What is not named in data-t, in the language of the page.
  translate() {
    const { name_zh, name } = this.dialect;
    this.canvas.setAttribute("aria-label", `${t("picture")} ${name_zh} ${name}`);
    for (const [button, action] of [[this.play, "play"], [this.save, "download"]]) {
      button.setAttribute("aria-label", `${t(action)}: ${name_zh} ${name}`);
    }
    for (const button of this.words.querySelectorAll("button:not(:disabled)")) {
      button.setAttribute("aria-label", `${button.firstChild.textContent} ${button.lastChild.textContent}, ${t("edit")}`);
    }
    if (this.seconds) this.note.textContent = `${this.seconds.toFixed(2)} ${t("seconds")}`;
  }

  clear() {
    this.seconds = 0;
    this.parts = [];
    this.timed = [];
    this.length = 0;
    this.picture = new Picture(this.canvas);
    this.phones.replaceChildren();
    this.play.disabled = true;
    this.note.textContent = "";
    this.note.classList.remove("error");
  }

  // The text with the corrections written into it.
  get marked() {
    let text = "", from = 0;
    for (const { at, word } of this.places ?? []) {
      const reading = this.corrections.get(at);
      if (!reading) continue;
      text += `${this.text.slice(from, at)}${word}{${reading}}`;
      from = at + word.length;
    }
    return text + this.text.slice(from);
  }

  showWords(words) {
    this.words.replaceChildren();
    this.places = [];
    let from = 0;
    for (const { text, syllables } of words) {
      const at = this.text.indexOf(text, from);
      if (at >= 0) from = at + text.length;
      // A word of an alphabet has one reading as a whole, and is corrected by another spelling.
      const spelled = !this.dialect.characters && !/\p{Script=Han}/u.test(text);
      const reading = spelled ? syllables[0]?.romanised ?? "" : syllables.map((s) => s.romanised).join(" ");
      const button = make("button", { type: "button" }, make("b", { textContent: text }), make("small", { textContent: reading }));
      button.disabled = at < 0 || !syllables.length;
      if (!button.disabled) {
        this.places.push({ at, word: text });
        button.onclick = () => this.actions.edit(this, at, text, this.corrections.get(at) ?? (spelled ? text : reading), spelled);
      }
      this.words.append(button);
    }
    this.translate();
  }

  addPhones(phones) {
    for (const { text, start, end } of phones) {
      const element = make("span", { textContent: text });
      this.phones.append(element);
      this.timed.push({ element, start, end });
    }
  }

  addSamples(samples) {
    this.parts.push(samples);
    this.length += samples.length;
  }

  finish(rate) {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(toWav(this.parts, rate));
    this.save.href = this.url;
    this.save.hidden = false;
    this.play.disabled = !this.length;
    this.seconds = this.length / rate;
    this.translate();
    const whole = new Float32Array(this.length);
    let at = 0;
    for (const part of this.parts) { whole.set(part, at); at += part.length; }
    this.picture.setPitch(pitchOf(whole, rate));
  }

  fail(message) {
    this.note.textContent = message;
    this.note.classList.add("error");
  }

  // Highlight what is heard at a time in seconds; nothing before or after.
  showTime(seconds) {
    for (const { element, start, end } of this.timed) {
      const now = seconds >= start && seconds < end;
      if (now && !element.classList.contains("now")) {
        this.phones.scrollLeft = element.offsetLeft - this.phones.offsetLeft - this.phones.clientWidth / 2;
      }
      element.classList.toggle("now", now);
    }
    this.picture.draw(seconds < 0 ? -1 : Math.round(seconds * 93.75));
  }
}

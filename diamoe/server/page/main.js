// The page: asks over the socket, plays and draws what comes back.
import { Card } from "./card.js";
import { Player, toFloats } from "./player.js";
import { setUpRecorder } from "./recorder.js";
import { t, toggle, translate, language, example, isExample } from "./phrases.js";

const $ = (id) => document.getElementById(id);
const base = new URL("./", document.baseURI);
let dialects = [], voices = [], own = [], cards = [], socket = null, rate = 24000, started = null, count = 0;
let playing = [];  // {card, from, to}: which samples of the player belong to which card

const player = new Player((played) => {
  for (const { card, from, to } of playing) {
    card.showTime(played > from && played < to ? (played - from) / rate : -1);
  }
});
window.diamoe = { player, get cards() { return cards; } };

const say = (text, bad = false) => {
  $("status").textContent = text;
  $("status").classList.toggle("error", bad);
};

async function ask(path, body) {
  const sound = body instanceof Blob;
  const headers = { "Content-Type": sound ? "application/octet-stream" : "application/json" };
  if ($("key").value) headers.Authorization = `Bearer ${$("key").value}`;
  const answer = await fetch(new URL(path, base), body ? { method: "POST", headers, body: sound ? body : JSON.stringify(body) } : { headers });
  const found = await answer.json();
  if (answer.status === 401) $("key-field").hidden = false;
  if (!answer.ok) throw new Error(answer.status === 401 ? t("needKey") : found.error.message);
  return found;
}

async function load() {
  const [known, found] = await Promise.all([ask("v1/audio/dialects"), ask("v1/audio/voices")]);
  dialects = known.dialects;
  voices = found.voices;
  $("dialects").replaceChildren(...dialects.map((dialect) => {
    const label = document.createElement("label"), box = document.createElement("input"), name = document.createElement("span");
    Object.assign(box, { type: "checkbox", value: dialect.id, checked: dialect.id === known.default });
    label.append(box, name);
    return label;
  }));
  name();
}

const chosenDialects = () => [...$("dialects").querySelectorAll("input:checked")].map((box) => box.value);
const nameOf = (dialect) => (language() === "zh" ? dialect.name_zh : `${dialect.name_zh} ${dialect.name}`);

// The voices by what they speak; the user's own ones first.
function listVoices(chosen) {
  const group = (label, options) => {
    const element = Object.assign(document.createElement("optgroup"), { label });
    element.append(...options);
    return options.length ? [element] : [];
  };
  const ours = dialects.flatMap((dialect) => group(nameOf(dialect), voices
    .filter((v) => v.dialect === dialect.id)
    .map((v) => new Option(`${v.name} · ${v.description}`, v.id))));
  const yours = own.map((id, i) => new Option(`${t("own")} ${i + 1}`, id));
  $("voice").replaceChildren(new Option(t("native"), ""), ...group(t("own"), yours), ...ours);
  $("voice").value = chosen;
}

function name() {
  translate(document);
  [...$("dialects").children].forEach((label, i) => {
    label.lastChild.textContent = nameOf(dialects[i]);
  });
  listVoices($("voice").value);
  cards.forEach((card) => card.translate());
}

function connect() {
  return new Promise((resolve, reject) => {
    const url = new URL("v1/audio/stream", base);
    url.protocol = url.protocol.replace("http", "ws");
    socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if ($("key").value) send({ type: "key", key: $("key").value });
      resolve();
    };
    socket.onmessage = ({ data }) => (typeof data === "string" ? take(JSON.parse(data)) : hear(data));
    socket.onclose = () => { socket = null; started = null; finish(t("lost"), true); reject(new Error(t("lost"))); };
  });
}

const send = (message) => socket?.send(JSON.stringify(message));
const owner = (id) => cards.find((card) => card.id === id);

function hear(buffer) {
  if (!started) return;
  const samples = toFloats(buffer);
  started.addSamples(samples);
  queue(started, samples.slice());
}

function queue(card, samples) {
  const last = playing[playing.length - 1];
  const end = last ? last.to : 0;
  if (last?.card === card) last.to += samples.length;
  else playing.push({ card, from: end, to: end + samples.length });
  player.push(samples);
}

function take(message) {
  const card = owner(message.id);
  if (message.type === "error" && !card) return finish(message.message, true);
  if (!card) return;
  if (message.type === "started") { started = card; rate = message.sample_rate; }
  if (message.type === "phones") card.addPhones(message.phones);
  if (message.type === "mel") card.picture.add(message);
  if (message.type === "error") { card.fail(message.message); card.waiting = false; }
  if (message.type === "done") { card.finish(rate); card.waiting = false; }
  if (message.type === "done" || message.type === "error") {
    if (card === started) started = null;
    if (!cards.some((c) => c.waiting)) finish(message.type === "error" ? message.message : t("done"), message.type === "error");
  }
}

function finish(text, bad = false) {
  say(text, bad);
  $("stop").disabled = true;
}

async function speak(wanted) {
  silence();
  await player.open(rate);
  if (!socket) await connect();
  say(t("making"));
  $("stop").disabled = false;
  for (const card of wanted) {
    card.clear();
    card.id = `${card.dialect.id} ${++count}`;
    card.waiting = true;
    const voice = $("voice").value || undefined;
    send({ type: "start", id: card.id, dialect: card.dialect.id, voice, speed: Number($("speed").value), detail: true });
    send({ type: "text", text: card.marked });
    send({ type: "end" });
    ask("v1/audio/phones", { input: card.marked, dialect: card.dialect.id })
      .then(({ words }) => card.showWords(words))
      .catch(() => {});  // the socket tells the same fault
  }
}

function silence() {
  if (cards.some((card) => card.waiting)) send({ type: "cancel" });
  cards.forEach((card) => { card.waiting = false; card.id = null; card.showTime(-1); });
  started = null;
  playing = [];
  player.clear();
}

const actions = {
  async replay(card) {
    silence();
    await player.open(rate);
    card.parts.forEach((part) => queue(card, part.slice()));
  },
  edit(card, at, word, reading, spelled) {
    $("editor-hint").dataset.t = spelled ? "respell" : "hint";
    translate($("editor"));
    $("editor-word").textContent = word;
    $("reading").value = reading;
    $("editor").returnValue = "";
    $("editor").onclose = () => {
      if ($("editor").returnValue !== "ok") return;
      const given = $("reading").value.replace(/[{}]/g, "").trim();
      if (given) card.corrections.set(at, given);
      else card.corrections.delete(at);
      speak([card]).catch((error) => say(error.message, true));
    };
    $("editor").showModal();
  },
};

$("ask").onsubmit = (event) => {
  event.preventDefault();
  const chosen = chosenDialects();
  const wanted = dialects.filter((dialect) => chosen.includes(dialect.id));
  if (!wanted.length || !$("text").value.trim()) return;
  silence();
  cards = wanted.map((dialect) => new Card(dialect, $("text").value, actions));
  $("results").replaceChildren(...cards.map((card) => card.element));
  $("results").classList.toggle("several", cards.length > 1);
  translate(document);
  speak(cards).catch((error) => finish(error.message, true));
};
$("stop").onclick = () => { silence(); finish(t("stopped")); };
$("dialects").onchange = () => {  // a text that nobody wrote follows the dialect
  const chosen = chosenDialects();
  if (chosen.length === 1 && isExample($("text").value)) $("text").value = example(chosen[0]);
};
$("language").onclick = () => { toggle(); name(); };
setUpRecorder($("record"), $("file"), async (sound) => {
  say(t("listening"));
  const dialect = chosenDialects()[0] ?? "";
  const { id, doubts } = await ask(`v1/audio/voices?dialect=${dialect}`, sound);
  own.push(id);
  listVoices(id);
  say(doubts.join("; ") || t("done"));
}, (message) => say(message, true));
$("speed").oninput = () => { $("pace").value = Number($("speed").value).toFixed(1); };
$("key").onchange = () => load().then(() => say("")).catch((error) => say(error.message, true));
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("ask").requestSubmit();
  if (event.key === "Escape" && !$("stop").disabled) $("stop").click();
});
translate(document);
load().catch((error) => say(error.message, true));

"use strict";
(() => {
  const study = JSON.parse(document.querySelector("#study").textContent);
  const $ = (selector) => document.querySelector(selector);
  const pair = study.kind === "ab";
  const ANSWERS = pair ? ["first", "none", "second"] : ["1", "2", "3", "4", "5"];
  let language = navigator.language.startsWith("zh") ? "zh" : "en";
  let listener = "", order = [], answers = {}, place = 0, players = [], shown = 0;

  // --- order: FNV-1a of seed and listener starts mulberry32, which shuffles and picks sides
  function random(text) {
    let state = 2166136261;
    for (const byte of new TextEncoder().encode(text)) {
      state = Math.imul(state ^ byte, 16777619) >>> 0;
    }
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }
  function shuffled(name) {
    const draw = random(`${study.seed}/${name}`);
    const found = study.trials.map((trial, index) => ({ ...trial, index }));
    for (let i = found.length - 1; i > 0; i--) {
      const j = Math.floor(draw() * (i + 1));
      [found[i], found[j]] = [found[j], found[i]];
    }
    return found.map((t) => (draw() < 0.5 ? t : { ...t, clips: [...t.clips].reverse() }));
  }

  // --- answers are kept in the browser, by study and listener
  const store = () => `diamoe-listen/${study.id}/${listener}`;
  function keep() {
    try { localStorage.setItem(store(), JSON.stringify(answers)); } catch { /* private mode */ }
  }
  function kept() {
    try { return JSON.parse(localStorage.getItem(store())) ?? {}; } catch { return {}; }
  }
  const csvCell = (value) => {
    const text = String(value ?? "");
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  function csv() {
    const head = ["study", "kind", "listener", "position", "item", "dialect", "first", "second",
      "answer", "seconds", "plays"];
    const rows = order.flatMap((trial, i) => {
      const a = answers[trial.index];
      if (!a) return [];
      return [[study.id, study.kind, listener, i + 1, trial.item, trial.dialect, trial.clips[0],
        trial.clips[1], a.answer, a.seconds.toFixed(1), a.plays]];
    });
    return "\ufeff" + [head, ...rows].map((r) => r.map(csvCell).join(",")).join("\r\n") + "\r\n";
  }
  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = `listening-${study.id}-${listener.replace(/[^\p{L}\p{N}_-]+/gu, "_")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // --- words
  const W = () => WORDS[language];
  function speakLanguage() {
    document.documentElement.lang = language;
    for (const node of document.querySelectorAll("[data-t]")) {
      const key = node.dataset.t;
      node.textContent = key === "question" ? study.questions[language === "zh" ? 1 : 0] : W()[key];
    }
    $("#language").textContent = W().language;
    const k = W().keys;
    const rows = [["Space", k.space], ...(pair ? [["A B", k.ab]] : []),
      [pair ? "1 2 3" : "1 – 5", k.answer], ["Enter →", k.next], ["←", k.back]];
    $("#keys").replaceChildren(...rows.map(([keys, meaning]) => {
      const row = document.createElement("tr");
      const cell = row.insertCell();
      for (const key of keys.split(" ")) cell.append(kbd(key), " ");
      row.insertCell().textContent = meaning;
      return row;
    }));
    if (!$("#trial").hidden) showTrial(true);
  }
  function kbd(key) {
    const node = document.createElement(/^[–]$/.test(key) ? "span" : "kbd");
    node.textContent = key;
    return node;
  }
  function button(label, key, action, always = false) {
    const node = document.createElement("button");
    node.type = "button";
    const cap = kbd(key);
    cap.classList.toggle("touch", !always);  // a phone has no keys, but a mark is a number
    node.append(...(always ? [cap, " ", label] : [label, " ", cap]));
    node.addEventListener("click", (event) => { action(); if (event.detail) node.blur(); });
    return node;
  }

  // --- one trial
  const trial = () => order[place];
  function loadPlayers() {
    for (const p of players) p.sound.pause();
    players = trial().clips.map((clip, i) => {
      const sound = new Audio(`audio/${clip}.flac`);
      const player = { sound, name: pair ? "AB"[i] : "", heard: false, plays: 0 };
      sound.addEventListener("ended", () => { player.heard = true; refresh(); });
      sound.addEventListener("pause", refresh);
      sound.addEventListener("timeupdate", () => progress(player));
      sound.addEventListener("error", () => notice(W().fault + sound.src.split("/").pop(), true));
      return player;
    });
    shown = performance.now();
  }
  function progress(player) {
    const { currentTime, duration } = player.sound;
    player.node?.style.setProperty("--heard", duration ? currentTime / duration : 0);
  }
  function play(index) {
    for (const other of players) other.sound.pause();
    const player = players[index];
    player.plays += 1;
    player.sound.currentTime = 0;
    player.sound.play().then(refresh, (error) => {
      if (error.name !== "AbortError") notice(W().fault + error.message, true);
    });
  }
  function playNext() {
    const unheard = players.findIndex((p) => !p.heard);
    const last = players.findIndex((p) => !p.sound.paused);
    play(unheard >= 0 ? unheard : (last + 1) % players.length);
  }
  const ready = () => answers[trial().index] || players.every((p) => p.heard);
  function answer(value) {
    if (!ready()) return notice(W().hear, false);
    const before = answers[trial().index];
    answers[trial().index] = {
      answer: value,
      seconds: (before?.seconds ?? 0) + (performance.now() - shown) / 1000,
      plays: (before?.plays ?? 0) + players.reduce((sum, p) => sum + p.plays, 0),
    };
    for (const p of players) p.plays = 0;
    shown = performance.now();
    keep();
    refresh();
  }
  function notice(text, bad) {
    $("#notice").textContent = text;
    $("#notice").classList.toggle("error", bad);
  }
  function showTrial(same = false) {
    if (!same) loadPlayers();
    notice("", false);
    $("#text").textContent = trial().text;
    $("#players").replaceChildren(...players.map((p, i) => {
      p.node = button(`${W().play} ${p.name}`.trim(), p.name || "Space", () => play(i));
      return p.node;
    }));
    const labels = pair ? W().better : W().marks;
    $("#answers").replaceChildren(...labels.map((label, i) =>
      button(label, String(i + 1), () => answer(ANSWERS[i]), !pair)));
    refresh();
  }
  function refresh() {
    if (!order.length || $("#trial").hidden) return;
    const given = answers[trial().index]?.answer;
    players.forEach((p) => p.node.classList.toggle("playing", !p.sound.paused));
    [...$("#answers").children].forEach((node, i) => {
      node.disabled = !ready();
      node.setAttribute("aria-pressed", given === ANSWERS[i]);
    });
    $("#next").disabled = !given;
    $("#back").disabled = place === 0;
    $("#place").textContent = W().place(place + 1, order.length);
    $("#who").textContent = listener;
    $("#progress").max = order.length;
    $("#progress").value = Object.keys(answers).length;
  }
  function show(section) {
    for (const name of ["#start", "#trial", "#end"]) $(name).hidden = name !== section;
    window.scrollTo(0, 0);
  }
  function go(to) {
    if (to < 0) return;
    for (const p of players) p.sound.pause();
    if (to >= order.length) {
      const open = order.findIndex((t) => !answers[t.index]);
      if (open < 0) return show("#end");
      to = open;
    }
    place = to;
    show("#trial");
    showTrial();
  }
  const next = () => { if (answers[trial().index]) go(place + 1); };

  // --- what listeners do
  $("#start").addEventListener("submit", (event) => {
    event.preventDefault();
    listener = $("#listener").value.trim();
    if (!listener) return;
    answers = kept();
    order = shuffled(listener);
    $("#listener").blur();
    const open = order.findIndex((t) => !answers[t.index]);
    go(open < 0 ? order.length : open);
  });
  $("#language").addEventListener("click", () => {
    language = language === "zh" ? "en" : "zh";
    speakLanguage();
  });
  $("#next").addEventListener("click", next);
  $("#back").addEventListener("click", () => go(place - 1));
  $("#again").addEventListener("click", () => go(0));
  $("#save").addEventListener("click", save);
  $("#download").addEventListener("click", save);
  document.addEventListener("keydown", (event) => {
    if ($("#trial").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = document.activeElement?.matches("button:focus-visible");
    if (focused && (event.key === " " || event.key === "Enter")) return;
    const keys = {
      " ": playNext, Enter: next, ArrowRight: next, ArrowLeft: () => go(place - 1),
      ...(pair ? { a: () => play(0), b: () => play(1) } : {}),
      ...Object.fromEntries(ANSWERS.map((value, i) => [String(i + 1), () => answer(value)])),
    };
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  speakLanguage();
})();

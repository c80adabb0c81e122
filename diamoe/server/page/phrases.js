// The page's words in both languages; elements name theirs in data-t.
const PHRASES = {
  en: {
    title: "speaks dialects", skip: "Skip to the text", text: "Text", dialects: "Dialects, one or several to compare",
    voice: "Voice", native: "native to the dialect", speed: "Pace", key: "API key", speak: "Speak", stop: "Stop",
    correct: "Correct:", reading: "Reading", again: "Hear it again", close: "Close",
    hint: "Romanisation of the dialect with tone digits, such as chong2 qing4. Empty takes the correction back.",
    respell: "Spell it as it sounds, such as Lester for Leicester. Empty takes the correction back.",
    record: "Record a voice (3–10 s)", recording: "Stop recording", upload: "Upload a voice", own: "Your voice", listening: "Listening to the recording …", noMicrophone: "The microphone cannot be used", play: "Play", download: "Download", making: "Making …", done: "Done", stopped: "Stopped",
    lost: "The connection was lost", other: "中文", lang: "zh", seconds: "s",
    picture: "Mel spectrogram and pitch of", edit: "correct", needKey: "Please enter an API key.",
  },
  zh: {
    title: "说方言", skip: "跳到文本", text: "文本", dialects: "方言（可多选对比）",
    voice: "音色", native: "方言本地音色", speed: "语速", key: "密钥", speak: "朗读", stop: "停止",
    correct: "改正读音：", reading: "读音", again: "重听", close: "关闭",
    hint: "用该方言的拼音加声调数字，例如 chong2 qing4；留空即撤销改动。",
    respell: "用别的拼写表示读音；留空即撤销改动。",
    record: "录制音色（3–10 秒）", recording: "停止录制", upload: "上传音色", own: "您的音色", listening: "正在分析录音……", noMicrophone: "无法使用麦克风", play: "播放", download: "下载", making: "正在合成……", done: "完成", stopped: "已停止",
    lost: "连接中断", other: "English", lang: "en", seconds: "秒",
    picture: "梅尔频谱与音高：", edit: "改正", needKey: "请输入密钥。",
  },
};

// A sentence to begin with, by dialect.
const CHINESE = "今天天气好，我们去公园走走。";
const EXAMPLES = {
  english: "The weather is fine today, so we are going to the park.",
  french: "Il fait beau aujourd'hui, nous allons au parc.",
  german: "Heute ist schönes Wetter, wir gehen in den Park.",
  dutch: "Het is mooi weer vandaag, we gaan naar het park.",
};
export const example = (dialect) => EXAMPLES[dialect] ?? CHINESE;
export const isExample = (text) => text === CHINESE || Object.values(EXAMPLES).includes(text);

let current = localStorage.getItem("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");

export const t = (key) => PHRASES[current][key];
export const language = () => current;

export function toggle() {
  current = t("lang");
  localStorage.setItem("language", current);
  translate(document);
}

export function translate(root) {
  document.documentElement.lang = current;
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  const button = document.getElementById("language");
  button.textContent = t("other");
  button.lang = t("lang");
}

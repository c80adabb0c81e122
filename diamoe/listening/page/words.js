"use strict";
const WORDS = {
  en: {
    language: "中文", title: "Listening test", name: "Your name or initials", begin: "Begin",
    intro: "Use headphones in a quiet room. Hear every clip to its end before you answer; you may "
      + "hear it as often as you like.",
    keep: "Your answers stay in this browser until you save them as a file. You may stop at any "
      + "time and go on later under the same name.",
    back: "Back", next: "Next", save: "Save what is done so far (CSV)", download: "Save answers (CSV)",
    again: "Look through the answers", thanks: "That was all. Thank you!",
    send: "Save your answers and send the file to whoever asked you.",
    play: "Play", better: ["A is better", "No difference", "B is better"],
    marks: ["Bad", "Poor", "Fair", "Good", "Excellent"], hear: "Hear everything first.",
    fault: "This sound cannot be played: ", place: (n, all) => `${n} of ${all}`,
    keys: { space: "play (what is not heard yet)", ab: "play A or B", answer: "answer",
      next: "next", back: "back" },
  },
  zh: {
    language: "English", title: "听音测试", name: "您的姓名或代号", begin: "开始",
    intro: "请在安静的环境里戴上耳机。听完每一段再作答，可以反复听。",
    keep: "答案保存在本浏览器里，直到您存成文件。随时可以停下，用同一个名字继续。",
    back: "上一题", next: "下一题", save: "保存已完成的答案（CSV）", download: "保存答案（CSV）",
    again: "回看答案", thanks: "全部完成，谢谢！",
    send: "请保存答案，并把文件发给邀请您的人。",
    play: "播放", better: ["A 更好", "没有差别", "B 更好"],
    marks: ["很差", "较差", "一般", "良好", "优秀"], hear: "请先听完。",
    fault: "无法播放：", place: (n, all) => `第 ${n} 题，共 ${all} 题`,
    keys: { space: "播放（尚未听的）", ab: "播放 A 或 B", answer: "作答", next: "下一题", back: "上一题" },
  },
};

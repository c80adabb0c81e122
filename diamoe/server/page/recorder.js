// A voice of one's own: recorded here, or from a file, sent to the server as it is.
import { t } from "./phrases.js";

const LONGEST = 11000;  // ms

export function setUpRecorder(button, file, take, fail) {
  let recorder = null;

  async function record() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      return fail(t("noMicrophone"));
    }
    const parts = [];
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      recorder = null;
      show("record");
      take(new Blob(parts)).catch((error) => fail(error.message));
    };
    recorder.start();
    setTimeout(() => recorder?.stop(), LONGEST);
    show("recording");
  }

  function show(name) {
    button.dataset.t = name;
    button.textContent = t(name);
    button.classList.toggle("recording", name === "recording");
  }

  button.onclick = () => (recorder ? recorder.stop() : record());
  file.onchange = () => {
    if (file.files.length) take(file.files[0]).catch((error) => fail(error.message));
    file.value = "";
  };
}

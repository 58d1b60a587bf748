// A picture, the boxes on it, and what the score slider and the classes leave of them.
import { ask, bars, curlLine, make, parts, picture, short, showError } from "./dom.js";

const COLOURS = ["#0b7a3b", "#b3261e", "#1d5fd1", "#8a4b00", "#7a2fa0", "#00707a", "#a8156b", "#4d5d00"];

export function detector(service) {
  const ui = parts("detector");
  const state = { image: null, found: [], off: new Set(), colours: new Map(), turn: 0 };
  const kept = () => state.found.filter((one) => one.score >= Number(ui.score.value) && !state.off.has(one.name));

  function colour(name) {
    if (!state.colours.has(name)) state.colours.set(name, COLOURS[state.colours.size % COLOURS.length]);
    return state.colours.get(name);
  }

  function draw() {
    const { width, height } = state.image;
    Object.assign(ui.canvas, { width, height });
    const pen = ui.canvas.getContext("2d");
    pen.drawImage(state.image, 0, 0);
    const scale = width / (ui.canvas.clientWidth || width); // a phone shows it smaller than it is
    const unit = Math.max(2, Math.round(Math.max(width, height) / 200), Math.round(1.5 * scale));
    const size = Math.max(12, unit * 6, 14 * scale);
    pen.font = `600 ${size}px system-ui, sans-serif`;
    pen.textBaseline = "middle";
    const boxes = kept().reverse(); // the best is drawn last, over the others
    for (const one of boxes) {
      const [x, y, w, h] = one.box;
      pen.lineWidth = unit;
      pen.strokeStyle = colour(one.name);
      pen.strokeRect(x, y, w, h);
    }
    for (const one of boxes) {
      const text = `${one.name} ${Math.round(one.score * 100)} %`;
      const wide = pen.measureText(text).width + size * 0.7;
      const x = Math.max(0, Math.min(one.box[0], width - wide));
      const y = Math.max(0, Math.min(one.box[1], height - size * 1.5));
      pen.fillStyle = colour(one.name);
      pen.fillRect(x, y, wide, size * 1.5);
      pen.fillStyle = "#fff";
      pen.fillText(text, x + size * 0.35, y + size * 0.78);
    }
  }

  function update() {
    const shown = kept();
    ui["score-text"].textContent = `${Math.round(ui.score.value * 100)} %`;
    ui.summary.textContent = `${shown.length} of ${state.found.length} detections shown`;
    ui.canvas.setAttribute("aria-label", shown.length ? `The picture with ${shown.map((one) => one.name).join(", ")}` : "The picture, without detections");
    ui.rows.replaceChildren(...shown.map((one) => make("tr", {}, make("td", {}, one.name), make("td", {}, `${(one.score * 100).toFixed(1)} %`), make("td", {}, one.box.map(Math.round).join(", ")))));
    for (const chip of ui.classes.children) {
      const count = state.found.filter((one) => one.name === chip.dataset.name && one.score >= Number(ui.score.value)).length;
      chip.lastChild.textContent = `${chip.dataset.name} (${count})`;
      chip.hidden = !count && !state.off.has(chip.dataset.name);
    }
    draw();
  }

  function listClasses() {
    const names = [...new Set(state.found.map((one) => one.name))];
    ui.classes.replaceChildren(...names.map((name) => {
      const box = make("input", { type: "checkbox", checked: true, onchange: () => { box.checked ? state.off.delete(name) : state.off.add(name); update(); } });
      const swatch = make("svg", { class: "swatch", viewBox: "0 0 1 1", "aria-hidden": "true" }, make("rect", { width: 1, height: 1, fill: colour(name) }));
      return make("label", { "data-name": name }, box, swatch, make("span", {}, name));
    }));
  }

  function tellTimes(response) {
    const text = response.headers.get("server-timing") || "";
    const times = ["fetch", "decode", "inference"].map((name) => [name, Number(new RegExp(`${name};dur=([\\d.]+)`).exec(text)?.[1] || 0)]);
    const total = times.reduce((sum, [, value]) => sum + value, 0);
    const words = times.map(([name, value]) => `${name} ${value.toFixed(1)} ms`).join(", ");
    const version = response.headers.get("headrace-model") || "";
    ui.times.replaceChildren(
      make("p", { class: "note" }, `Model ${short(version)}, ${text.includes("cold") ? "cold: the first answer of this process" : "warm"}. ${words}.`),
      bars(times.map(([, value]) => value), total, words),
    );
  }

  async function run(body, type, local, curl) {
    const turn = ++state.turn; // whatever was asked before may still be answered: it is not shown
    showError(ui.error);
    ui.busy.textContent = "Looking…";
    try {
      const shownBy = local || typeof body === "string" ? "" : "?picture=true";
      const response = await ask(service.path + shownBy, { method: "POST", headers: { "content-type": type }, body });
      const answer = await response.json();
      const image = await createImageBitmap(local || (await (await fetch(answer.picture)).blob()));
      if (turn !== state.turn) return;
      state.image = image;
      const { width, height } = state.image;
      state.found = answer.detection_boxes.map(([top, left, bottom, right], index) => ({
        box: [left * width, top * height, (right - left) * width, (bottom - top) * height],
        score: answer.detection_scores[index],
        name: answer.detection_class_entities[index],
      }));
      state.off.clear();
      listClasses();
      tellTimes(response);
      ui.curl.replaceChildren(curl);
      ui.result.hidden = false;
      update();
    } catch (error) {
      if (turn !== state.turn) return;
      ui.result.hidden = true;
      showError(ui.error, error);
    } finally {
      if (turn === state.turn) ui.busy.textContent = "";
    }
  }

  // Browsers do not turn WebP as its EXIF says: such a picture is shown as the server has decoded it.
  const isWebp = async (file) => (await file.slice(8, 12).text()) === "WEBP";

  const byUrl = (url) => run(JSON.stringify({ url, picture: true }), "application/json", null, curlLine(service.path, "application/json", { text: JSON.stringify({ url }) }));
  // The server looks at the first bytes; a file with another name is a picture all the same.
  const typeOf = (file) => file.type.startsWith("image/") ? file.type : "image/jpeg";
  const byFile = async (file) => run(file, typeOf(file), (await isWebp(file)) ? null : file, curlLine(service.path, typeOf(file), { file: file.name || "picture.png" }));

  ui.form.addEventListener("submit", (event) => { event.preventDefault(); byUrl(ui.url.value); });
  ui.file.addEventListener("change", () => { if (ui.file.files[0]) byFile(ui.file.files[0]); ui.file.value = ""; });
  ui.score.addEventListener("input", update);
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    ui.drop.addEventListener(name, (event) => { event.preventDefault(); ui.drop.classList.toggle("over", over); });
  }
  ui.drop.addEventListener("drop", (event) => { if (event.dataTransfer.files[0]) byFile(event.dataTransfer.files[0]); });
  document.addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
    if (file && !ui.root.closest("[hidden]")) byFile(file);
  });
  ui.download.addEventListener("click", () => ui.canvas.toBlob((blob) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: "detections.png" });
    link.click();
    URL.revokeObjectURL(link.href);
  }));

  new ResizeObserver(() => state.image && draw()).observe(ui.canvas); // labels are as large as it is small

  service.samples_of_pictures.forEach(async (path, index) => {
    const url = await picture(path).catch(() => null);
    if (!url) return;
    const open = async () => byFile(new File([await (await fetch(url)).blob()], path.split("/").pop(), { type: "image/png" }));
    ui.samples.append(make("button", { type: "button", onclick: open }, make("img", { src: url, alt: `Sample ${index + 1}` })));
  });
  return ui.root;
}

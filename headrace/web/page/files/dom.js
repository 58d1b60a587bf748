// Small helpers: elements, requests, errors as what they are.

export function make(tag, attributes = {}, ...children) {
  const namespace = ["svg", "rect", "line"].includes(tag) ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml";
  const element = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// The elements of a template, by their data-id.
export function parts(template) {
  const root = make("div");
  root.append(document.getElementById(template).content.cloneNode(true));
  const found = { root };
  for (const element of root.querySelectorAll("[data-id]")) found[element.dataset.id] = element;
  return found;
}

let key = "";

function askKey() {
  const dialog = document.getElementById("key");
  dialog.querySelector("[role=alert]").textContent = key && "That is not the key.";
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => { key = dialog.querySelector("input").value; resolve(); }, { once: true });
    if (!dialog.open) dialog.showModal();
  });
}

export class Problem extends Error {
  constructor(title, detail, status, errors = []) {
    super(detail);
    Object.assign(this, { title, detail, status, errors });
  }
}

// Headers are bytes, which a browser takes as characters up to 255.
const utf8 = (text) => String.fromCharCode(...new TextEncoder().encode(text));

// A response that is good; else a Problem.
export async function ask(path, options = {}) {
  let response;
  const tried = key;
  try {
    const headers = { ...options.headers, ...(tried && { "X-API-Key": utf8(tried) }) };
    response = await fetch(path, { ...options, headers });
  } catch {
    throw new Problem("No answer", "The server cannot be reached.", 0);
  }
  if (response.status === 401) {
    if (key === tried) await askKey(); // else another request has asked meanwhile
    return ask(path, options);
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw new Problem(body.title || response.statusText || "Error", body.detail || body.error || `The status is ${response.status}.`, response.status, body.errors);
}

const TRY = {
  0: "See whether it still runs, then try again.",
  400: "Correct what is named, then try again.",
  409: "Look at what is there now.",
  413: "Send a smaller picture.",
  502: "See whether the address works in a browser, or choose the file itself.",
  503: "All turns are taken: try again in a moment.",
  504: "Try again, or choose a picture that arrives sooner.",
};

export function showError(place, error) {
  place.replaceChildren();
  if (!error) return;
  if (!(error instanceof Problem)) error = new Problem("Error of the page", String(error), -1);
  const list = (error.errors || []).slice(0, 10).map((one) => make("li", {}, [one.field || one.feature, one.detail || one.problem].filter(Boolean).join(": ")));
  place.append(make("div", { class: "error" }, make("h2", {}, error.title), make("p", {}, error.detail), ...(list.length ? [make("ul", {}, ...list)] : []), make("p", {}, TRY[error.status] || "The server's log says more.")));
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

export function curlLine(path, type, data) {
  const body = data.file ? `--data-binary @${quote(data.file)}` : `--data ${quote(data.text)}`;
  const secret = key && ' -H "x-api-key: $HEADRACE_API_KEY"'; // the shell's, so that it is on no screen
  const line = `curl ${body} -H ${quote(`content-type: ${type}`)}${secret} ${quote(location.origin + path)}`;
  const copy = make("button", { type: "button", onclick: async () => { await navigator.clipboard.writeText(line); copy.textContent = "Copied"; } }, "Copy");
  return make("details", {}, make("summary", {}, "The request, for a terminal"), make("pre", { tabindex: 0, "aria-label": "curl command" }, line), copy);
}

// Bars beside each other, as parts of a whole.
export function bars(values, total, label, name = (index) => `part${index}`) {
  const svg = make("svg", { viewBox: "0 0 100 1", preserveAspectRatio: "none", role: "img", "aria-label": label });
  let x = 0;
  values.forEach((value, index) => {
    const width = total > 0 ? (100 * value) / total : 0;
    svg.append(make("rect", { x, y: 0, width, height: 1, class: name(index) }));
    x += width;
  });
  return svg;
}

export const short = (version) => version.slice(0, 12);

export async function picture(path) {
  return URL.createObjectURL(await (await ask(path)).blob());
}

// What each model has been and is: versions, metrics, card, plots; and back to the one before.
import { ask, make, parts, picture, short, showError } from "./dom.js";

// As much of Markdown as model cards have: headings, lists, tables, paragraphs.
function text(markdown) {
  const out = [];
  const plain = (line) => line.replace(/[*`]+/g, "");
  for (const block of markdown.split(/\n{2,}/)) {
    const lines = block.trim().split("\n").filter((line) => !line.startsWith("!["));
    if (!lines.length || !lines[0]) continue;
    if (lines[0].startsWith("#")) out.push(make("h4", {}, plain(lines[0].replace(/^#+ /, ""))));
    else if (lines[0].startsWith("|")) {
      const rows = lines.filter((line) => !/^[|\s:-]+$/.test(line)).map((line) => line.split("|").slice(1, -1).map((cell) => plain(cell.trim())));
      out.push(make("table", {}, ...rows.map((cells, index) => make("tr", {}, ...cells.map((cell) => make(index ? "td" : "th", {}, cell))))));
    } else if (lines[0].startsWith("- ")) out.push(make("ul", {}, ...lines.join(" ").split(/(?:^| )- /).slice(1).map((item) => make("li", {}, plain(item)))));
    else out.push(make("p", {}, plain(lines.join(" "))));
  }
  return out;
}

function show(ui, model, version) {
  ui.shown.textContent = short(version.name);
  const numbers = Object.entries(version.metrics);
  ui.metrics.replaceChildren(...numbers.map(([name, value]) => make("div", {}, make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, Number.isInteger(value) ? String(value) : value.toFixed(4)))));
  ui.card.replaceChildren(...(version.card ? text(version.card) : [make("p", {}, "This version has none.")]));
  const base = `/models/${encodeURIComponent(model)}/versions/${version.name}/`;
  ui.plots.replaceChildren(...version.pictures.map((path) => {
    const image = make("img", { alt: `${path.replace(/\.png$/, "").replaceAll("_", " ")} of ${short(version.name)}` });
    picture(base + path).then((url) => { image.src = url; }).catch((error) => showError(ui.error, error));
    return image;
  }));
  for (const row of ui.versions.children) row.querySelector("button").setAttribute("aria-pressed", row.dataset.version === version.name);
}

function fill(ui, service, refresh) {
  ui.name.textContent = service.model;
  ui.region.setAttribute("aria-label", `Versions of ${service.model}`);
  ui.serving.textContent = service.serving ? `${short(service.serving)} answers now.` : "";
  ui.versions.replaceChildren(...service.versions.map((version) => {
    const states = [version.name === service.current && "current", version.name === service.serving && "serving"].filter(Boolean);
    const open = make("button", { type: "button", onclick: () => show(ui, service.model, version) }, short(version.name));
    return make("tr", { "data-version": version.name }, make("td", {}, open), make("td", {}, version.created), make("td", {}, ...states.map((state) => make("span", { class: "badge" }, state))));
  }));
  const back = make("button", { type: "button", disabled: !service.before, onclick: () => rollBack(ui, service, back, refresh) }, service.before ? `Roll back to ${short(service.before)}` : "Nothing to roll back to");
  ui.buttons.replaceChildren(...(service.may_roll_back ? [back] : []));
  const first = service.versions.find((version) => version.name === service.current) || service.versions[0];
  if (first) show(ui, service.model, first);
}

async function rollBack(ui, service, button, refresh) {
  button.disabled = true;
  showError(ui.error);
  try {
    // The version that the button names: another may be before the current one by now.
    await ask(`/models/${encodeURIComponent(service.model)}/rollback?to=${service.before}`, { method: "POST" });
  } catch (error) {
    showError(ui.error, error);
    button.disabled = false;
  }
  await refresh().catch((error) => showError(ui.error, error));
}

export function models(services) {
  const root = make("div");
  const shown = new Map();

  // What has changed since, by whomever.
  async function refresh() {
    for (const service of (await (await ask("/models")).json()).workers) tell(service);
  }

  function tell(service) {
    const one = shown.get(service.name);
    const told = JSON.stringify(service);
    if (!one || one.told === told) return;
    one.told = told;
    fill(one.ui, service, refresh);
  }

  for (const service of services.filter((one) => one.model)) {
    const ui = parts("model");
    shown.set(service.name, { ui });
    tell(service);
    root.append(ui.root);
  }
  root.addEventListener("shown", () => refresh().catch(() => {})); // what was told stays
  return root;
}

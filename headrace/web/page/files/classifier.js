// All features in groups, each with the range that the model was trained on; the answer, and why.
import { ask, bars, curlLine, make, parts, short, showError } from "./dom.js";

const GROUPS = { mean: "Mean", se: "Standard error", worst: "Worst" };
const SHOWN = 12;

const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

export function classifier(service) {
  const ui = parts("classifier");
  const fields = new Map();
  let turn = 0;
  const numeric = Object.entries(service.schema.properties || {}).filter(([, schema]) => schema.type === "number").map(([name]) => name);
  const ranges = service.ranges || {};

  function mark(name) {
    const { input, holder, hint } = fields.get(name);
    const range = ranges[name];
    const none = input.validity.badInput; // such as "1e"; its value is then ""
    const out = none || range && input.value !== "" && (Number(input.value) < range[0] || Number(input.value) > range[1]);
    holder.classList.toggle("out", Boolean(out));
    hint.textContent = none ? "not a number" : range ? `${out ? "outside " : ""}${range[0]} to ${range[1]}` : "";
  }

  function addField(group, name, label) {
    const id = `${service.name}-${name}`;
    const input = make("input", { id, type: "number", step: "any", required: true, "aria-describedby": `${id}-hint`, oninput: () => mark(name) });
    const hint = make("small", { id: `${id}-hint` });
    const holder = make("div", { class: "field" }, make("label", { for: id }, label), input, hint);
    fields.set(name, { input, holder, hint });
    group.append(holder);
    mark(name);
  }

  const groups = new Map();
  for (const name of numeric) {
    const suffix = name.slice(name.lastIndexOf("_") + 1);
    const known = GROUPS[suffix];
    if (!groups.has(known || "")) groups.set(known || "", make("fieldset", {}, make("legend", {}, known || "Features")));
    addField(groups.get(known || ""), name, known ? name.slice(0, -suffix.length - 1).replaceAll("_", " ") : name);
  }
  ui.groups.append(...groups.values());

  // What is no number is sent as null, for the server to name; what is empty, not at all.
  const value = ({ input }) => input.validity.badInput ? null : input.value === "" ? undefined : Number(input.value);
  const values = () => Object.fromEntries(numeric.map((name) => [name, value(fields.get(name))]));

  function chart(contributions) {
    const sorted = Object.entries(contributions).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
    const shown = sorted.slice(0, SHOWN);
    const rest = sorted.slice(SHOWN).reduce((sum, [, value]) => sum + value, 0);
    if (sorted.length > SHOWN) shown.push([`${sorted.length - SHOWN} others`, rest]);
    const most = Math.max(...shown.map(([, value]) => Math.abs(value)), 1e-9);
    ui.chart.replaceChildren(...shown.flatMap(([name, value]) => {
      const width = (50 * Math.abs(value)) / most;
      const bar = make("rect", { x: value < 0 ? 50 - width : 50, y: 1, width, height: 8, class: value < 0 ? "less" : "more" });
      const svg = make("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, bar, make("line", { x1: 50, x2: 50, y1: 0, y2: 10, "stroke-width": 0.4 }));
      return [make("span", {}, name), svg, make("span", {}, signed(value))];
    }));
  }

  async function run() {
    const mine = ++turn; // whatever was asked before may still be answered: it is not shown
    showError(ui.error);
    ui.answer.ariaBusy = true;
    const sent = values();
    try {
      const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ...sent, explain: true }) };
      const answer = await (await ask(service.path, options)).json();
      if (mine !== turn) return;
      const percent = (answer.probability * 100).toFixed(1);
      ui.verdict.textContent = `${answer.result === "M" ? "M, malignant" : "B, benign"}`;
      ui.probability.replaceChildren(make("p", {}, `Probability of M: ${percent} %`), make("div", { class: "bar" }, bars([answer.probability], 1, `${percent} %`, () => "fill")));
      chart(answer.contributions);
      ui.about.replaceChildren(make("p", { class: "note" }, `Bias ${signed(answer.bias)}, sum ${signed(answer.margin)}. Model ${short(answer.model_version)}. Not a medical device.`));
      ui.curl.replaceChildren(curlLine(service.path, "application/json", { text: JSON.stringify(sent) }));
      ui.answer.hidden = false;
    } catch (error) {
      if (mine !== turn) return;
      ui.answer.hidden = true;
      showError(ui.error, error);
    } finally {
      if (mine === turn) ui.answer.ariaBusy = false;
    }
  }

  function load(sample) {
    for (const [name, value] of Object.entries(sample.input)) {
      if (!fields.has(name)) continue;
      fields.get(name).input.value = value;
      mark(name);
    }
    return run();
  }

  ui.form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  for (const sample of service.samples) ui.samples.append(make("button", { type: "button", onclick: () => load(sample) }, `Sample: ${sample.name}`));
  if (service.samples.length) load(service.samples[0]);
  return ui.root;
}

// The tabs: one for each worker that has a view, and one for models.
import { ask, make, showError } from "./dom.js";
import { classifier } from "./classifier.js";
import { detector } from "./detector.js";
import { models } from "./models.js";
import { stream } from "./stream.js";

const VIEWS = { detector: ["Detector", detector], classifier: ["Classifier", classifier] };
const main = document.getElementById("main");
const tabs = document.getElementById("tabs");

// As it stands in the address: a module may have any letters.
const hash = (tab) => `#${encodeURIComponent(tab.id.slice(4))}`;

function select(tab) {
  for (const other of tabs.children) {
    const is = other === tab;
    other.setAttribute("aria-selected", is);
    other.tabIndex = is ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls"));
    panel.hidden = !is;
    if (is) panel.firstElementChild.dispatchEvent(new Event("shown"));
  }
  history.replaceState(null, "", hash(tab));
}

function add(id, name, content) {
  const tab = make("button", { role: "tab", type: "button", id: `tab-${id}`, "aria-controls": `panel-${id}`, onclick: () => select(tab) }, name);
  tabs.append(tab);
  main.append(make("div", { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}`, hidden: true }, content));
}

tabs.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const all = [...tabs.children];
  const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
  select(next);
  next.focus();
});

async function startStream() {
  const view = stream(await (await ask("/stream")).json());
  document.getElementById("loading").remove();
  const link = document.querySelector("header a"); // a runner has no API
  Object.assign(link, { href: "/metrics", textContent: "Metrics" });
  add("stream", "Stream", view);
  select(tabs.children[0]);
}

async function startModels() {
  const services = (await (await ask("/models")).json()).workers;
  document.getElementById("loading").remove();
  const order = ["detector", "classifier"];
  const shown = services.filter((one) => VIEWS[one.view]).sort((a, b) => order.indexOf(a.view) - order.indexOf(b.view));
  for (const service of shown) {
    const [name, view] = VIEWS[service.view];
    add(service.name, shown.filter((one) => one.view === service.view).length > 1 ? `${name}: ${service.name}` : name, view(service));
  }
  if (services.some((one) => one.model)) add("all-models", "Models", models(services)); // no module has this name
  if (!tabs.children.length) {
    main.append(make("p", {}, "These workers have no view here. ", make("a", { href: "/api" }, "The API"), " says how to ask them."));
    return;
  }
  select([...tabs.children].find((tab) => hash(tab) === location.hash) || tabs.children[0]);
}

const start = { models: startModels, stream: startStream }[document.body.dataset.about];
start().catch((error) => showError(main, error));

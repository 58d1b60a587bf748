// A run as it goes: records a second, where each partition stands, dead letters and why.
import { ask, make, parts, showError } from "./dom.js";

const EVERY = 1000;
const KEPT = 60;
const SHOWN = ["polled", "done", "retried", "failed", "dead_lettered", "filtered_out", "lost", "committed"];

const number = (value) => value.toLocaleString("en");
const seconds = (value) => `${value.toFixed(1)} s`;
const time = (at) => new Date(at).toLocaleTimeString("en-GB");

export function stream(first) {
  const ui = parts("stream");
  const seen = { counts: first.counts, at: performance.now() };
  const rates = [];

  function tellRates(now) {
    const at = performance.now();
    const passed = (at - seen.at) / 1000;
    const ended = (counts) => counts.done + counts.dead_lettered;
    const more = ended(now.counts) - ended(seen.counts); // less than none: another process answers
    const rate = passed > 0 ? Math.max(0, more) / passed : 0;
    Object.assign(seen, { counts: now.counts, at });
    rates.push(rate);
    rates.splice(0, rates.length - KEPT);
    const most = Math.max(...rates, 1);
    ui.rate.textContent = `${number(Math.round(rate))} records/s`;
    ui.chart.setAttribute("aria-label", `Records a second of the last ${rates.length} seconds, at most ${number(Math.round(most))}`);
    ui.chart.replaceChildren(...rates.map((value, index) => {
      const height = (20 * value) / most;
      return make("rect", { x: KEPT - rates.length + index, y: 20 - height, width: 0.8, height, class: "fill" });
    }));
  }

  function row(one) {
    const behind = one.age != null ? seconds(one.age / 1000) : one.lag != null ? number(one.lag) : "?";
    const cells = [behind, number(one.waiting), number(one.parked), number(one.in_flight), one.since == null ? "" : seconds(one.since), number(one.committed), one.tries ? number(one.tries + 1) : ""];
    return make("tr", { class: one.tries && "retried" }, make("th", { scope: "row" }, one.name), ...cells.map((cell) => make("td", {}, cell)));
  }

  function show(now) {
    tellRates(now);
    ui.counts.replaceChildren(...SHOWN.map((name) => make("div", {}, make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, number(now.counts[name])))));
    const partitions = [...now.partitions].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
    ui.partitions.replaceChildren(...partitions.map(row));
    ui.none.hidden = partitions.length > 0;
    ui.letters.replaceChildren(...now.dead_letters.map((one) => make("tr", {}, make("td", {}, time(one.at)), make("td", {}, one.record), make("td", {}, one.why))));
    ui["no-letters"].hidden = now.dead_letters.length > 0;
  }

  async function look() {
    try {
      show(await (await ask("/stream")).json());
      showError(ui.error);
    } catch (error) {
      showError(ui.error, error);
    }
    setTimeout(look, EVERY);
  }

  async function send() {
    showError(ui["send-error"]);
    ui.sent.textContent = "";
    const body = JSON.stringify({ value: ui.value.value, key: ui.key.value || null });
    try {
      await ask("/stream/messages", { method: "POST", headers: { "content-type": "application/json" }, body });
      ui.sent.textContent = `Written at ${time(Date.now())}.`;
    } catch (error) {
      showError(ui["send-error"], error);
    }
  }

  ui.name.textContent = first.name;
  ui.source.textContent = first.source;
  ui.form.hidden = !first.may_write;
  ui.form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  show(first);
  setTimeout(look, EVERY);
  return ui.root;
}

"use strict";
const models = JSON.parse(document.getElementById("data").textContent);
let data = models[0];  // the model that is being counted; there are two where they stand side by side
const field = name => document.getElementById(name);
const sliders = [...document.querySelectorAll("input[data-plan]")];
const BEFORE = "before the layers", AFTER = "after the layers";
const start = {
  tp: data.plan.tensor, pp: data.plan.pipeline, dp: data.plan.data, ep: data.plan.expert, micro: data.plan.micro_batch,
  count: data.plan.micro_batches, chunks: data.plan.chunks, n: data.sizes.n,
};
const plan = {};

// A slider's steps are the powers of two and the number that was asked for.
const steps = name => [...new Set([...Array(15).keys()].map(power => 2 ** power).concat(start[name]))].sort((a, b) => a - b);

const sized = (name, sizes) => Array.isArray(name) ? Math.min(...name.map(one => sized(one, sizes))) : name in sizes ? sizes[name] : Number(name);
const term = ([coefficient, ...powers], sizes) => powers.reduce((all, [name, power]) => all * sized(name, sizes) ** power, coefficient);
const value = (terms, sizes) => terms.reduce((all, one) => all + term(one, sizes), 0);

// An expert's matrices are shared as the others are, unless another number was asked for.
const etp = () => data.plan.expert_tensor === data.plan.tensor ? plan.tp : data.plan.expert_tensor;

function sizesNow() {
  const words = "V" in data.sizes ? { V: Math.ceil(data.sizes.V / plan.tp) * plan.tp } : {};
  return { ...data.sizes, ...words, n: plan.n, m: plan.n, b: plan.micro, t: plan.tp, s: plan.sp ? plan.tp : 1, e: plan.ep, u: etp() };
}

const nearest = (number, of) => {
  const found = [...Array(of).keys()].map(one => one + 1).filter(one => of % one === 0);
  return [...found.filter(one => one < number).slice(-1), ...found.filter(one => one > number).slice(0, 1)].join(" and ");
};

function misfit() {
  const degrees = { tensor: ["tp", plan.tp], expert: ["ep", plan.ep], expert_tensor: ["etp", etp()] };
  for (const [kind, word, number] of data.limits) {
    const [flag, degree] = degrees[kind];
    if (number % degree) return `${flag}: ${degree} does not divide the ${number} ${word}; nearest: ${nearest(degree, number)}`;
  }
  const runs = plan.pp * plan.chunks;
  if (data.layers % runs) return `pp: ${runs} runs of layers do not divide the ${data.layers} layers; nearest: ${nearest(runs, data.layers)}`;
  if (plan.pp > 1 && !data.staged) return "pp: stages are not counted for a model of an encoder and a decoder; nearest: 1";
  const group = plan.tp * plan.dp, experts = plan.ep * etp();
  if (group % experts) return `ep: ${plan.ep} x etp ${etp()} = ${experts} does not divide tp ${plan.tp} x dp ${plan.dp} = ${group}; nearest: ${nearest(experts, group)}`;
  if (plan.sp && plan.n % plan.tp) return `sp: a sequence of ${plan.n} is no multiple of tp ${plan.tp}`;
  if ((plan.schedule === "interleaved") !== plan.chunks > 1) return `chunks: an interleaved schedule has 2 or more, the others 1; got ${plan.chunks}`;
  if (plan.chunks > 1 && plan.count % plan.pp) return `schedule: ${plan.count} micro-batches are no multiple of pp ${plan.pp}`;
  return "";
}

function parts() {
  const layers = data.stacks.flatMap(([name, count]) => Array(count).fill(name)), stage = plan.stage === "first" ? 0 : plan.pp - 1;
  const run = Math.floor(layers.length / (plan.pp * plan.chunks)), own = new Map();
  if (stage === 0) own.set(BEFORE, 1);
  for (let chunk = 0; chunk < plan.chunks; chunk++) {
    const first = (chunk * plan.pp + stage) * run;
    for (const name of layers.slice(first, first + run)) own.set(name, (own.get(name) || 0) + 1);
  }
  if (stage === plan.pp - 1) own.set(AFTER, 1);
  return { stage, own: [...own] };
}

function inFlight(stage) {
  const total = plan.count * plan.chunks, after = plan.pp - stage - 1;
  if (plan.schedule === "gpipe") return total;
  return Math.min(plan.chunks === 1 ? after + 1 : 2 * after + (plan.chunks - 1) * plan.pp + 1, total);
}

function memory(sizes) {
  const { stage, own } = parts(), isTied = plan.pp > 1 && stage === plan.pp - 1;
  const held = own.map(([name, count]) => data.places[name].parameters.map(terms => count * value(terms, sizes)));
  const usual = held.reduce((all, [one]) => all + one, 0) + (isTied ? value(data.tied, sizes) : 0);
  const experts = held.reduce((all, [, one]) => all + one, 0);
  const whole = usual + experts, shared = usual / plan.dp + experts / (plan.tp * plan.dp / (plan.ep * etp()));
  const at = level => plan.zero >= level ? shared : whole, { weights, gradients, master, optimizer } = data.bytes;
  const unit = plan.zero === 3 && plan.dp > 1 ? Math.max(...own.map(([name]) => data.places[name].parameters.reduce((all, terms) => all + value(terms, sizes), 0))) : 0;
  const waiting = inFlight(stage);
  const kept = own.reduce((all, [name, count]) => {
    const one = count * value(data.places[name].kept, sizes);
    if (name === BEFORE) return all + one * Math.min(Math.ceil(waiting / plan.chunks), plan.count);
    if (name === AFTER) return all + one * (plan.schedule === "gpipe" ? plan.count : 1);
    return all + one * waiting / plan.chunks;
  }, 0);
  const again = Math.max(0, ...own.filter(([name]) => name !== BEFORE && name !== AFTER).map(([name]) => value(data.places[name].again, sizes)));
  return {
    parameters: whole,
    kinds: {
      weights: weights * at(3), gradients: gradients * at(2), master: master * at(1), optimizer: optimizer * at(1),
      live: (weights + gradients) * unit, activations: kept, recomputed: again,
    },
  };
}

// What a device of the stage sends in a step: kind, group, how often, bytes of the whole, devices.
function collectives(sizes) {
  const { stage, own } = parts(), { weights, gradients } = data.bytes, full = data.recompute === "full", found = [];
  const devices = { tensor: plan.tp, expert: plan.ep, expert_tensor: etp() };
  for (const [name, count] of own) for (const [kind, group, terms, sequence, kept, learned] of data.places[name].exchanges) {
    const again = full && name !== BEFORE && name !== AFTER, forward = again ? 2 : 1, back = learned ? 1 : 0, cut = plan.sp && sequence;
    const whole = value(terms, sizes) * weights, each = count * (kind === "gradient" ? 1 : plan.count);
    const kinds = kind === "gradient" ? (cut || !sequence ? [["all-reduce", 1]] : [])
      : kind === "sent" ? [["all-to-all", forward + back]]
      : kind === "partial" ? (cut ? [["reduce-scatter", forward], ["all-gather", back]] : [["all-reduce", forward]])
      : cut ? [["all-gather", forward + (kept && !again ? 1 : 0)], ["reduce-scatter", back]] : [["all-reduce", back]];
    for (const [way, times] of kinds) found.push({ way, group, times: each * times, whole, devices: devices[group] });
  }
  const isTied = plan.pp > 1 && data.tied.length, tied = isTied ? value(data.tied, sizes) : 0;
  const sums = [0, 1].map(which => own.reduce((all, [name, count]) => all + count * value(data.places[name].parameters[which], sizes), 0));
  const held = [sums[0] + (stage === plan.pp - 1 ? tied : 0), sums[1]], copies = [plan.dp, plan.tp * plan.dp / (plan.ep * etp())];
  const each = plan.zero >= 2 ? plan.count : 1, gathered = plan.zero === 3 ? 2 * plan.count : 1;
  const shares = plan.zero === 0 ? [["all-reduce", 1, gradients]] : [["reduce-scatter", each, gradients], ["all-gather", gathered, weights]];
  held.forEach((numbers, which) => shares.forEach(([way, times, width]) => found.push({ way, group: "data", times, whole: numbers * width, devices: copies[which] })));
  if (isTied && (stage === 0 || stage === plan.pp - 1)) found.push({ way: "all-reduce", group: "pipeline", times: 1, whole: tied * gradients, devices: 2 });
  if (plan.pp > 1) {
    const stream = Math.max(...data.stacks.map(([name]) => value(data.places[name].carried, sizes)));
    const runs = [...Array(plan.chunks).keys()].map(chunk => chunk * plan.pp + stage);
    for (const end of [plan.pp * plan.chunks - 1, 0]) found.push({ way: "point-to-point", group: "pipeline", times: runs.filter(one => one !== end).length * plan.count, whole: stream, devices: 2 });
  }
  return found;
}

const bytesSent = ({ way, whole, devices }) => way === "point-to-point" ? whole : whole * (way === "all-reduce" ? 2 : 1) * (devices - 1) / devices;

// Bytes within the node and to others: first within nodes, then each its share between them.
function nearAndFar(one, node) {
  const stride = { tensor: 1, expert_tensor: 1, expert: etp(), data: plan.tp }[one.group];
  if (stride === undefined) return plan.tp * plan.pp * plan.dp <= node ? [bytesSent(one), 0] : [0, bytesSent(one)];
  const local = Math.max(Math.min(one.devices, Math.floor(node / stride)), 1), nodes = Math.ceil(one.devices / local);
  if (one.way === "all-to-all") return [one.whole * (local - 1) / one.devices, one.whole * (one.devices - local) / one.devices];
  const factor = one.way === "all-reduce" ? 2 : 1;
  return [factor * one.whole * (local - 1) / local, factor * one.whole / local * (nodes - 1) / nodes];
}

// Bytes that memory has to move: parameters and gradients for each micro-batch, activations twice, the optimizer's state.
function moved(sizes, parameters, kinds) {
  const { weights, gradients } = data.bytes, passes = data.recompute === "full" ? 3 : 2;
  const kept = parts().own.reduce((all, [name, count]) => all + count * value(data.places[name].kept, sizes), 0);
  return (parameters * (passes * weights + 2 * gradients) + 2 * kept) * plan.count + 2 * (kinds.master + kinds.optimizer);
}

const plain = number => number < 2 ** 53 ? Math.round(number).toLocaleString("en-US") : number.toPrecision(6);
const bytes = number => {
  const power = Math.min(Math.floor(Math.log10(Math.max(number, 1)) / 3), 6);
  return `${(number / 1000 ** power).toPrecision(4)} ${["B", "kB", "MB", "GB", "TB", "PB", "EB"][power]}`;
};

function draw({ kinds, capacity, suffix }, widest) {
  const svg = field(`picture${suffix}`), make = (tag, given, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, one] of Object.entries(given)) node.setAttribute(name, one);
    if (text) node.textContent = text;
    return node;
  };
  const total = Object.values(kinds).reduce((all, one) => all + one, 0), scale = 700 / widest;
  let left = 10;
  const boxes = Object.entries(kinds).map(([name, amount], number) => {
    const box = make("rect", { x: left, y: 30, width: amount * scale, height: 40, class: `kind-${number}` });
    box.append(make("title", {}, `${name}: ${bytes(amount)}`));
    left += amount * scale;
    return box;
  });
  const edge = 10 + capacity * scale;
  svg.replaceChildren(
    svg.querySelector("title"), ...boxes, make("line", { x1: edge, x2: edge, y1: 22, y2: 80 }),
    make("text", { x: Math.min(edge, 700), y: 16, "text-anchor": edge > 360 ? "end" : "start" }, `the device holds ${bytes(capacity)}`),
  );
  field(`memory${suffix}`).replaceChildren(...Object.entries(kinds).map(([name, amount]) => {
    const row = document.createElement("div"), word = document.createElement("dt");
    const bar = document.createElement("dd"), number = document.createElement("dd"), share = document.createElement("progress");
    share.value = total ? amount / total : 0;
    share.setAttribute("aria-label", `${name}: ${bytes(amount)}`);
    word.textContent = name;
    number.textContent = bytes(amount);
    number.id = `bytes-${name}${suffix}`;
    number.dataset.bytes = Math.round(amount);
    bar.append(share);
    row.append(word, bar, number);
    return row;
  }));
}

function show() {
  for (const slider of sliders) {
    const name = slider.dataset.plan;
    plan[name] = steps(name)[slider.value];
    field(`is-${name}`).textContent = plain(plan[name]);
  }
  plan.ep = plan.ep || 1;
  Object.assign(plan, { sp: field("plan-sp").checked && plan.tp > 1, zero: Number(field("plan-zero").value), schedule: field("plan-schedule").value });
  Object.assign(plan, { stage: field("plan-stage").value, device: field("plan-device").value });
  const columns = models.map(counted), found = columns.filter(one => !one.wrong);
  const widest = Math.max(...found.map(one => Math.max(one.total, one.capacity)));
  for (const one of columns) one.wrong ? empty(one) : draw(one, widest);
  for (const one of found) for (const [name, text] of Object.entries(one.shown)) field(`total-${name}${one.suffix}`).textContent = text;
  const said = columns.map(({ name, wrong, total, capacity }) => [name, wrong || (total > capacity ? `memory: the device needs ${bytes(total)} and holds ${bytes(capacity)}` : "")]);
  field("misfit").textContent = said.filter(([, words]) => words).map(([name, words]) => models.length > 1 ? `${name}: ${words}` : words).join("; ");
}

// Numbers of another plan do not stay where a plan does not fit.
function empty({ suffix }) {
  field(`picture${suffix}`).replaceChildren(field(`picture-title${suffix}`));
  field(`memory${suffix}`).replaceChildren();
  for (const cell of document.querySelectorAll(`td[id^="total-"]`)) if (cell.id.endsWith("-2") === Boolean(suffix)) cell.textContent = "–";
}

// What the plan comes to for one model, by its column.
function counted(model, column) {
  data = model;
  const suffix = column ? `-${column + 1}` : "", name = model.name, wrong = misfit();
  if (wrong) return { suffix, name, wrong };
  const [peak, capacity, bandwidth, link, network, node] = data.devices[plan.device], sizes = sizesNow();
  const { parameters, kinds } = memory(sizes), total = Object.values(kinds).reduce((all, one) => all + one, 0);
  const flops = plan.count * parts().own.reduce((all, [name, count]) => all + count * value(data.places[name].flops, sizes), 0);
  const counts = { ...Object.fromEntries(data.stacks), [BEFORE]: 1, [AFTER]: 1 };
  const useful = plan.count * plan.dp * Object.entries(data.places).reduce((all, [name, place]) => all + counts[name] * value(place.model_flops, sizes), 0);
  const bubble = (plan.pp - 1) / (plan.chunks * plan.count), seconds = flops / peak * (1 + bubble), devices = plan.tp * plan.pp * plan.dp;
  const sent = collectives(sizes), split = sent.map(one => nearAndFar(one, node).map(amount => one.times * amount));
  const times = {
    compute: seconds, memory: moved(sizes, parameters, kinds) / bandwidth,
    network: Math.max(...[link, network].map((speed, which) => split.reduce((all, one) => all + one[which], 0) / speed)),
  };
  const [bound, least] = Object.entries(times).reduce((most, one) => one[1] > most[1] ? one : most);
  const shown = {
    sent: plain(sent.reduce((all, one) => all + one.times * bytesSent(one), 0)), moved: times.memory.toPrecision(4),
    network: times.network.toPrecision(4), step: least.toPrecision(4), bound,
    devices: plain(devices), batch: plain(plan.micro * plan.count * plan.dp), parameters: plain(parameters), total: plain(total),
    flops: plain(flops), bubble: bubble.toFixed(4), compute: seconds.toPrecision(4), mfu: `${(100 * useful / (devices * peak * least)).toFixed(1)} %`,
  };
  return { suffix, name, wrong, kinds, total, capacity, shown };
}

function reset() {
  for (const slider of sliders) {
    slider.max = steps(slider.dataset.plan).length - 1;
    slider.value = steps(slider.dataset.plan).indexOf(start[slider.dataset.plan]);
  }
  const [first] = models;
  field("plan-sp").checked = first.plan.sequence;
  field("plan-zero").value = String(first.plan.zero);
  field("plan-schedule").value = first.plan.schedule;
  field("plan-device").value = first.device;
  show();
}

for (const one of document.querySelectorAll("input, select")) one.addEventListener("input", show);
field("reset").addEventListener("click", reset);
reset();

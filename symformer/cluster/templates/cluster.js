"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
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

const plain = number => number < 2 ** 53 ? Math.round(number).toLocaleString("en-US") : number.toPrecision(6);
const bytes = number => {
  const power = Math.min(Math.floor(Math.log10(Math.max(number, 1)) / 3), 6);
  return `${(number / 1000 ** power).toPrecision(4)} ${["B", "kB", "MB", "GB", "TB", "PB", "EB"][power]}`;
};

function draw(kinds, capacity) {
  const svg = field("picture"), make = (tag, given, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, one] of Object.entries(given)) node.setAttribute(name, one);
    if (text) node.textContent = text;
    return node;
  };
  const total = Object.values(kinds).reduce((all, one) => all + one, 0), scale = 700 / Math.max(total, capacity);
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
  field("memory").replaceChildren(...Object.entries(kinds).map(([name, amount]) => {
    const row = document.createElement("div"), word = document.createElement("dt");
    const bar = document.createElement("dd"), number = document.createElement("dd"), share = document.createElement("progress");
    share.value = total ? amount / total : 0;
    share.setAttribute("aria-label", `${name}: ${bytes(amount)}`);
    word.textContent = name;
    number.textContent = bytes(amount);
    number.id = `bytes-${name}`;
    number.dataset.bytes = Math.round(amount);
    bar.append(share);
    row.append(word, bar, number);
    return row;
  }));
  return total;
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
  const wrong = misfit(), [peak, capacity] = data.devices[plan.device], sizes = sizesNow();
  field("misfit").textContent = wrong;
  if (wrong) return;
  const { parameters, kinds } = memory(sizes), total = draw(kinds, capacity);
  if (total > capacity) field("misfit").textContent = `memory: the device needs ${bytes(total)} and holds ${bytes(capacity)}`;
  const flops = plan.count * parts().own.reduce((all, [name, count]) => all + count * value(data.places[name].flops, sizes), 0);
  const counts = { ...Object.fromEntries(data.stacks), [BEFORE]: 1, [AFTER]: 1 };
  const model = plan.count * plan.dp * Object.entries(data.places).reduce((all, [name, place]) => all + counts[name] * value(place.model_flops, sizes), 0);
  const bubble = (plan.pp - 1) / (plan.chunks * plan.count), seconds = flops / peak * (1 + bubble), devices = plan.tp * plan.pp * plan.dp;
  const shown = {
    devices: plain(devices), batch: plain(plan.micro * plan.count * plan.dp), parameters: plain(parameters), total: plain(total),
    flops: plain(flops), bubble: bubble.toFixed(4), compute: seconds.toPrecision(4), mfu: `${(100 * model / (devices * peak * seconds)).toFixed(1)} %`,
  };
  for (const [name, text] of Object.entries(shown)) field(`total-${name}`).textContent = text;
}

function reset() {
  for (const slider of sliders) {
    slider.max = steps(slider.dataset.plan).length - 1;
    slider.value = steps(slider.dataset.plan).indexOf(start[slider.dataset.plan]);
  }
  field("plan-sp").checked = data.plan.sequence;
  field("plan-zero").value = String(data.plan.zero);
  field("plan-schedule").value = data.plan.schedule;
  field("plan-device").value = data.device;
  show();
}

for (const one of document.querySelectorAll("input, select")) one.addEventListener("input", show);
field("reset").addEventListener("click", reset);
reset();

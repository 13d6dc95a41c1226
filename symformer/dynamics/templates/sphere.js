"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const field = name => document.getElementById(name);
const sphere = field("sphere"), energy = field("energy");
const view = { yaw: -0.5, pitch: 0.35 };

// Positions are 16-bit integers, frame after frame, token after token, x, y, z.
const unpacked = text => new Int16Array(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
for (const run of data.runs) run.at = unpacked(run.positions);

const made = (parent, name, attributes) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return parent.appendChild(node);
};

made(sphere, "circle", { cx: 0, cy: 0, r: 100, class: "line front" });
const back = made(sphere, "path", { class: "line back" });
const front = made(sphere, "path", { class: "line front" });
const dots = Array.from({ length: Math.max(...data.tokens) }, () => made(sphere, "circle", { class: "token" }));
const curve = made(energy, "path", { class: "curve" });
const now = made(energy, "line", { class: "line", y1: 2, y2: 88 });

const turned = (x, y, z) => {
  const across = x * Math.cos(view.yaw) - y * Math.sin(view.yaw), away = x * Math.sin(view.yaw) + y * Math.cos(view.yaw);
  return [across, z * Math.cos(view.pitch) + away * Math.sin(view.pitch), z * Math.sin(view.pitch) - away * Math.cos(view.pitch)];
};

const rings = [(c, s) => [c, s, 0], (c, s) => [c, 0, s], (c, s) => [0, c, s]].map(ring =>
  Array.from({ length: 73 }, (_, k) => ring(Math.cos(k * Math.PI / 36), Math.sin(k * Math.PI / 36))));

function drawRings() {
  const parts = ["", ""];
  for (const ring of rings) {
    const seen = ring.map(point => turned(...point));
    for (let k = 1; k < seen.length; k++) {
      const [[x, y, depth], [u, v]] = [seen[k - 1], seen[k]];
      parts[depth >= 0 ? 1 : 0] += `M${(100 * x).toFixed(1)} ${(-100 * y).toFixed(1)}L${(100 * u).toFixed(1)} ${(-100 * v).toFixed(1)}`;
    }
  }
  back.setAttribute("d", parts[0]);
  front.setAttribute("d", parts[1]);
}

const chosen = () => data.runs[Number(field("tokens").value) * data.betas.length + Number(field("beta").value)];

function drawTokens() {
  const run = chosen(), n = data.tokens[Number(field("tokens").value)], frame = Number(field("time").value);
  dots.forEach((dot, k) => {
    dot.setAttribute("visibility", k < n ? "visible" : "hidden");
    if (k >= n) return;
    const start = 3 * (frame * n + k);
    const [x, y, depth] = turned(...[0, 1, 2].map(c => run.at[start + c] / 32767));
    dot.setAttribute("cx", (100 * x).toFixed(2));
    dot.setAttribute("cy", (-100 * y).toFixed(2));
    dot.setAttribute("r", depth >= 0 ? 3.5 : 2.4);
    dot.setAttribute("fill-opacity", depth >= 0 ? 0.85 : 0.35);
  });
}

function drawEnergy() {
  const values = chosen().energy, frame = Number(field("time").value);
  const low = Math.min(...values), span = Math.max(...values) - low || 1;
  const x = k => 4 + 212 * k / (values.length - 1);
  curve.setAttribute("d", "M" + values.map((value, k) => `${x(k).toFixed(1)} ${(84 - 78 * (value - low) / span).toFixed(1)}`).join("L"));
  now.setAttribute("x1", x(frame));
  now.setAttribute("x2", x(frame));
}

function draw() {
  const run = chosen(), frame = Number(field("time").value), count = run.clusters[frame];
  field("beta-is").value = data.betas[Number(field("beta").value)];
  field("tokens-is").value = data.tokens[Number(field("tokens").value)];
  field("time-is").value = data.times[frame];
  field("seen").textContent = `${count} cluster${count === 1 ? "" : "s"}, energy ${run.energy[frame].toPrecision(5)}`;
  drawTokens();
  drawEnergy();
}

function turn(yaw, pitch) {
  view.yaw += yaw;
  view.pitch = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, view.pitch + pitch));
  drawRings();
  drawTokens();
}

const ARROWS = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
sphere.addEventListener("keydown", event => {
  if (!(event.key in ARROWS)) return;
  event.preventDefault();
  turn(...ARROWS[event.key]);
});
sphere.addEventListener("pointerdown", event => sphere.setPointerCapture(event.pointerId));
sphere.addEventListener("pointermove", event => {
  if (sphere.hasPointerCapture(event.pointerId)) turn(event.movementX / 150, event.movementY / 150);
});
for (const name of ["beta", "tokens", "time"]) field(name).addEventListener("input", draw);

let playing = 0;
function play(on) {
  clearInterval(playing);
  playing = on ? setInterval(step, 100) : 0;
  field("play").textContent = on ? "Pause" : "Play";
}
function step() {
  const time = field("time");
  if (time.value === time.max) return play(false);
  time.value = Number(time.value) + 1;
  draw();
}
field("play").addEventListener("click", () => {
  if (!playing && field("time").value === field("time").max) field("time").value = 0;
  play(!playing);
});
document.querySelector("form").addEventListener("submit", event => event.preventDefault());

drawRings();
draw();

"use strict";
// One sound at a time; the map by pointer and by keyboard; groups brought out by the legend.
const map = document.getElementById("map");
const points = [...map.querySelectorAll("a")];
const players = [...document.querySelectorAll("audio")];
const dock = document.getElementById("dock");
const said = document.getElementById("said");
const resting = said.textContent;

const where = (point) => ({ x: +point.dataset.x, y: +point.dataset.y });
const name = (point) => point.querySelector("title").textContent;

for (const player of players) {
  player.addEventListener("play", () => {
    for (const other of players) if (other !== player) other.pause();
    mark(player.getAttribute("src"));
  });
  player.addEventListener("pause", () => mark(null));
  player.addEventListener("error", () => {
    if (player.getAttribute("src")) player.parentElement.classList.add("broken");
  });
}

function mark(source) {
  for (const point of points) point.classList.toggle("playing", point.getAttribute("href") === source);
}

function play(point) {
  const source = point.getAttribute("href");
  let player = players.find((p) => p.getAttribute("src") === source);
  if (!player || player.closest("#dock")) {
    player = dock.querySelector("audio");
    dock.hidden = false;
    dock.classList.remove("broken");
    dock.querySelector("strong").textContent = name(point);
    if (player.getAttribute("src") !== source) player.setAttribute("src", source);
  }
  if (player.paused) player.play().catch(() => player.parentElement.classList.add("broken"));
  else player.pause();
}

function settle(point) {
  for (const other of points) other.tabIndex = other === point ? 0 : -1;
}

function toward(point, dx, dy) {
  const from = where(point);
  let best = null;
  let least = Infinity;
  for (const other of points) {
    const to = where(other);
    const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
    const aside = Math.abs((to.x - from.x) * dy) + Math.abs((to.y - from.y) * dx);
    if (other !== point && along > 0 && along + 2 * aside < least) {
      least = along + 2 * aside;
      best = other;
    }
  }
  return best;
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

map.addEventListener("keydown", (event) => {
  const point = event.target.closest("a");
  if (!point) return;
  const arrow = ARROWS[event.key];
  if (arrow) {
    const next = toward(point, ...arrow);
    if (next) next.focus();
  } else if (event.key === "Enter" || event.key === " ") {
    play(point);
  } else {
    return;
  }
  event.preventDefault();
});
map.addEventListener("focusin", (event) => {
  const point = event.target.closest("a");
  settle(point);
  said.textContent = name(point);
});
map.addEventListener("focusout", () => { said.textContent = resting; });
map.addEventListener("pointerover", (event) => {
  const point = event.target.closest("a");
  if (point) said.textContent = name(point);
});

// a finger is wider than a point: the nearest one within reach plays
map.addEventListener("click", (event) => {
  event.preventDefault();
  const box = map.getBoundingClientRect();
  const scale = map.viewBox.baseVal.width / box.width;
  const x = (event.clientX - box.left) * scale;
  const y = (event.clientY - box.top) * scale;
  let best = event.target.closest("a");
  let least = 24 * scale;
  for (const point of best ? [] : points) {
    const at = where(point);
    const far = Math.hypot(at.x - x, at.y - y);
    if (far < least) [best, least] = [point, far];
  }
  if (!best) return;
  best.focus();
  said.textContent = name(best);
  play(best);
});

for (const button of document.querySelectorAll("#legend button")) {
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    for (const other of document.querySelectorAll("#legend button")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(on));
    const kept = ["query", button.dataset.group];
    for (const point of points) point.classList.toggle("dim", on && !kept.includes(point.dataset.group));
  });
}

dock.querySelector("button").addEventListener("click", () => {
  dock.querySelector("audio").pause();
  dock.hidden = true;
});

settle(points[points.length - 1]);

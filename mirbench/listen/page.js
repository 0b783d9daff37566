"use strict";
// One query at a time; queries and candidates in an order of the rater's own; all kept as it is given.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const total = data.queries.reduce((n, query) => n + query.candidates.length, 0);
let rater = "";
let order = [];
let at = 0;
let ratings = {};

function generator(text) {
  // FNV-1a for the seed, xorshift32 for the numbers
  let state = 2166136261;
  for (const character of text) state = Math.imul(state ^ character.codePointAt(0), 16777619);
  state = state || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

function shuffled(list, text) {
  const next = generator(text);
  for (let i = 0; i < 20; i++) next();
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}

const place = () => `mirbench-listen-${data.test}-${rater}`;

function keep() {
  try {
    localStorage.setItem(place(), JSON.stringify({ at, ratings }));
  } catch {
    byId("unkept").hidden = false;
  }
}

function recall() {
  try {
    const kept = JSON.parse(localStorage.getItem(place()));
    if (kept) ({ at, ratings } = kept);
  } catch {
    byId("unkept").hidden = false;
  }
}

function player(audio, sound, label) {
  audio.src = sound;
  audio.setAttribute("aria-label", label);
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
  });
  audio.addEventListener("error", () => audio.parentElement.classList.add("broken"));
}

function card(query, candidate, number) {
  const item = byId("candidate").content.firstElementChild.cloneNode(true);
  const label = `Candidate ${number}`;
  item.querySelector("legend").textContent = label;
  player(item.querySelector("audio"), candidate.sound, label);
  const choices = item.querySelector(".choices");
  data.words.forEach((word, rating) => {
    const choice = byId("choice").content.firstElementChild.cloneNode(true);
    const input = choice.querySelector("input");
    input.name = candidate.name;
    input.value = rating;
    input.checked = ratings[candidate.name] === rating;
    input.addEventListener("change", () => {
      ratings[candidate.name] = rating;
      keep();
      tell();
    });
    choice.querySelector("b").textContent = data.words.length > 2 ? rating : "";
    choice.querySelector("span").textContent = word;
    choices.append(choice);
  });
  item.addEventListener("keydown", (event) => {
    const input = item.querySelector(`input[value="${CSS.escape(event.key)}"]`);
    if (event.key.length !== 1 || !input || event.ctrlKey || event.metaKey) return;
    input.click();
    input.focus();
  });
  return item;
}

function show() {
  const query = data.queries[order[at]];
  const old = byId("query");
  const fresh = old.cloneNode(false);
  player(fresh, query.sound, "Query");
  old.parentElement.classList.remove("broken");
  old.pause();
  old.replaceWith(fresh);
  const mixed = shuffled(query.candidates, `${data.test}|${rater}|${query.name}`);
  byId("candidates").replaceChildren(...mixed.map((c, i) => card(query, c, i + 1)));
  byId("back").disabled = at === 0;
  byId("next").disabled = at === order.length - 1;
  tell();
}

function tell() {
  const done = Object.keys(ratings).length;
  const open = data.queries[order[at]].candidates.filter((c) => !(c.name in ratings)).length;
  byId("progress").value = done;
  byId("where").textContent = `Query ${at + 1} of ${order.length}`;
  byId("count").textContent = `${done} of ${total} rated`;
  byId("open").textContent = open ? `${open} to rate here` : "All rated here";
  byId("done").hidden = done < total;
  byId("save").disabled = done === 0;
  byId("save").classList.toggle("main", done === total);
}

function go(step) {
  at = Math.min(Math.max(at + step, 0), order.length - 1);
  keep();
  show();
  window.scrollTo(0, 0);
  byId("where").focus();
}

function csv() {
  const rows = [data.columns.join(",")];
  for (const query of data.queries)
    for (const candidate of query.candidates)
      if (candidate.name in ratings)
        rows.push([data.test, rater, query.name, candidate.name, ratings[candidate.name]].join(","));
  return rows.join("\n") + "\n";
}

byId("begin").addEventListener("submit", (event) => {
  event.preventDefault();
  rater = byId("rater").value.trim();
  order = shuffled(data.queries.map((_, i) => i), `${data.test}|${rater}`);
  [at, ratings] = [0, {}];
  recall();
  byId("start").hidden = true;
  byId("work").hidden = false;
  byId("who").textContent = rater;
  show();
});
byId("back").addEventListener("click", () => go(-1));
byId("next").addEventListener("click", () => go(1));
byId("leave").addEventListener("click", () => {
  for (const audio of document.querySelectorAll("audio")) audio.pause();
  byId("work").hidden = true;
  byId("start").hidden = false;
});
byId("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.download = `ratings-${data.test}-${rater}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
byId("start").hidden = false;

// Small helps for people with scripts; every page works without them.

// The visitor's zone, so that times can be told in it from the next page on, also after a journey.
const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
if (zone && !document.cookie.split("; ").includes(`xindeng-zone=${zone}`)) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `xindeng-zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

// A form goes once: a second press while the first is on its way does nothing. The key in the form
// guards the same on the server, for those whose second press is faster than this.
const buttons = (form) => [...form.elements].filter((one) => one.tagName === "BUTTON");
const free = (form) => {
  delete form.dataset.sent;
  for (const button of buttons(form)) button.removeAttribute("aria-disabled");
};
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
  });
}
// Coming back with the back button, the form may be sent again.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(free);
});

// A menu closes when one presses elsewhere or Escape.
const shut = (keep) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(keep)) menu.open = false;
};
document.addEventListener("click", (event) => shut(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  shut(null);
  open?.querySelector("summary").focus();
});

// A slider and a field that tell the same amount; without scripts there is the field alone.
for (const slider of document.querySelectorAll("input[type=range][data-for]")) {
  slider.hidden = false;
  const field = document.getElementById(slider.dataset.for);
  slider.addEventListener("input", () => {
    field.value = Number(slider.value).toLocaleString("en-US");
  });
  field.addEventListener("input", () => {
    const told = Number(field.value.replace(/[^0-9.]/g, ""));
    if (Number.isFinite(told)) slider.value = String(told);
  });
}

// The time a cost sheet is to be read: the button says how long, and opens by itself. The server
// refuses a confirmation that comes sooner, whatever a page does.
for (const button of document.querySelectorAll("button[data-read]")) {
  const said = button.textContent;
  const ready = performance.now() + Number(button.dataset.read) * 1000;
  const tick = () => {
    const left = Math.ceil((ready - performance.now()) / 1000);
    if (left <= 0) {
      button.disabled = false;
      button.textContent = said;
      return;
    }
    button.disabled = true;
    button.textContent = button.dataset.wait.replace("{n}", String(left));
    setTimeout(tick, 250);
  };
  tick();
}

// A chart is read place by place: by pointing at it, or on a slider by keyboard and touch. What is
// said are the drawing's own words, which a browser also shows without scripts.
const readable = (within) => {
  for (const chart of within.querySelectorAll("svg.chart")) {
    const places = [...chart.querySelectorAll(".read")];
    if (places.length < 2) continue;
    const said = document.createElement("p");
    said.className = "reading";
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", className: "reader", min: 0, max: places.length - 1, step: 1 });
    slider.setAttribute("aria-label", chart.dataset.title);
    const read = (at) => {
      slider.value = String(at);
      said.textContent = places[at].textContent;
      slider.setAttribute("aria-valuetext", said.textContent);
      places.forEach((one, place) => one.classList.toggle("on", place === at));
    };
    slider.addEventListener("input", () => read(Number(slider.value)));
    places.forEach((one, at) => {
      for (const kind of ["pointerenter", "pointerdown"]) one.addEventListener(kind, () => read(at));
    });
    chart.after(slider, said);
    read(places.length - 1);
  }
};
readable(document);

// Papers stay chosen in this browser while their answer is shown, so that corrections need not
// choose them again; nobody keeps them elsewhere. Without scripts the answer is a page of its own.
for (const form of document.querySelectorAll("form[data-answer]")) {
  const place = document.getElementById(form.dataset.answer);
  const tell = (...what) => {
    place.replaceChildren(...what);
    free(form);
    place.focus();
  };
  const line = (text) => {
    const said = document.createElement("p");
    said.className = "notice warning";
    said.textContent = text;
    return said;
  };
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return; // pressed twice
    event.preventDefault();
    const sent = new FormData(form);
    const size = [...sent.values()].reduce((sum, one) => sum + (one.size ?? 0), 0);
    if (size > Number(form.dataset.most)) {
      tell(line(form.dataset.large));
      return;
    }
    place.replaceChildren(line(form.dataset.wait));
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // Read as a document of its own: nothing in it is run or loaded on the way.
      tell(...(page.getElementById("told") ?? page.querySelector("main")).childNodes);
    } catch {
      tell(line(form.dataset.lost));
      return;
    }
    readable(place);
  });
}
